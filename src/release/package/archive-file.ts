// A release as one file: a tar of an OCI image layout. Written deterministically, read as if an enemy had made it.
import { createWriteStream } from 'node:fs'
import { open, rename, stat, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { storeUnwritable } from '../../build/artifacts/file-errors.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal, type Refusal } from '../../foundation/refusal.ts'
import {
  type BlobShelf,
  type Place,
  readAll,
  streamOf,
  unreadable,
  withOpenBytes,
} from './blob-shelf.ts'
import { checked, indexText, layoutText } from './layout-folder.ts'
import { type Descriptor, largestManifest, parseIndex, parseObject } from './oci.ts'
import { type FoundEntry, scanTar } from './tar-read.ts'
import { type TarSource, tarOf, tarSize } from './tar-write.ts'

export interface ArchiveRequest {
  readonly shelf: BlobShelf
  /** Beside the manifests of the shelf's index. */
  readonly blobs: readonly Descriptor[]
  readonly file: string
  readonly told: (written: number, total: number) => void
  readonly signal: AbortSignal
}

/** The file appears when it is whole. Every blob is proved on its way. Resolves to its size. */
export async function writeArchive(request: ArchiveRequest): Promise<number> {
  const { shelf, file, told, signal } = request
  const entries = await archiveEntries(request)
  const total = tarSize(entries)
  const draft = `${file}.draft`
  try {
    await pipeline(
      counted(tarOf(entries), (written) => told(written, total)),
      createWriteStream(draft),
      { signal },
    )
    const written = await open(draft, 'r')
    await written.sync().finally(() => written.close())
    await rename(draft, file)
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw storeUnwritable(error, `${dirname(resolve(file))} (for ${shelf.name})`)
  }
  return total
}

async function archiveEntries({ shelf, blobs }: ArchiveRequest): Promise<TarSource[]> {
  const index = [...shelf.index].sort((a, b) => (a.digest < b.digest ? -1 : 1))
  const all = new Map<Digest, Descriptor>()
  for (const blob of [...index, ...blobs]) all.set(blob.digest, blob)
  const entries: TarSource[] = [
    text('oci-layout', layoutText),
    text('index.json', indexText(index)),
  ]
  for (const digest of [...all.keys()].sort()) {
    const blob = all.get(digest)
    const place = await shelf.locate(digest)
    if (!blob || !place) throw missing(shelf, digest)
    entries.push({
      ...{ name: `blobs/sha256/${digest.slice('sha256:'.length)}`, size: blob.size, mode: '0644' },
      open: () => checked(blob, streamOf(place)),
    })
  }
  return entries
}

/** The archive's blobs where they lie in the file. Refuses all that is not an OCI layout; digests are checked when blobs are read. */
export async function openArchive(file: string): Promise<BlobShelf> {
  const seen = await stat(file).catch((error) => {
    throw unreadable(file, error)
  })
  const { size } = seen
  if (!seen.isFile())
    throw notAPackage(file, {
      refused: 'package.not_a_file',
      because: `it is ${seen.isDirectory() ? 'a folder' : 'a socket, pipe or device'}, not a file`,
    })
  const found = await withOpenBytes({ path: file, offset: 0, size }, scanTar)
  if (isRefusal(found)) throw notAPackage(file, found)
  const places = new Map<string, Place>()
  for (const entry of found) {
    if (!layoutNames.test(entry.name))
      throw notAPackage(file, {
        refused: 'package.not_a_layout',
        because: `it holds ${JSON.stringify(entry.name)}, which has no place in an OCI image layout`,
      })
    places.set(entry.name, placeOf(file, entry))
  }
  const layout = await smallText(places.get('oci-layout'))
  const version = layout && parseObject(layout)?.imageLayoutVersion
  const index = await smallText(places.get('index.json'))
  if (version !== '1.0.0' || !index)
    throw notAPackage(file, {
      refused: 'package.not_a_layout',
      because: 'it has no oci-layout of version 1.0.0 or no index.json',
    })
  const manifests = parseIndex(index)
  if (isRefusal(manifests))
    throw notAPackage(file, { ...manifests, because: `index.json: ${manifests.because}` })
  return {
    name: file,
    index: manifests,
    locate: async (digest) => places.get(`blobs/sha256/${digest.slice('sha256:'.length)}`),
  }
}

const layoutNames = /^(oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/

export function notAPackage(name: string, { refused, because }: Refusal): LockstepError {
  return new LockstepError({
    code: refused,
    kind: 'invalid',
    message: `${name} is no intact release archive: ${because}`,
    hint: 'get it again from where it was exported: lockstep release export RELEASE -o FILE.tar',
    details: { name },
  })
}

function placeOf(path: string, { offset, size }: FoundEntry): Place {
  return { path, offset, size }
}

async function smallText(place: Place | undefined): Promise<Buffer | undefined> {
  return place && place.size <= largestManifest ? readAll(place) : undefined
}

function text(name: string, content: string): TarSource {
  const bytes = Buffer.from(content)
  return { name, size: bytes.length, mode: '0644', open: () => Readable.from([bytes]) }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  told: (written: number) => void,
): AsyncGenerator<Uint8Array> {
  let written = 0
  for await (const chunk of bytes) {
    yield chunk
    written += chunk.length
    told(written)
  }
}

function missing(shelf: BlobShelf, digest: Digest): LockstepError {
  return new LockstepError({
    code: 'package.blob_missing',
    kind: 'not_found',
    message: `${shelf.name} has no blob ${digest}`,
    hint: 'pack the release again',
  })
}
