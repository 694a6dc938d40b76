// The tables of a TOML text while it is read, and the rules of who may add to which (TOML 1.0, "Keys", "Table", "Array of Tables").
import { type TomlCursor, tomlProblem } from './toml-cursor.ts'

/** A number whose form a plain number would lose (1.0), or a date, keeps its text. */
export class TomlLiteral {
  readonly text: string
  readonly value: number | string

  constructor(text: string, value: number | string) {
    this.text = text
    this.value = value
  }
}

export type TomlValue =
  | string
  | number
  | boolean
  | TomlLiteral
  | TomlTable
  | TomlValue[]
  | TableList

/** implied: above a header. header: has its own. dotted: made by a dotted key. inline: closed as soon as it is written. */
type MadeBy = 'implied' | 'header' | 'dotted' | 'inline'

export class TomlTable {
  madeBy: MadeBy
  readonly members = new Map<string, TomlValue>()

  constructor(madeBy: MadeBy) {
    this.madeBy = madeBy
  }
}

/** Made by [[headers]]; an array written as a value is plain and takes no more. */
export class TableList {
  readonly tables: TomlTable[] = []
}

export function newTable(madeBy: MadeBy): TomlTable {
  return new TomlTable(madeBy)
}

/** `a.b = 1` makes or extends the table a, unless that was made otherwise. */
export function addKey(
  cursor: TomlCursor,
  {
    table,
    names,
    place,
    value,
  }: {
    readonly table: TomlTable
    readonly names: readonly string[]
    readonly place: number
    readonly value: TomlValue
  },
): void {
  let inside = table
  for (const name of names.slice(0, -1)) {
    const known = inside.members.get(name)
    if (known === undefined) {
      const made = newTable('dotted')
      inside.members.set(name, made)
      inside = made
    } else if (known instanceof TomlTable && known.madeBy === 'dotted') inside = known
    else throw tomlProblem(cursor, `${shown(names)}: ${name} has its value already`, place)
  }
  const last = names.at(-1) ?? ''
  if (inside.members.has(last)) throw tomlProblem(cursor, `${shown(names)} is given twice`, place)
  inside.members.set(last, value)
}

/** The table that a header opens. */
export function openTable(
  cursor: TomlCursor,
  header: {
    readonly root: TomlTable
    readonly names: readonly string[]
    readonly kind: 'table' | 'list'
    readonly place: number
  },
): TomlTable {
  const { root, names, kind, place } = header
  let inside = root
  for (const name of names.slice(0, -1)) {
    const known = inside.members.get(name)
    if (known === undefined) {
      const made = newTable('implied')
      inside.members.set(name, made)
      inside = made
    } else if (known instanceof TomlTable && known.madeBy !== 'inline') inside = known
    else if (known instanceof TableList) inside = known.tables.at(-1) ?? inside
    else throw tomlProblem(cursor, `[${shown(names)}]: ${name} has its value already`, place)
  }
  const last = names.at(-1) ?? ''
  const known = inside.members.get(last)
  if (kind === 'list') {
    if (known !== undefined && !(known instanceof TableList))
      throw tomlProblem(cursor, `[[${shown(names)}]]: ${last} has its value already`, place)
    const list = known ?? new TableList()
    inside.members.set(last, list)
    const table = newTable('header')
    list.tables.push(table)
    return table
  }
  if (known instanceof TomlTable && known.madeBy === 'implied') {
    known.madeBy = 'header'
    return known
  }
  if (known !== undefined) throw tomlProblem(cursor, `[${shown(names)}] is given twice`, place)
  const table = newTable('header')
  inside.members.set(last, table)
  return table
}

function shown(names: readonly string[]): string {
  return names.map((name) => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))).join('.')
}
