// UUIDs for formats that insist on them: the same name gives the same UUID, everywhere and for ever (RFC 9562, version 5).
import { createHash } from 'node:crypto'

/** The namespace for URLs of RFC 9562, appendix. */
const namespace = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex')

export function namedUuid(name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return [0, 8, 12, 16, 20]
    .map((start, part) => hex.slice(start, [8, 12, 16, 20, 32][part]))
    .join('-')
}
