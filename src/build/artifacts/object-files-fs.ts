// One object of the content store as a file: where it lies, how it comes to be, how it is proved intact.

import { randomBytes } from 'node:crypto'
import { access, constants, copyFile, lstat, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Digest } from '../../foundation/digest.ts'
import { digestOf, digestOfFile, isDigest } from '../../foundation/digest.ts'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { fileUnreadable, notAPlainFile, storeUnwritable } from './file-errors.ts'

/** `<root>/sha256/ab/cdef…` */
export function objectPath(root: string, digest: Digest): string {
  if (!isDigest(digest)) throw new TypeError(`${JSON.stringify(digest)} is not a sha256 digest`)
  return `${root}/sha256/${digest.slice(7, 9)}/${digest.slice(9)}`
}

export async function objectSize(root: string, digest: Digest): Promise<number | undefined> {
  try {
    return (await stat(objectPath(root, digest))).size
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw fileUnreadable(error, objectPath(root, digest))
  }
}

export async function addBytes(root: string, bytes: string | Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes)
  if ((await objectSize(root, digest)) === Buffer.byteLength(bytes)) return digest
  await throughDraft(root, async (draft) => {
    const file = await open(draft, 'wx')
    try {
      await file.writeFile(bytes)
    } finally {
      await file.close()
    }
    await seal(root, draft, digest, 'flush')
  })
  return digest
}

/**
 * Copies the file in (copy-on-write where the disk can) and digests the copy, so the digest is that of the stored bytes
 * even if the source changes meanwhile. `flush` waits for the disk; trees of small files skip it, because an
 * object lost to a power cut is noticed by its size and made again.
 */
export async function addFile(
  root: string,
  source: string,
  durability: 'flush' | 'lazy',
): Promise<{ digest: Digest; size: number; mode: '0644' | '0755' }> {
  const seen = await lstat(source).catch((error) => {
    throw fileUnreadable(error, source)
  })
  await access(source, constants.R_OK).catch((error) => {
    throw fileUnreadable(error, source)
  })
  if (!seen.isFile()) throw notAPlainFile(source, seen.isSymbolicLink() ? 'link' : 'special')
  return throughDraft(root, async (draft) => {
    await copyFile(source, draft, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
    const digest = await digestOfFile(draft)
    const { size } = await stat(draft)
    if ((await objectSize(root, digest)) === size) await unlink(draft)
    else await seal(root, draft, digest, durability)
    return { digest, size, mode: seen.mode & 0o100 ? '0755' : '0644' } as const
  })
}

/** Moves a damaged object out of the way, so that the next run makes it again, and says what happened. */
export async function corruptObject(
  root: string,
  digest: Digest,
  observed: string,
): Promise<LockstepError> {
  const path = objectPath(root, digest)
  const aside = `${root}/corrupt/${digest.slice(7)}.${randomBytes(4).toString('hex')}`
  const moved = await makeFolder(dirname(aside))
    .then(() => rename(path, aside))
    .then(() => true)
    .catch(() => false)
  return new LockstepError({
    code: 'build.object_corrupt',
    kind: 'precondition',
    message: `the stored object ${digest} (${path}) is damaged: ${observed}; it was not used`,
    hint: moved
      ? `It was moved to ${aside}. Run again: the step that made it will make it anew. Check the disk.`
      : `Remove it (rm ${path}) and run again: the step that made it will make it anew. Check the disk.`,
    details: { digest, path, ...(moved ? { aside } : {}) },
  })
}

export function missingObject(root: string, digest: Digest): LockstepError {
  return new LockstepError({
    code: 'build.object_missing',
    kind: 'not_found',
    message: `the object ${digest} is not in the content store ${root}`,
    hint: 'Run the pipeline again: the step that made it will make it anew.',
    details: { digest },
  })
}

/** Runs `write` with a fresh path beside the objects; whatever goes wrong, no draft stays. */
async function throughDraft<Answer>(
  root: string,
  write: (draft: string) => Promise<Answer>,
): Promise<Answer> {
  const draft = `${root}/drafts/${randomBytes(9).toString('hex')}`
  try {
    return await write(draft)
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw storeUnwritable(error, `the content store ${root}`)
  }
}

/** Two writers of one digest rename equal bytes over each other: whoever is last, the object is the same. */
async function seal(root: string, draft: string, digest: Digest, durability: 'flush' | 'lazy') {
  const target = objectPath(root, digest)
  const file = await open(draft, 'r')
  try {
    await file.chmod(0o444)
    if (durability === 'flush') await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, target).catch(async (error) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error
    await makeFolder(dirname(target))
    await rename(draft, target)
  })
}
