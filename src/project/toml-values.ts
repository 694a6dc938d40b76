// The values of TOML 1.0: strings, numbers, truth values, dates, arrays and inline tables, read at a place of a text.
import { type TomlCursor, tomlProblem } from './toml-cursor.ts'
import { addKey, newTable, TomlLiteral, type TomlTable, type TomlValue } from './toml-tables.ts'

const escapes: Readonly<Record<string, string>> = {
  ...{ b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' },
}

export function readValue(cursor: TomlCursor): TomlValue {
  const sign = cursor.peek()
  if (sign === '"' || sign === "'") return readString(cursor)
  if (sign === '[') return readArray(cursor)
  if (sign === '{') return readInlineTable(cursor)
  return readBare(cursor)
}

/** One-line or, between three quotation marks, of many lines. */
export function readString(cursor: TomlCursor): string {
  const quote = cursor.peek()
  if (cursor.startsWith(quote.repeat(3))) return readLongString(cursor, quote)
  const start = cursor.at
  cursor.skip(1)
  let text = ''
  for (;;) {
    const sign = cursor.peek()
    if (sign === '' || sign === '\n' || sign === '\r')
      throw tomlProblem(cursor, 'a text is never closed', start)
    cursor.refuseControl()
    cursor.skip(1)
    if (sign === quote) return text
    text += sign === '\\' && quote === '"' ? readEscape(cursor) : sign
  }
}

function readLongString(cursor: TomlCursor, quote: string): string {
  const start = cursor.at
  cursor.skip(3)
  cursor.skipNewline()
  let text = ''
  for (;;) {
    const sign = cursor.peek()
    if (sign === '') throw tomlProblem(cursor, 'a text is never closed', start)
    if (cursor.startsWith(quote.repeat(3))) {
      // Up to two quotation marks may stand before the closing three.
      let marks = 3
      while (marks < 5 && cursor.peek(marks) === quote) marks++
      cursor.skip(marks)
      return text + quote.repeat(marks - 3)
    }
    if (cursor.skipNewline()) {
      text += '\n'
      continue
    }
    cursor.refuseControl()
    cursor.skip(1)
    if (sign !== '\\' || quote === "'") text += sign
    else if (!cursor.skipLineEnding()) text += readEscape(cursor)
  }
}

function readEscape(cursor: TomlCursor): string {
  const sign = cursor.peek()
  const plain = Object.hasOwn(escapes, sign) ? escapes[sign] : undefined
  if (plain !== undefined) {
    cursor.skip(1)
    return plain
  }
  const length = sign === 'u' ? 4 : sign === 'U' ? 8 : 0
  const digits = cursor.slice(1, 1 + length)
  const code = Number.parseInt(digits, 16)
  const isScalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  if (length === 0 || digits.length < length || !/^[0-9A-Fa-f]+$/.test(digits) || !isScalar)
    throw tomlProblem(cursor, `\\${sign}${digits} is no escape of TOML`, cursor.at - 1)
  cursor.skip(1 + length)
  return String.fromCodePoint(code)
}

export function readKey(cursor: TomlCursor): string[] {
  const names: string[] = []
  do {
    cursor.skipBlanks()
    const sign = cursor.peek()
    if (cursor.startsWith('"""') || cursor.startsWith("'''"))
      throw tomlProblem(cursor, 'a key stands on one line')
    const name =
      sign === '"' || sign === "'" ? readString(cursor) : cursor.takeWhile(/[A-Za-z0-9_-]/)
    if (name === '' && sign !== '"' && sign !== "'") throw tomlProblem(cursor, 'a key is missing')
    names.push(name)
    cursor.skipBlanks()
  } while (cursor.take('.'))
  return names
}

function readArray(cursor: TomlCursor): TomlValue {
  const start = cursor.at
  cursor.skip(1)
  const items: TomlValue[] = []
  for (;;) {
    cursor.skipBlanksAndLines()
    if (cursor.take(']')) return items
    if (cursor.peek() === '') throw tomlProblem(cursor, 'an array is never closed', start)
    items.push(readValue(cursor))
    cursor.skipBlanksAndLines()
    if (cursor.take(',')) continue
    if (cursor.take(']')) return items
    throw tomlProblem(cursor, 'between items of an array stands a comma')
  }
}

function readInlineTable(cursor: TomlCursor): TomlTable {
  const table = newTable('inline')
  cursor.skip(1)
  cursor.skipBlanks()
  if (cursor.take('}')) return table
  for (;;) {
    cursor.skipBlanks()
    const place = cursor.at
    const names = readKey(cursor)
    cursor.expect('=')
    cursor.skipBlanks()
    addKey(cursor, { table, names, place, value: readValue(cursor) })
    cursor.skipBlanks()
    if (cursor.take('}')) return table
    if (!cursor.take(','))
      throw tomlProblem(cursor, 'an inline table is one line, its keys with commas between')
  }
}

const date = /^\d{4}-\d{2}-\d{2}$/
const time = /^([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?$/
const dateTime =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)?$/
const digits = '[0-9](?:_?[0-9])*'
const integer = /^[+-]?(0|[1-9](?:_?[0-9])*)$/
const based = /^0(x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/
const float = new RegExp(`^[+-]?(0|[1-9](?:_?[0-9])*)(\\.${digits})?([eE][+-]?${digits})?$`)

function readBare(cursor: TomlCursor): TomlValue {
  const start = cursor.at
  let word = cursor.takeWhile(/[A-Za-z0-9_+.:-]/)
  // A blank may stand between date and time.
  if (date.test(word) && /^ \d{2}:/.test(cursor.slice(0, 4))) {
    cursor.skip(1)
    word = `${word} ${cursor.takeWhile(/[0-9A-Za-z.:+-]/)}`
  }
  if (word === 'true' || word === 'false') return word === 'true'
  if (integer.test(word) || based.test(word)) return wholeNumber(cursor, word, start)
  if (float.test(word)) {
    const value = Number(word.replaceAll('_', ''))
    if (!Number.isFinite(value))
      throw tomlProblem(cursor, `${word} is beyond what a number can hold`, start)
    return Number.isInteger(value) ? new TomlLiteral(word, value) : value
  }
  if (/^[+-]?(inf|nan)$/.test(word))
    return word.endsWith('nan') ? Number.NaN : word.startsWith('-') ? -Infinity : Infinity
  if (isDate(word)) return new TomlLiteral(word, word)
  throw tomlProblem(
    cursor,
    word === ''
      ? 'a value is missing'
      : `${word} is no value of TOML; a text stands between quotation marks`,
    start,
  )
}

/** TOML asks for an error where an integer cannot be held exactly. */
function wholeNumber(cursor: TomlCursor, word: string, start: number): number {
  const plain = word.replaceAll('_', '')
  const value = Number(plain)
  if (Number.isSafeInteger(value)) return value + 0
  throw tomlProblem(
    cursor,
    `${word} is larger than ${Number.MAX_SAFE_INTEGER}, the largest integer that is held exactly; write it as text`,
    start,
  )
}

function isDate(word: string): boolean {
  if (time.test(word)) return true
  const parts = dateTime.exec(word)
  const day = parts?.[1] ?? (date.test(word) ? word : undefined)
  if (day === undefined || (parts !== null && !time.test(parts[2] ?? ''))) return false
  const [year = 0, month = 0, dayOfMonth = 0] = day.split('-').map(Number)
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return dayOfMonth >= 1 && dayOfMonth <= days
}
