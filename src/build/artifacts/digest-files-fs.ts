// Digests of many files: one stat for a known one, one read for a new one.
import { createHash, webcrypto } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { lstatSync, readFileSync } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { digestOfFile } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { fileUnreadable, notAPlainFile } from './file-errors.ts'
import type { FileIndexPort, FileStamp, FileStat } from './file-index.ts'
import { isTrusted, sameStat } from './file-index.ts'
import { inParallel } from './in-parallel.ts'

export interface DigestFilesRequest {
  readonly root: string
  /** Plain files, relative to `root`. */
  readonly paths: readonly string[]
  readonly index: FileIndexPort
  readonly now: Instant
}

export interface DigestedFiles {
  readonly stamps: ReadonlyMap<string, FileStamp>
  /** How many files had to be read. */
  readonly hashed: number
}

export async function digestInputs(request: DigestFilesRequest): Promise<DigestedFiles> {
  const { root, paths, index, now } = request
  const known = await index.load(paths)
  const stamps = new Map<string, FileStamp>()
  const unknown: { readonly path: string; readonly seen: FileStat }[] = []
  for (let start = 0; start < paths.length; start += batch) {
    await lstat(root) // Stats are synchronous, three times faster than promises; this lets other work have a turn.
    for (const path of paths.slice(start, start + batch)) {
      const seen = statFile(`${root}/${path}`)
      const stamp = known.get(path)
      if (stamp !== undefined && isTrusted(stamp, seen)) stamps.set(path, stamp)
      else unknown.push({ path, seen })
    }
  }
  const fresh = new Map<string, FileStamp>()
  let started = 0
  await inParallel(unknown, 8, async ({ path, seen }) => {
    if (++started % 256 === 0) await lstat(root)
    fresh.set(path, { ...(await readStable(`${root}/${path}`, seen)), recordedAt: now })
  })
  if (fresh.size > 0) await index.save(fresh)
  for (const [path, stamp] of fresh) stamps.set(path, stamp)
  return { stamps, hashed: fresh.size }
}

/** One stat in the index's terms; links and devices are errors. */
export function statFile(path: string): FileStat {
  let stat: BigIntStats
  try {
    stat = lstatSync(path, { bigint: true })
  } catch (error) {
    throw fileUnreadable(error, path)
  }
  if (!stat.isFile()) throw notAPlainFile(path, stat.isSymbolicLink() ? 'link' : 'special')
  return {
    size: Number(stat.size),
    mode: stat.mode & 0o100n ? '0755' : '0644',
    mtimeNs: String(stat.mtimeNs),
    ctimeNs: String(stat.ctimeNs),
    inode: String(stat.ino),
  }
}

/** A file that changes while it is read has no digest: it is read again, twice at most. */
async function readStable(path: string, first: FileStat): Promise<FileStat & { digest: Digest }> {
  let before = first
  for (let round = 0; round < 3; round++) {
    const digest = await digestBySize(path, before.size)
    const after = statFile(path)
    if (sameStat(before, after)) return { ...after, digest }
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

const batch = 1000
const small = 128 * 1024
const medium = 32 * 1024 * 1024

/** Small files: reading them costs less than handing them over. Medium: hashed on libuv's threads. Large: streamed. */
async function digestBySize(path: string, size: number): Promise<Digest> {
  try {
    if (size <= small) {
      return `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`
    }
    if (size > medium) return await digestOfFile(path)
    const hash = await webcrypto.subtle.digest('SHA-256', await readFile(path))
    return `sha256:${Buffer.from(hash).toString('hex')}`
  } catch (error) {
    throw fileUnreadable(error, path)
  }
}
