// Knowing a file's digest without reading it: the rule that says when a remembered digest may be trusted.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { FileMode } from './artifact.ts'

/** What one stat tells. Nanoseconds and inode as decimal text: they do not fit a JavaScript number. */
export interface FileStat {
  readonly size: number
  readonly mode: FileMode
  readonly mtimeNs: string
  readonly ctimeNs: string
  readonly inode: string
}

export interface FileStamp extends FileStat {
  readonly digest: Digest
  /** When the stat was taken, before the bytes were read. */
  readonly recordedAt: Instant
}

/** Remembers stamps between runs; paths are relative to the project folder. */
export interface FileIndexPort {
  load(paths: readonly string[]): Promise<ReadonlyMap<string, FileStamp>>
  save(entries: ReadonlyMap<string, FileStamp>): Promise<void>
}

/**
 * Some file systems stamp times in steps of up to two seconds (FAT), and kernels in ticks of some milliseconds:
 * within such a step a file can change twice under one timestamp. Git calls these entries racily clean and does not
 * trust them (Documentation/technical/racy-git.txt); neither do we.
 */
export const timestampStepMs = 2000

/** True when the file is surely the one that was digested: same stat, and last touched well before it was recorded. */
export function isTrusted(stamp: FileStamp, seen: FileStat): boolean {
  return sameStat(stamp, seen) && !isRacy(stamp)
}

export function sameStat(a: FileStat, b: FileStat): boolean {
  return (
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.inode === b.inode &&
    a.mode === b.mode
  )
}

/** ctime counts as well: a tool may set mtime back, no tool sets ctime. */
export function isRacy(stamp: FileStamp): boolean {
  const limit = stamp.recordedAt - timestampStepMs
  return millisecondsOf(stamp.mtimeNs) >= limit || millisecondsOf(stamp.ctimeNs) >= limit
}

/** Forgets everything with the process: for tests and one-off digests. */
export function memoryFileIndex(): FileIndexPort {
  const stamps = new Map<string, FileStamp>()
  return {
    load: async (paths) => {
      const known = new Map<string, FileStamp>()
      for (const path of paths) {
        const stamp = stamps.get(path)
        if (stamp !== undefined) known.set(path, stamp)
      }
      return known
    },
    save: async (entries) => {
      for (const [path, stamp] of entries) stamps.set(path, stamp)
    },
  }
}

function millisecondsOf(nanoseconds: string): number {
  return Number(nanoseconds) / 1e6
}
