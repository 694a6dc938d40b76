// The content store: immutable bytes and trees, addressed by their sha256. What comes out is proved to be what went in.

import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Digest } from '../../foundation/digest.ts'
import { digestOf, digestOfFile } from '../../foundation/digest.ts'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { Artifact, FileArtifact, FileMode, TreeArtifact, TreeEntry } from './artifact.ts'
import { decodeTree, encodeTree } from './artifact.ts'
import { fileUnreadable, storeUnwritable } from './file-errors.ts'
import { inParallel } from './in-parallel.ts'
import { listPlainFiles } from './list-tree-fs.ts'
import type { ObjectCopy } from './materialise-fs.ts'
import { placeObject } from './materialise-fs.ts'
import {
  addBytes,
  addFile,
  corruptObject,
  type Durability,
  flushObject,
  missingObject,
  objectPath,
  objectSize,
} from './object-files-fs.ts'
import { listObjects, removeObjects, type StoredObject } from './stored-objects-fs.ts'

/** Names an artifact by as little as is needed to bring it back. */
export type ArtifactRef =
  | { readonly kind: 'file'; readonly digest: Digest; readonly mode?: FileMode }
  | { readonly kind: 'tree'; readonly digest: Digest }

export interface ContentStore {
  /** The folder that holds the objects. */
  readonly root: string
  /** `flush`, the default, waits for the disk: for what nothing could make again. */
  putBytes(bytes: string | Uint8Array, durability?: Durability): Promise<Digest>
  /** `lazy` does not wait for the disk: for what a power cut may take, because it would be made again. */
  putFile(path: string, durability?: Durability): Promise<FileArtifact>
  /** Stores every file beneath `folder` and the manifest of them. Links and devices are refused. */
  putTree(folder: string): Promise<TreeArtifact>
  /** The object's bytes, verified. */
  read(digest: Digest): Promise<Buffer>
  readTree(digest: Digest): Promise<readonly TreeEntry[]>
  /**
   * Brings the artifact to `target`, verified; the target must not exist yet. Copies (copy-on-write where the disk can); `hard_link` shares the read-only object instead and must only be asked for
   * where nobody writes: a write through the link would damage the store.
   */
  materialise(artifact: ArtifactRef, target: string, how?: ObjectCopy): Promise<void>
  has(digest: Digest): Promise<boolean>
  /** Cheap: every byte count is right, for a tree of every file. Content is verified when it is used. */
  holds(artifact: Artifact): Promise<boolean>
  /** Reads the object again in full. */
  verify(digest: Digest): Promise<'intact' | 'missing' | 'corrupt'>
  pathOf(digest: Digest): string
  /** Waits until these are on the disk, trees with all their files: before something that lasts refers to them. */
  flush(artifacts: Iterable<ArtifactRef>): Promise<void>
  /** Every object, in no promised order. */
  list(): AsyncIterable<StoredObject>
  /** For garbage collection only: whoever calls this has proved that nothing needs them. */
  remove(digests: Iterable<Digest>): Promise<{ readonly removed: number; readonly bytes: number }>
}

/** Opens the store in the folder `root` (`.lockstep/objects`), making it when missing. */
export async function openContentStore(root: string): Promise<ContentStore> {
  try {
    await makeFolder(`${root}/sha256`)
    await makeFolder(`${root}/drafts`)
  } catch (error) {
    throw storeUnwritable(error, `the content store ${root}`)
  }
  return {
    root,
    putBytes: (bytes, durability = 'flush') => addBytes(root, bytes, durability),
    putFile: async (path, durability = 'flush') => ({
      kind: 'file',
      ...(await addFile(root, path, durability)),
    }),
    putTree: (folder) => putTree(root, folder),
    read: (digest) => readObject(root, digest),
    readTree: (digest) => readTree(root, digest),
    materialise: (artifact, target, how = 'copy') => materialise(root, artifact, { target, how }),
    has: async (digest) => (await objectSize(root, digest)) !== undefined,
    holds: (artifact) => holds(root, artifact),
    verify: async (digest) => {
      if ((await objectSize(root, digest)) === undefined) return 'missing'
      return (await digestOfFile(objectPath(root, digest))) === digest ? 'intact' : 'corrupt'
    },
    pathOf: (digest) => objectPath(root, digest),
    flush: (artifacts) => flush(root, artifacts),
    list: () => listObjects(root),
    remove: (digests) => removeObjects(root, digests),
  }
}

async function putTree(root: string, folder: string): Promise<TreeArtifact> {
  const paths = await listPlainFiles(folder)
  const entries = await inParallel(paths, 8, async (path) => ({
    path,
    ...(await addFile(root, `${folder}/${path}`, 'lazy')),
  }))
  const digest = await addBytes(root, encodeTree(entries), 'lazy')
  const size = entries.reduce((sum, entry) => sum + entry.size, 0)
  return { kind: 'tree', digest, size, files: entries.length }
}

async function flush(root: string, artifacts: Iterable<ArtifactRef>): Promise<void> {
  for (const { kind, digest } of artifacts) {
    if (kind === 'tree') {
      await inParallel(await readTree(root, digest), 4, (entry) => flushObject(root, entry.digest))
    }
    await flushObject(root, digest)
  }
}

async function readObject(root: string, digest: Digest): Promise<Buffer> {
  let bytes: Buffer
  try {
    bytes = await readFile(objectPath(root, digest))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') throw missingObject(root, digest)
    throw fileUnreadable(error, objectPath(root, digest))
  }
  const observed = digestOf(bytes)
  if (observed !== digest) {
    throw await corruptObject(root, digest, `its ${bytes.length} bytes have the digest ${observed}`)
  }
  return bytes
}

async function readTree(root: string, digest: Digest): Promise<readonly TreeEntry[]> {
  const entries = decodeTree((await readObject(root, digest)).toString('utf8'))
  if (isRefusal(entries)) {
    throw await corruptObject(root, digest, `it should be a list of files, but ${entries.because}`)
  }
  return entries
}

async function materialise(
  root: string,
  artifact: ArtifactRef,
  to: { readonly target: string; readonly how: ObjectCopy },
): Promise<void> {
  const { target, how } = to
  if (artifact.kind === 'file') {
    const { digest, mode = '0644' } = artifact
    await placeObject({ root, digest, mode, target, how })
    return
  }
  const entries = await readTree(root, artifact.digest)
  await makeNewFolder(target)
  try {
    await inParallel(entries, 8, ({ path, digest, mode }) =>
      placeObject({ root, digest, mode, target: `${target}/${path}`, how }),
    )
  } catch (error) {
    await rm(target, { recursive: true, force: true })
    throw storeUnwritable(error, target)
  }
}

/** The folder must be new: a failure half-way removes it again, and that must never hit the user's files. */
async function makeNewFolder(target: string): Promise<void> {
  try {
    await makeFolder(dirname(target))
    await mkdir(target)
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw storeUnwritable(error, target)
    throw new LockstepError({
      code: 'build.target_exists',
      kind: 'conflict',
      message: `${target} exists already; a tree is only brought to a new place`,
      hint: 'Remove it or choose another place.',
      details: { target },
    })
  }
}

async function holds(root: string, artifact: Artifact): Promise<boolean> {
  if (artifact.kind === 'file') return (await objectSize(root, artifact.digest)) === artifact.size
  if ((await objectSize(root, artifact.digest)) === undefined) return false
  const entries = await readTree(root, artifact.digest).catch(() => [])
  if (entries.length !== artifact.files) return false
  const sizes = await inParallel(entries, 8, (entry) => objectSize(root, entry.digest))
  return sizes.every((size, index) => size === entries[index]?.size)
}
