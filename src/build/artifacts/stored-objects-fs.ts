// Every object the store holds, and the way out for those nobody needs: what garbage collection works with.
import type { Dirent } from 'node:fs'
import { lstat, readdir, unlink } from 'node:fs/promises'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { isDigest } from '../../foundation/digest.ts'
import { systemCodeOf } from '../../foundation/errors.ts'
import { fileUnreadable, storeUnwritable } from './file-errors.ts'
import { inParallel } from './in-parallel.ts'
import { objectPath } from './object-files-fs.ts'

export interface StoredObject {
  readonly digest: Digest
  readonly size: number
  /** When it was stored, or last stored again: a grace period counts from here. */
  readonly mtimeMs: number
}

/** In no promised order. What is no object by its name is passed over; what goes away meanwhile is not listed. */
export async function* listObjects(root: string): AsyncGenerator<StoredObject> {
  for (const fan of await entriesOf(`${root}/sha256`)) {
    if (!fan.isDirectory()) continue
    const found = await inParallel(await entriesOf(`${root}/sha256/${fan.name}`), 16, (entry) =>
      objectAt(`${root}/sha256/${fan.name}`, `sha256:${fan.name}${entry.name}`, entry),
    )
    for (const object of found) if (object !== undefined) yield object
  }
}

/** Removing what is gone already is no error. The bytes freed. */
export async function removeObjects(
  root: string,
  digests: Iterable<Digest>,
): Promise<{ readonly removed: number; readonly bytes: number }> {
  const gone = await inParallel([...digests], 16, async (digest) => {
    const path = objectPath(root, digest)
    try {
      const { size } = await lstat(path)
      await unlink(path)
      return size
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined
      throw storeUnwritable(error, path)
    }
  })
  const sizes = gone.filter((size) => size !== undefined)
  return { removed: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

export interface Leftover {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** Drafts that a killed process left, and damaged objects moved aside: those last touched before `before`. */
export async function listLeftovers(root: string, before: Instant): Promise<readonly Leftover[]> {
  const found: Leftover[] = []
  for (const folder of [`${root}/drafts`, `${root}/corrupt`]) {
    for (const entry of await entriesOf(folder)) {
      const path = `${folder}/${entry.name}`
      const stat = await lstat(path).catch(() => undefined)
      if (stat !== undefined && stat.mtimeMs < before)
        found.push({ path, size: stat.size, mtimeMs: stat.mtimeMs })
    }
  }
  return found
}

async function objectAt(
  folder: string,
  digest: string,
  entry: Dirent,
): Promise<StoredObject | undefined> {
  if (!entry.isFile() || !isDigest(digest)) return undefined
  const stat = await lstat(`${folder}/${entry.name}`).catch(() => undefined)
  return stat && { digest, size: stat.size, mtimeMs: stat.mtimeMs }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw fileUnreadable(error, folder)
  }
}
