// TOML 1.0 (toml.io/en/v1.0.0) → plain values. What plain values cannot tell (1.0 from 1, a date from a text) is remembered beside them.
import { TomlCursor, tomlProblem } from './toml-cursor.ts'
import {
  addKey,
  newTable,
  openTable,
  TableList,
  TomlLiteral,
  TomlTable,
  type TomlValue,
} from './toml-tables.ts'
import { readKey, readValue } from './toml-values.ts'

/** Dates come as text. @throws LockstepError `project.toml_invalid` naming line and column. */
export function readToml(text: string): Record<string, unknown> {
  const cursor = new TomlCursor(text.replace(/^\uFEFF/, ''))
  const root = newTable('header')
  let table = root
  for (;;) {
    cursor.skipBlanksAndLines()
    if (cursor.peek() === '') return plainTable(root)
    const place = cursor.at
    if (cursor.take('[')) {
      const kind = cursor.take('[') ? 'list' : 'table'
      const names = readKey(cursor)
      cursor.expect(kind === 'list' ? ']]' : ']')
      table = openTable(cursor, { root, names, kind, place })
    } else {
      const names = readKey(cursor)
      cursor.expect('=')
      cursor.skipBlanks()
      addKey(cursor, { table, names, place, value: readValue(cursor) })
    }
    cursor.skipBlanks()
    cursor.skipComment()
    if (cursor.peek() !== '' && !cursor.skipNewline())
      throw tomlProblem(cursor, 'after a value or a header the line ends')
  }
}

const written = new WeakMap<object, Map<string, string>>()

/** How a member of a table or an array (by its index) was written, where its plain value does not tell. */
export function literalIn(container: object, member: string): string | undefined {
  return written.get(container)?.get(member)
}

function plainTable({ members }: TomlTable): Record<string, unknown> {
  // Defined one by one: a key named __proto__ is a key like any other.
  const plain: Record<string, unknown> = {}
  for (const [name, value] of members)
    Object.defineProperty(plain, name, {
      ...{ value: plainOf(value, plain, name), enumerable: true },
      ...{ writable: true, configurable: true },
    })
  return plain
}

function plainOf(value: TomlValue, container: object, member: string): unknown {
  if (value instanceof TomlTable) return plainTable(value)
  if (value instanceof TableList) return value.tables.map(plainTable)
  if (Array.isArray(value)) {
    const list: unknown[] = []
    for (const [index, item] of value.entries()) list.push(plainOf(item, list, String(index)))
    return list
  }
  if (!(value instanceof TomlLiteral)) return value
  const literals = written.get(container) ?? new Map<string, string>()
  written.set(container, literals.set(member, value.text))
  return value.value
}
