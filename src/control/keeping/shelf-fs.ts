// The shelf over the content store's folder. Removal sets an object aside first and looks at it again there: a writer that stored the
// same bytes in between has either touched it, then it goes back, or has found nothing and stored its own.
import { lstatSync, renameSync, unlinkSync } from 'node:fs'
import { link, lstat, open, readdir, unlink, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import { decodeTree } from '../../build/artifacts/artifact.ts'
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { storeUnwritable } from '../../build/artifacts/file-errors.ts'
import { inParallel } from '../../build/artifacts/in-parallel.ts'
import type { Clock, Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { isLockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { Removal, Shelf } from './shelf.ts'

const longestJson = 64 * 2 ** 20
const asideName = /^gc-([0-9a-f]{64})$/

export function shelfOf(content: ContentStore, clock: Clock): Shelf {
  return {
    list: () => content.list(),
    has: (digest) => content.has(digest),
    json: async (digest) =>
      (await mayBeJson(content.pathOf(digest)))
        ? (await content.read(digest)).toString('utf8')
        : undefined,
    bytes: (digest) => absentAsUndefined(content.read(digest)),
    size: async (digest) => (await ifThere(lstat(content.pathOf(digest)), content))?.size ?? null,
    tree: (digest) => treeOf(content, digest),
    touch: async (digest) => {
      const now = clock.now() / 1000
      return utimes(content.pathOf(digest), now, now).then(
        () => true,
        (error) => {
          if (systemCodeOf(error) === 'ENOENT') return false
          throw storeUnwritable(error, content.pathOf(digest))
        },
      )
    },
    removeUntouched: (digests, before, isRight) =>
      removeUntouched(content, { digests, before, isRight }),
    restore: () => restoreAside(content),
  }
}

/** Not the store's own reader: that one takes an object which is no list of files for a damaged one. */
async function treeOf(content: ContentStore, digest: Digest) {
  const bytes = await absentAsUndefined(content.read(digest))
  const entries = bytes ? decodeTree(bytes.toString('utf8')) : undefined
  return isRefusal(entries) ? undefined : entries
}

async function removeUntouched(
  content: ContentStore,
  order: {
    readonly digests: readonly Digest[]
    readonly before: Instant
    readonly isRight: () => Promise<boolean>
  },
): Promise<Removal | 'put back'> {
  const { digests, before, isRight } = order
  if (!(await isRight())) return 'put back'
  for (const digest of digests) setAside(content, digest)
  if (!(await isRight())) {
    await inParallel(digests, 16, (digest) => putBack(content, digest))
    return 'put back'
  }
  const removal = { removed: 0, bytes: 0, spared: 0 }
  for (const digest of digests) {
    const end = removeAside(content, digest, before)
    if (end === 'spared') {
      await putBack(content, digest)
      removal.spared += 1
    } else if (end !== 'gone') {
      removal.removed += 1
      removal.bytes += end
    }
  }
  return removal
}

/** Synchronous, as its removal: three times faster than promises, and a batch is short. */
function setAside(content: ContentStore, digest: Digest): void {
  try {
    renameSync(content.pathOf(digest), asidePath(content, digest))
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw unwritable(error, content)
  }
}

function removeAside(
  content: ContentStore,
  digest: Digest,
  before: Instant,
): number | 'spared' | 'gone' {
  const aside = asidePath(content, digest)
  try {
    const stat = lstatSync(aside, { throwIfNoEntry: false })
    if (!stat) return 'gone'
    if (stat.mtimeMs >= before) return 'spared'
    unlinkSync(aside)
    return stat.size
  } catch (error) {
    throw unwritable(error, content)
  }
}

async function restoreAside(content: ContentStore): Promise<void> {
  for (const name of await readdir(`${content.root}/drafts`)) {
    const hex = asideName.exec(name)?.[1]
    if (hex) await putBack(content, `sha256:${hex}`)
  }
}

/** A link never overwrites: whoever has stored the object anew meanwhile keeps theirs. */
async function putBack(content: ContentStore, digest: Digest): Promise<void> {
  const aside = asidePath(content, digest)
  const path = content.pathOf(digest)
  await makeFolder(dirname(path))
  await ifThere(link(aside, path), content).catch((error) => {
    if (systemCodeOf(error) !== 'EEXIST') throw error
  })
  await ifThere(unlink(aside), content)
}

function asidePath(content: ContentStore, digest: Digest): string {
  return `${content.root}/drafts/gc-${digest.slice('sha256:'.length)}`
}

async function ifThere<T>(done: Promise<T>, content: ContentStore): Promise<T | undefined> {
  try {
    return await done
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT') return undefined
    if (code === 'EEXIST') throw error
    throw unwritable(error, content)
  }
}

function unwritable(error: unknown, content: ContentStore): unknown {
  return storeUnwritable(error, `the content store ${content.root}`)
}

/** One look at the first byte spares reading models and data. */
async function mayBeJson(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch((error) => {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (!file) return false
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, 0)
    const starts = bytesRead === 1 && (buffer[0] === 0x7b || buffer[0] === 0x5b)
    return starts && (await file.stat()).size <= longestJson
  } finally {
    await file.close()
  }
}

async function absentAsUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isLockstepError(error) && error.code === 'build.object_missing') return undefined
    throw error
  }
}
