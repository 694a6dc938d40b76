// The list of what a zip file holds, read twice: from its central directory and from the header before each member. Loaders
// disagree on which to believe, and what only one of them sees is how models are smuggled past scanners.
// Format: APPNOTE.TXT 6.3 of PKWARE, sections 4.3 and 4.5.
import { ByteCursor, type ByteSource, latin1, UnreadableContent, utf8 } from './byte-source.ts'

export interface ZipMember {
  readonly name: string
  readonly method: number
  readonly flags: number
  readonly packed: number
  readonly size: number
  /** Where the local header stands, and the packed bytes. */
  readonly headerAt: number
  readonly contentAt: number
  readonly isLink: boolean
  /** What the two headers say differently, in words; empty when they agree. */
  readonly differences: readonly string[]
}

export interface ZipDirectory {
  readonly members: readonly ZipMember[]
  readonly directoryAt: number
  /** More than one end record fits: loaders may choose another one. */
  readonly isAmbiguous: boolean
}

const endMark = 0x06054b50
const centralMark = 0x02014b50
const localMark = 0x04034b50
const longestTail = 22 + 65_535

/** Throws UnreadableContent. `countMember` is asked before each; false ends the list. */
export function readZip(source: ByteSource, countMember: () => boolean): ZipDirectory {
  const ends = endsOf(source)
  const end = ends.at(-1)
  if (end === undefined)
    throw new UnreadableContent('the zip has no end record: it is cut short', 0)
  const { count, directoryAt } = directoryOf(source, end)
  const cursor = new ByteCursor(source, directoryAt)
  const members: ZipMember[] = []
  for (let index = 0; index < count; index++) {
    if (!countMember()) break
    members.push(withLocal(source, readCentral(cursor)))
  }
  return { members, directoryAt, isAmbiguous: ends.length > 1 }
}

function endsOf(source: ByteSource): number[] {
  const from = Math.max(0, source.size - longestTail)
  const tail = source.read(from, longestTail)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  const ends: number[] = []
  for (let at = 0; at + 22 <= tail.length; at++) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== endMark) continue
    if (at + 22 + view.getUint16(at + 20, true) === tail.length) ends.push(from + at)
  }
  return ends
}

function directoryOf(source: ByteSource, end: number): { count: number; directoryAt: number } {
  const cursor = new ByteCursor(source, end + 10)
  const count = cursor.uint(2)
  cursor.skip(4)
  const directoryAt = cursor.uint(4)
  if (count !== 0xffff && directoryAt !== 0xffffffff) return { count, directoryAt }
  const locator = new ByteCursor(source, end - 20)
  if (end < 20 || locator.uint(4) !== 0x07064b50) return { count, directoryAt }
  locator.skip(4)
  const end64 = new ByteCursor(source, locator.uint(8))
  if (end64.uint(4) !== 0x06064b50)
    throw new UnreadableContent('the zip64 end record is not where it should be', end)
  end64.skip(28)
  const count64 = end64.uint(8)
  end64.skip(8)
  return { count: count64, directoryAt: end64.uint(8) }
}

type Central = Omit<ZipMember, 'contentAt' | 'differences'>

function readCentral(cursor: ByteCursor): Central {
  const at = cursor.at
  if (cursor.uint(4) !== centralMark) throw new UnreadableContent('the zip directory is broken', at)
  const madeBy = cursor.uint(2)
  cursor.skip(2)
  const flags = cursor.uint(2)
  const method = cursor.uint(2)
  cursor.skip(8)
  const packed = cursor.uint(4)
  const size = cursor.uint(4)
  const nameLength = cursor.uint(2)
  const extraLength = cursor.uint(2)
  const commentLength = cursor.uint(2)
  cursor.skip(4)
  const mode = Math.floor(cursor.uint(4) / 0x10000)
  const headerAt = cursor.uint(4)
  const name = nameOf(cursor.bytes(nameLength), flags)
  const wide = zip64Of(cursor.bytes(extraLength), [size, packed, headerAt])
  cursor.skip(commentLength)
  return {
    name,
    method,
    flags,
    size: wide[0],
    packed: wide[1],
    headerAt: wide[2],
    isLink: madeBy >> 8 === 3 && (mode & 0xf000) === 0xa000,
  }
}

/** Sizes of 0xffffffff stand in the zip64 extra field, in this order. */
function zip64Of(extra: Uint8Array, values: [number, number, number]): [number, number, number] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue
    let next = at + 4
    const read = (value: number) => {
      if (value !== 0xffffffff || next + 8 > extra.length) return value
      next += 8
      return Number(view.getBigUint64(next - 8, true))
    }
    return [read(values[0]), read(values[1]), read(values[2])]
  }
  return values
}

function nameOf(bytes: Uint8Array, flags: number): string {
  return flags & 0x800 ? utf8(bytes) : latin1(bytes)
}

function withLocal(source: ByteSource, central: Central): ZipMember {
  const cursor = new ByteCursor(source, central.headerAt)
  if (central.headerAt + 30 > source.size || cursor.uint(4) !== localMark) {
    const differences = ['there is no header where the directory says']
    return { ...central, contentAt: source.size, differences }
  }
  cursor.skip(2)
  const flags = cursor.uint(2)
  const method = cursor.uint(2)
  cursor.skip(8)
  const packed = cursor.uint(4)
  const size = cursor.uint(4)
  const nameLength = cursor.uint(2)
  const extraLength = cursor.uint(2)
  const name = nameOf(cursor.bytes(nameLength), flags)
  const wide = zip64Of(cursor.bytes(extraLength), [size, packed, 0])
  const differences: string[] = []
  const compare = (what: string, here: number | string, there: number | string) => {
    if (here !== there) differences.push(`${what} ${there} in the directory, ${here} at the member`)
  }
  compare('name', name, central.name)
  compare('method', method, central.method)
  compare('encryption', flags & 1, central.flags & 1)
  // With bit 3 the sizes follow the content, and zeros stand here.
  if ((flags & 8) === 0) {
    compare('size', wide[0], central.size)
    compare('packed size', wide[1], central.packed)
  }
  return { ...central, contentAt: cursor.at, differences }
}
