// What zip and tar archives hold, by name and content, without times and attributes. Formats: PKWARE APPNOTE 6.3.10 (central
// directory), POSIX.1-1988 ustar. Only the listing is read; nothing is unpacked.
import { digestOf } from '../../foundation/digest.ts'
import { type Refusal, refuse } from '../../foundation/refusal.ts'

export interface ArchiveEntry {
  readonly name: string
  /** Equal for equal bytes. */
  readonly content: string
}

const mostEntries = 200_000

export const isZip = (bytes: Buffer) => bytes.length > 21 && bytes.readUInt32LE(0) === 0x04034b50
export const isTar = (bytes: Buffer) =>
  bytes.length >= 512 && bytes.toString('latin1', 257, 262) === 'ustar'

/** By CRC-32 and length, as the central directory has them. */
export function readZip(bytes: Buffer): readonly ArchiveEntry[] | Refusal {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > bytes.length) return refuse('archive.zip', 'it has no end record')
  const count = bytes.readUInt16LE(end + 10)
  let at = bytes.readUInt32LE(end + 16)
  const entries: ArchiveEntry[] = []
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) {
      return refuse('archive.zip', 'its directory is cut short')
    }
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) =>
      bytes.readUInt16LE(at + offset),
    )
    const name = bytes.toString('utf8', at + 46, at + 46 + (nameLength ?? 0))
    entries.push({ name, content: `${bytes.readUInt32LE(at + 16)} ${bytes.readUInt32LE(at + 24)}` })
    at += 46 + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0)
  }
  return entries
}

export function readTar(bytes: Buffer): readonly ArchiveEntry[] | Refusal {
  const entries: ArchiveEntry[] = []
  let at = 0
  while (at + 512 <= bytes.length && bytes[at] !== 0 && entries.length < mostEntries) {
    const field = (from: number, length: number) =>
      bytes.toString('utf8', at + from, at + from + length).replace(/\0[\s\S]*$/, '')
    const size = Number.parseInt(field(124, 12).trim() || '0', 8)
    if (!Number.isSafeInteger(size) || size < 0 || at + 512 + size > bytes.length) {
      return refuse('archive.tar', 'it is cut short')
    }
    const kind = field(156, 1)
    // Extended headers (x, g) hold times; long names of GNU (L) repeat what follows.
    if (kind !== 'x' && kind !== 'g' && kind !== 'L') {
      const prefix = field(345, 155)
      entries.push({
        name: `${prefix === '' ? '' : `${prefix}/`}${field(0, 100)}`,
        content: `${kind} ${field(157, 100)} ${digestOf(bytes.subarray(at + 512, at + 512 + size))}`,
      })
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
  return entries
}
