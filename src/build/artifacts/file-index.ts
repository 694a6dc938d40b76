// The memory of which digest a file had when it was last looked at, so that unchanged files are never read again.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { FileStat } from './file-stat.ts'
import type { FolderBlock } from './folder-block.ts'
import { withoutUnsettled } from './folder-block.ts'

export interface IndexContent {
  /** By folder, relative to the project; `looseFiles` for files that were declared one by one. */
  readonly blocks: ReadonlyMap<string, FolderBlock>
  /** What was computed from many digests: fingerprint of what went in (hex) → the digest that came out. */
  readonly memos: ReadonlyMap<string, Digest>
}

export interface IndexChange extends IndexContent {
  /** When the observation began: what was touched shortly before is not remembered. */
  readonly observedAt: Instant
  /** Folders that are no more; all beneath them goes too. */
  readonly gone: readonly string[]
}

/** Only a cache: whatever is lost of it is made again by reading files. Several processes may use one. */
export interface FileIndexPort {
  load(): Promise<IndexContent>
  save(change: IndexChange): Promise<void>
}

/** No folder can have this name. */
export const looseFiles = '/'

/** Memos that nothing asked for lately make room for new ones. */
const memosKept = 512

/**
 * Within one step of the file system's timestamps a file can change twice under one of them. Git calls such entries
 * racily clean and does not trust them (Documentation/technical/racy-git.txt); neither do we. FAT steps by two seconds, ext3 by one;
 * where a time shows parts of a millisecond the step is the kernel's tick, ten milliseconds at most.
 */
export const coarseStepMs = 2000
export const fineStepMs = 50

/** True when no later change can hide behind this stat, which was taken at `observedAt` or after. ctime counts too: tools set mtime back. */
export function isSettled(
  { mtimeMs, ctimeMs }: Pick<FileStat, 'mtimeMs' | 'ctimeMs'>,
  observedAt: Instant,
): boolean {
  const fine = !Number.isInteger(ctimeMs)
  const limit = observedAt - (fine ? fineStepMs : coarseStepMs)
  return mtimeMs < limit && ctimeMs < limit
}

/** What the index holds after a change. */
export function changedIndex(before: IndexContent, change: IndexChange): IndexContent {
  const blocks = new Map(before.blocks)
  for (const folder of change.gone) {
    for (const known of blocks.keys()) {
      if (known === folder || known.startsWith(`${folder}/`)) blocks.delete(known)
    }
  }
  for (const [folder, block] of change.blocks) {
    blocks.set(
      folder,
      withoutUnsettled(block, (stat) => isSettled(stat, change.observedAt)),
    )
  }
  const memos = new Map(before.memos)
  for (const [fingerprint, digest] of change.memos) {
    memos.delete(fingerprint)
    memos.set(fingerprint, digest)
  }
  const tooMany = Math.max(0, memos.size - memosKept)
  for (const fingerprint of [...memos.keys()].slice(0, tooMany)) memos.delete(fingerprint)
  return { blocks, memos }
}

/** Forgets everything with the process: for tests and one-off digests. */
export function memoryFileIndex(): FileIndexPort {
  let content: IndexContent = { blocks: new Map(), memos: new Map() }
  return {
    load: async () => content,
    save: async (change) => {
      content = changedIndex(content, change)
    },
  }
}
