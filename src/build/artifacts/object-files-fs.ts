// One object of the content store as a file: where it lies, how it comes to be, how it is proved intact.

import { randomBytes } from 'node:crypto'
import { chmodSync, renameSync, statSync, writeFileSync } from 'node:fs'
import {
  access,
  chmod,
  constants,
  copyFile,
  lstat,
  open,
  readFile,
  rename,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Digest } from '../../foundation/digest.ts'
import { digestOf, isDigest } from '../../foundation/digest.ts'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { systemClock } from '../../foundation/system-clock.ts'
import { digestBySize } from './digest-files-fs.ts'
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

/** See docs/adr/0012: `flush` is for what nothing could make again, `lazy` for what a step or a file gives again. */
export type Durability = 'flush' | 'lazy'

export async function addBytes(
  root: string,
  bytes: string | Uint8Array,
  durability: Durability,
): Promise<Digest> {
  const digest = digestOf(bytes)
  const there = await isThere(root, digest, Buffer.byteLength(bytes))
  if (there && durability === 'lazy') return digest
  // The count is right, but what must last is not left to bytes that a power cut may have emptied.
  if (there && (await isIntact(root, digest))) {
    await flushObject(root, digest)
    return digest
  }
  await throughDraft(root, async (draft) => {
    if (durability === 'lazy' && bytes.length <= wholeBytes) {
      return addSmall(draft, objectPath(root, digest), bytes)
    }
    await writeFile(draft, bytes, { flag: 'wx', mode: objectMode })
    await seal(root, draft, digest, durability)
  })
  return digest
}

/** Three system calls without a thread in between: they take less time than handing over one. */
async function addSmall(draft: string, target: string, bytes: string | Uint8Array): Promise<void> {
  writeFileSync(draft, bytes, { flag: 'wx', mode: objectMode })
  chmodSync(draft, objectMode)
  try {
    renameSync(draft, target)
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error
    await makeFolder(dirname(target))
    renameSync(draft, target)
  }
}

async function isIntact(root: string, digest: Digest): Promise<boolean> {
  const bytes = await readFile(objectPath(root, digest)).catch(() => undefined)
  return bytes !== undefined && digestOf(bytes) === digest
}

/**
 * Copies the file in (copy-on-write where the disk can) and digests the copy, so the digest is that of the stored bytes
 * even if the source changes meanwhile. `flush` waits for the disk; trees of small files skip it, because an
 * object lost to a power cut is noticed by its size and made again.
 */
export async function addFile(
  root: string,
  source: string,
  durability: Durability,
): Promise<{ digest: Digest; size: number; mode: '0644' | '0755' }> {
  const seen = await lstat(source).catch((error) => {
    throw fileUnreadable(error, source)
  })
  if (!seen.isFile()) throw notAPlainFile(source, seen.isSymbolicLink() ? 'link' : 'special')
  const mode = seen.mode & 0o100 ? '0755' : '0644'
  if (seen.size <= wholeBytes) {
    const bytes = await readFile(source).catch((error) => {
      throw fileUnreadable(error, source)
    })
    return { digest: await addBytes(root, bytes, durability), size: bytes.length, mode }
  }
  await access(source, constants.R_OK).catch((error) => {
    throw fileUnreadable(error, source)
  })
  return throughDraft(root, async (draft) => {
    await copyFile(source, draft, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
    const { size } = await stat(draft)
    const digest: Digest = `sha256:${Buffer.from(await digestBySize(draft, size)).toString('hex')}`
    if (await isThere(root, digest, size)) await unlink(draft)
    else await seal(root, draft, digest, durability)
    return { digest, size, mode }
  })
}

/** Waits until the object is on the disk. */
export async function flushObject(root: string, digest: Digest): Promise<void> {
  const path = objectPath(root, digest)
  try {
    await flushed(path)
    await flushed(dirname(path))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') throw missingObject(root, digest)
    throw storeUnwritable(error, path)
  }
}

/** What is put again counts as new: garbage collection must not take it from under a run that just found it. */
async function isThere(root: string, digest: Digest, size: number): Promise<boolean> {
  const path = objectPath(root, digest)
  const seen = statSync(path, { throwIfNoEntry: false })
  if (seen?.size !== size) return false
  const now = systemClock.now()
  if (now - seen.mtimeMs < renewAfterMs) return true
  return utimes(path, now / 1000, now / 1000).then(
    () => true,
    (error) => systemCodeOf(error) !== 'ENOENT',
  )
}

const wholeBytes = 128 * 1024
const renewAfterMs = 60_000

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

const objectMode = 0o444

/** Two writers of one digest rename equal bytes over each other: whoever is last, the object is the same. */
async function seal(root: string, draft: string, digest: Digest, durability: Durability) {
  const target = objectPath(root, digest)
  await chmod(draft, objectMode)
  if (durability === 'flush') await flushed(draft)
  await rename(draft, target).catch(async (error) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error
    await makeFolder(dirname(target))
    await rename(draft, target)
  })
  // The rename itself must last too, or the bytes are there without their name.
  if (durability === 'flush') await flushed(dirname(target))
}

async function flushed(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
