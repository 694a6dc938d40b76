// JSON and Universal Binary JSON as boosters write them: data that nothing runs, once it is sure to be nothing else.
import { ByteCursor, type ByteSource, UnreadableContent } from './byte-source.ts'
import { type Scan, step } from './scan.ts'

const deepest = 2000

/** Lexical check of any size: strings closed, brackets matched, nothing after the end. Throws UnreadableContent. */
export function scanJson(scan: Scan, source: ByteSource): void {
  const cursor = new ByteCursor(source)
  const open: number[] = []
  let hasEnded = false
  while (cursor.left > 0) {
    const at = cursor.at
    if (at % 256 === 0) step(scan, at)
    const byte = cursor.u8()
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue
    if (hasEnded) throw new UnreadableContent('something follows the end of the JSON', at)
    if (byte === 0x22) skipString(cursor)
    else if (byte === 0x7b || byte === 0x5b) open.push(byte)
    else if (byte === 0x7d || byte === 0x5d) {
      if (open.pop() !== byte - 2)
        throw new UnreadableContent('brackets of the JSON do not match', at)
    } else if (!isPlain(byte)) throw new UnreadableContent('no JSON', at)
    if (open.length > deepest) throw new UnreadableContent('the JSON lies too deep', at)
    hasEnded = open.length === 0 && (byte === 0x7d || byte === 0x5d)
  }
  if (!hasEnded) throw new UnreadableContent('the JSON ends in the middle', source.size)
}

/** Digits, letters of true, null, NaN and Infinity, signs, commas and colons. */
function isPlain(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x3a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2c ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  )
}

function skipString(cursor: ByteCursor): void {
  for (;;) {
    const byte = cursor.u8()
    if (byte === 0x22) return
    if (byte === 0x5c) cursor.u8()
    else if (byte < 0x20)
      throw new UnreadableContent('a control character in a string', cursor.at - 1)
  }
}

const sizes: Readonly<Record<string, number>> = {
  Z: 0,
  N: 0,
  T: 0,
  F: 0,
  i: 1,
  U: 1,
  I: 2,
  l: 4,
  L: 8,
  d: 4,
  D: 8,
  C: 1,
}

/** https://ubjson.org with typed arrays, as XGBoost writes it. */
export function scanUbj(scan: Scan, source: ByteSource): void {
  const cursor = new ByteCursor(source)
  ubjValue(scan, cursor, { type: letter(cursor), depth: 0 })
  if (cursor.left > 0)
    throw new UnreadableContent('something follows the end of the UBJSON', cursor.at)
}

function letter(cursor: ByteCursor): string {
  return String.fromCharCode(cursor.u8())
}

function ubjLength(cursor: ByteCursor): number {
  const type = letter(cursor)
  const size = sizes[type]
  if (size === undefined || !'iUIlL'.includes(type))
    throw new UnreadableContent('no UBJSON length', cursor.at)
  let value = 0
  for (let index = 0; index < size; index++) value = value * 256 + cursor.u8()
  if (value > cursor.source.size)
    throw new UnreadableContent('a UBJSON length beyond the end', cursor.at)
  return value
}

function ubjValue(
  scan: Scan,
  cursor: ByteCursor,
  { type, depth }: { type: string; depth: number },
): void {
  step(scan, cursor.at)
  if (depth > 500) throw new UnreadableContent('the UBJSON lies too deep', cursor.at)
  const size = sizes[type]
  if (size !== undefined) cursor.skip(size)
  else if (type === 'S' || type === 'H') cursor.skip(ubjLength(cursor))
  else if (type !== '{' && type !== '[') throw new UnreadableContent('no UBJSON', cursor.at)
  else ubjContainer(scan, cursor, { isObject: type === '{', depth })
}

function ubjContainer(
  scan: Scan,
  cursor: ByteCursor,
  { isObject, depth }: { isObject: boolean; depth: number },
): void {
  let shared: string | undefined
  let count: number | undefined
  let next = letter(cursor)
  if (next === '$') {
    shared = letter(cursor)
    next = letter(cursor)
  }
  if (next === '#') {
    count = ubjLength(cursor)
    const size = shared === undefined ? undefined : sizes[shared]
    if (!isObject && size !== undefined) {
      cursor.skip(size * count)
      return
    }
  } else cursor.at--
  const end = isObject ? '}' : ']'
  for (let index = 0; count === undefined || index < count; index++) {
    step(scan, cursor.at)
    if (count === undefined) {
      if (letter(cursor) === end) return
      cursor.at--
    }
    if (isObject) cursor.skip(ubjLength(cursor))
    ubjValue(scan, cursor, { type: shared ?? letter(cursor), depth: depth + 1 })
  }
}
