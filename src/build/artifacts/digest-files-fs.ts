// The digest of one file, by the way that is fastest for its size, and of a file that holds still while it is read.
import { hash as hashOf, webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { LockstepError } from '../../foundation/errors.ts'
import { digestLargeFile } from './digest-large-fs.ts'
import { fileUnreadable } from './file-errors.ts'
import { type FileStat, sameStat } from './file-stat.ts'
import { statFile } from './stat-file-fs.ts'

/** A file that changes while it is read has no digest: it is read again, twice at most. */
export async function digestStill(
  root: string,
  path: string,
  first: FileStat,
): Promise<{ readonly stat: FileStat; readonly digest: Uint8Array }> {
  let before = first
  for (let round = 0; round < 3; round++) {
    const digest = await digestBySize(`${root}/${path}`, before.size)
    const after = statFile(root, path)
    if (sameStat(before, after)) return { stat: after, digest }
    before = after
  }
  throw new LockstepError({
    code: 'build.file_changing',
    kind: 'conflict',
    message: `${path} kept changing while it was read three times; its digest would be of no use`,
    hint: 'Wait until whatever writes it has finished, then run again.',
    details: { path },
  })
}

const small = 128 * 1024
const medium = 16 * 1024 * 1024

/** Small files: reading them costs less than handing them over. Medium: hashed on libuv's threads. Large: on threads of their own. */
export async function digestBySize(path: string, size: number): Promise<Uint8Array> {
  try {
    if (size <= small) return hashOf('sha256', readFileSync(path), 'buffer')
    if (size > medium) return Buffer.from((await digestLargeFile(path)).slice(7), 'hex')
    return new Uint8Array(await webcrypto.subtle.digest('SHA-256', await readFile(path)))
  } catch (error) {
    throw fileUnreadable(error, path)
  }
}
