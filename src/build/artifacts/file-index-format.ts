// The bytes of the index file: magic, blocks, memos, and a sha256 over all of it. Every part begins at a multiple of eight, so that
// columns are used where they lie, without copying.
import { hash as hashOf } from 'node:crypto'
import type { Digest } from '../../foundation/digest.ts'
import type { IndexContent } from './file-index.ts'
import type { FolderBlock } from './folder-block.ts'

const magic = 'LSINDEX1'
const checksumBytes = 32

/** The parts in the order of the file, without the checksum that follows them. */
export function* indexParts({ blocks, memos }: IndexContent): Generator<Uint8Array> {
  const head = Buffer.alloc(16)
  head.write(magic, 'latin1')
  head.writeUInt32LE(blocks.size, 8)
  head.writeUInt32LE(memos.size, 12)
  yield head
  for (const [folder, block] of blocks) yield* blockParts(folder, block)
  for (const [fingerprint, digest] of memos) {
    yield Buffer.from(`${fingerprint}${digest.slice(7)}`, 'hex')
  }
}

function* blockParts(folder: string, block: FolderBlock): Generator<Uint8Array> {
  const name = Buffer.from(folder)
  const head = Buffer.alloc(16)
  head.writeUInt32LE(name.length, 0)
  head.writeUInt32LE(block.nameBytes.length, 4)
  head.writeUInt32LE(block.kinds.length, 8)
  yield head
  const { stats, kinds, digests } = block
  for (const part of [name, block.nameBytes, kinds]) {
    yield part
    yield Buffer.alloc(padding(part.length))
  }
  yield new Uint8Array(stats.buffer, stats.byteOffset, stats.byteLength)
  yield digests
}

/**
 * Reads what `indexParts` and a checksum made; undefined for anything else, whatever its bytes. The array must begin at a multiple of
 * eight of its buffer.
 */
export function readIndex(bytes: Uint8Array): IndexContent | undefined {
  const end = bytes.length - checksumBytes
  if (end < 16 || bytes.byteOffset % 8 !== 0) return undefined
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (whole.toString('latin1', 0, magic.length) !== magic) return undefined
  if (!hashOf('sha256', whole.subarray(0, end), 'buffer').equals(whole.subarray(end))) {
    return undefined
  }
  return readParts(whole.subarray(0, end))
}

/** The checksum held, so a file that does not fit is the work of another program: it is still only passed over. */
function readParts(whole: Buffer): IndexContent | undefined {
  const reader = partReader(whole, 16)
  const blocks = new Map<string, FolderBlock>()
  for (let left = whole.readUInt32LE(8); left > 0; left--) {
    const head = reader.take(16)
    if (head === undefined) return undefined
    const count = head.readUInt32LE(8)
    const folder = reader.take(head.readUInt32LE(0))
    const nameBytes = reader.take(head.readUInt32LE(4))
    const kinds = reader.take(count)
    const stats = reader.take(count * 32)
    const digests = reader.take(count * 32)
    if (!folder || !nameBytes || !kinds || !stats || !digests) return undefined
    blocks.set(folder.toString('utf8'), {
      ...{ nameBytes, kinds, digests },
      stats: new Float64Array(stats.buffer, stats.byteOffset, count * 4),
    })
  }
  const memos = new Map<string, Digest>()
  for (let left = whole.readUInt32LE(12); left > 0; left--) {
    const memo = reader.take(64)
    if (memo === undefined) return undefined
    memos.set(memo.toString('hex', 0, 32), `sha256:${memo.toString('hex', 32)}`)
  }
  return { blocks, memos }
}

function partReader(whole: Buffer, from: number) {
  let at = from
  return {
    take(length: number): Buffer | undefined {
      if (at + length > whole.length) return undefined
      const part = whole.subarray(at, at + length)
      at += length + padding(length)
      return part
    },
  }
}

function padding(length: number): number {
  return (8 - (length % 8)) % 8
}
