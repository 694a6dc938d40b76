// What tells one state of a file from another without reading it.
import type { Digest } from '../../foundation/digest.ts'
import type { FileMode } from './artifact.ts'

/**
 * What a stat tells. Times are doubles: they tell nanoseconds only to about 250, which is enough, because a stamp counts only when its
 * times lie well before it was taken, and no tool can set ctime back to them.
 */
export interface FileStat {
  readonly size: number
  readonly mode: FileMode
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly inode: number
}

export interface FileStamp extends FileStat {
  readonly digest: Digest
}

export function sameStat(a: FileStat, b: FileStat): boolean {
  return (
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.inode === b.inode &&
    a.mode === b.mode
  )
}
