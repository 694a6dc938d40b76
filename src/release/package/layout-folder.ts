// The project's own OCI image layout, `.lockstep/oci`: what any OCI tool can read, sharing its bytes with the content store by hard links.
// Everything in it can be made again from the store, so the folder may be deleted at any time.
import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, link, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { storeUnwritable } from '../../build/artifacts/file-errors.ts'
import { writeFileAtomically } from '../../foundation/atomic-file.ts'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { type Digest, digestOf } from '../../foundation/digest.ts'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { BlobShelf, Place } from './blob-shelf.ts'
import { type Descriptor, mediaTypes, parseIndex } from './oci.ts'

export interface LayoutFolder {
  readonly root: string
  locate(digest: Digest): Promise<Place | undefined>
  putBytes(bytes: Uint8Array): Promise<void>
  /** Digest-checked while it is written; a wrong one leaves nothing behind. */
  putStream(blob: Descriptor, bytes: AsyncIterable<Uint8Array>): Promise<void>
  /** Takes over a finished file that has just been proved to have this digest. */
  adopt(digest: Digest, path: string): Promise<void>
  /** From the store, without a second copy. */
  share(content: ContentStore, digest: Digest): Promise<void>
  /** Into the store, without a second copy. Only for what was digest-checked when it came. */
  give(content: ContentStore, digest: Digest): Promise<void>
  /** Where an interrupted transfer of this blob goes on. */
  draftOf(digest: Digest): string
  /** Names these manifests in index.json, beside those already there. */
  list(manifests: readonly Descriptor[]): Promise<void>
  /** The folder as seen from one package. */
  shelf(name: string, index: readonly Descriptor[]): BlobShelf
}

export const layoutText = '{"imageLayoutVersion":"1.0.0"}'

export function indexText(manifests: readonly Descriptor[]): string {
  return canonicalJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests })
}

export async function openLayoutFolder(root: string): Promise<LayoutFolder> {
  const pathOf = (digest: Digest) => join(root, 'blobs', 'sha256', digest.slice('sha256:'.length))
  await makeFolder(join(root, 'blobs', 'sha256'))
  await makeFolder(join(root, 'drafts'))
  await writeFileAtomically(join(root, 'oci-layout'), layoutText)
  const locate = (digest: Digest) => placeAt(pathOf(digest))
  const adopt = async (digest: Digest, path: string) => {
    await chmod(path, 0o444)
    await flush(path)
    await rename(path, pathOf(digest))
  }
  const throughDraft = async (write: (draft: string) => Promise<void>) => {
    const draft = join(root, 'drafts', randomBytes(9).toString('hex'))
    try {
      await write(draft)
    } catch (error) {
      await unlink(draft).catch(() => {})
      throw storeUnwritable(error, root)
    }
  }
  return {
    root,
    locate,
    adopt,
    draftOf: (digest) => join(root, 'drafts', `${digest.slice('sha256:'.length)}.part`),
    shelf: (name, index) => ({ name, index, locate }),
    async putBytes(bytes) {
      const digest = digestOf(bytes)
      if ((await locate(digest))?.size === bytes.length) return
      await writeFileAtomically(pathOf(digest), bytes, 0o444)
    },
    async putStream(blob, bytes) {
      if ((await locate(blob.digest))?.size === blob.size) return
      await throughDraft(async (draft) => {
        await pipeline(checked(blob, bytes), createWriteStream(draft, { flags: 'wx' }))
        await adopt(blob.digest, draft)
      })
    },
    async share(content, digest) {
      if (await isOutdated(pathOf(digest), content.pathOf(digest))) await unlink(pathOf(digest))
      if (await locate(digest)) return
      await linkOr(content.pathOf(digest), pathOf(digest), () =>
        content.materialise({ kind: 'file', digest }, pathOf(digest)),
      )
    },
    async give(content, digest) {
      if (await content.has(digest)) return
      await makeFolder(dirname(content.pathOf(digest)))
      await linkOr(pathOf(digest), content.pathOf(digest), async () => {
        await content.putFile(pathOf(digest))
      })
    },
    list: (manifests) => addToIndex(join(root, 'index.json'), manifests),
  }
}

/** Passes the bytes on while it digests them; throws at the end when they are not the blob's. */
export async function* checked(
  blob: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of bytes) {
    hash.update(chunk)
    size += chunk.length
    if (size > blob.size) break
    yield chunk
  }
  const digest = `sha256:${hash.digest('hex')}`
  if (size === blob.size && digest === blob.digest) return
  throw new LockstepError({
    code: 'package.blob_differs',
    kind: 'precondition',
    message:
      size === blob.size
        ? `the bytes of blob ${blob.digest} have the digest ${digest}: they were changed or damaged`
        : `blob ${blob.digest} should have ${blob.size} bytes but has ${size > blob.size ? 'more' : size}`,
    hint: 'get it again from where it was made',
  })
}

async function placeAt(path: string): Promise<Place | undefined> {
  try {
    return { path, offset: 0, size: (await stat(path)).size }
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The store's object was made anew after damage: the blob would still share the bytes of the damaged one. */
async function isOutdated(blob: string, object: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all(
    [blob, object].map((path) => stat(path).catch(() => null)),
  )
  if (!ours || !theirs) return false
  return ours.size !== theirs.size || (ours.dev === theirs.dev && ours.ino !== theirs.ino)
}

/** Two at once make the same link. Where links are impossible a copy is made. */
async function linkOr(from: string, to: string, copy: () => Promise<void>): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'EEXIST') return
    if (code === 'ENOENT' || code === undefined) throw storeUnwritable(error, to)
    await copy()
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function addToIndex(path: string, manifests: readonly Descriptor[]): Promise<void> {
  const known = await readFile(path).catch(() => undefined)
  const listed = known === undefined ? [] : parseIndex(known)
  const all = new Map<Digest, Descriptor>()
  for (const entry of [...(isRefusal(listed) ? [] : listed), ...manifests])
    all.set(entry.digest, entry)
  const sorted = [...all.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1))
  const text = indexText(sorted)
  if (known?.toString('utf8') !== text) await writeFileAtomically(path, text)
}
