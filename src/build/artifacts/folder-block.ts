// The entries of one folder in columns: a million files fit into memory, and an unchanged folder is compared without making an object per file.
import type { Digest } from '../../foundation/digest.ts'
import type { FileStamp, FileStat } from './file-stat.ts'

export interface FolderBlock {
  /** The names joined by NUL, in the folder's own order. */
  readonly nameBytes: Uint8Array
  /** What each entry is: see `entryKind`. */
  readonly kinds: Uint8Array
  /** Four per entry: size, mtimeMs, ctimeMs, inode. */
  readonly stats: Float64Array
  /** Thirty-two bytes per entry. */
  readonly digests: Uint8Array
}

/** A link to a file counts as the file it points to. */
export const entryKind = { plain: 0, executable: 1, folder: 2 } as const

export function emptyBlock(names: readonly string[]): FolderBlock {
  const count = names.length
  return {
    nameBytes: Buffer.from(names.join('\0')),
    kinds: new Uint8Array(count),
    stats: new Float64Array(count * 4),
    digests: new Uint8Array(count * 32),
  }
}

export function copyOfBlock({ nameBytes, kinds, stats, digests }: FolderBlock): FolderBlock {
  return { nameBytes, kinds: kinds.slice(), stats: stats.slice(), digests: digests.slice() }
}

export function namesOf(block: FolderBlock): string[] {
  if (block.kinds.length === 0) return []
  return Buffer.from(block.nameBytes.buffer, block.nameBytes.byteOffset, block.nameBytes.byteLength)
    .toString('utf8')
    .split('\0')
}

export function hasStat(block: FolderBlock, at: number, stat: FileStat): boolean {
  const { kinds, stats } = block
  const first = at * 4
  return (
    kinds[at] === (stat.mode === '0755' ? entryKind.executable : entryKind.plain) &&
    stats[first] === stat.size &&
    stats[first + 1] === stat.mtimeMs &&
    stats[first + 2] === stat.ctimeMs &&
    stats[first + 3] === stat.inode
  )
}

export function setStat(block: FolderBlock, at: number, stat: FileStat): void {
  block.kinds[at] = stat.mode === '0755' ? entryKind.executable : entryKind.plain
  block.stats.set([stat.size, stat.mtimeMs, stat.ctimeMs, stat.inode], at * 4)
}

export function setFolder(block: FolderBlock, at: number): void {
  block.kinds[at] = entryKind.folder
}

export function stampAt(block: FolderBlock, at: number): FileStamp {
  const [size = 0, mtimeMs = 0, ctimeMs = 0, inode = 0] = block.stats.subarray(at * 4, at * 4 + 4)
  const mode = block.kinds[at] === entryKind.executable ? '0755' : '0644'
  return { size, mode, mtimeMs, ctimeMs, inode, digest: digestAt(block, at) }
}

export function digestAt({ digests }: FolderBlock, at: number): Digest {
  const hex = Buffer.from(digests.buffer, digests.byteOffset + at * 32, 32).toString('hex')
  return `sha256:${hex}`
}

/** The block with every entry that does not satisfy `settled` made unlike any stat there can be. */
export function withoutUnsettled(
  block: FolderBlock,
  settled: (stat: Pick<FileStat, 'mtimeMs' | 'ctimeMs'>) => boolean,
): FolderBlock {
  let kept = block
  for (let at = 0; at < block.kinds.length; at++) {
    if (block.kinds[at] === entryKind.folder) continue
    const [mtimeMs = 0, ctimeMs = 0] = block.stats.subarray(at * 4 + 1, at * 4 + 3)
    if (settled({ mtimeMs, ctimeMs })) continue
    if (kept === block) kept = copyOfBlock(block)
    kept.stats[at * 4 + 1] = Number.NaN
  }
  return kept
}
