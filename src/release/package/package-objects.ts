// A package as the objects a release names by digest: blobs of their own, and files inside its tar layers.
import { createHash } from 'node:crypto'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { type BlobShelf, type Place, readAll, streamOf, withOpenBytes } from './blob-shelf.ts'
import { type Descriptor, mediaTypes } from './oci.ts'
import type { OpenedPackage } from './open-package.ts'
import { type FoundEntry, scanTar } from './tar-read.ts'

export interface PackedFile {
  /** As the layer names it: `code/train.py`. */
  readonly name: string
  readonly mode: FoundEntry['mode']
  readonly digest: Digest
  readonly place: Place
}

export interface PackageObjects {
  readObject(digest: Digest): Promise<Uint8Array>
  hashObject(digest: Digest): Promise<Digest>
  /** Where the object's bytes are. */
  placeOf(digest: Digest): Promise<Place | undefined>
  /** The files of a tar layer, or why it cannot be read. */
  filesOf(layer: Descriptor): readonly PackedFile[] | Refusal
}

/** Documents are read into memory; nothing that big is a document. */
const largestDocument = 256 << 20

export async function objectsOf(shelf: BlobShelf, opened: OpenedPackage): Promise<PackageObjects> {
  const hashes = new Map<Digest, Promise<Digest>>()
  const tars = new Map<Digest, readonly PackedFile[] | Refusal>()
  const inTars = new Map<Digest, Place>()
  for (const layer of opened.manifest.layers) {
    if (layer.mediaType !== mediaTypes.code && layer.mediaType !== mediaTypes.weightConfig) continue
    const files = await filesIn(shelf, layer)
    tars.set(layer.digest, files)
    if (!isRefusal(files)) for (const { digest, place } of files) inTars.set(digest, place)
  }
  const placeOf = async (digest: Digest) => {
    const listed = opened.blobs.some((blob) => blob.digest === digest)
    return (listed ? await shelf.locate(digest) : undefined) ?? inTars.get(digest)
  }
  const wanted = async (digest: Digest) => {
    const place = await placeOf(digest)
    if (place) return place
    throw new LockstepError({
      code: 'package.object_missing',
      kind: 'not_found',
      message: `${shelf.name} does not hold it`,
    })
  }
  return {
    placeOf,
    filesOf: (layer) =>
      tars.get(layer.digest) ?? refuse('package.no_tar', `layer ${layer.digest} is no tar`),
    async readObject(digest) {
      const place = await wanted(digest)
      if (place.size <= largestDocument) return readAll(place)
      throw new LockstepError({
        code: 'package.document_too_big',
        kind: 'invalid',
        message: `it has ${place.size} bytes, at most ${largestDocument} are read`,
      })
    },
    // A model is both a layer and a part of the release; it is read once.
    hashObject(digest) {
      const known = hashes.get(digest)
      if (known) return known
      const fresh = wanted(digest).then((place) => hashPlace(place))
      hashes.set(digest, fresh)
      return fresh
    },
  }
}

async function filesIn(
  shelf: BlobShelf,
  layer: Descriptor,
): Promise<readonly PackedFile[] | Refusal> {
  const place = await shelf.locate(layer.digest)
  if (!place) return refuse('package.blob_missing', `the layer ${layer.digest} is missing`)
  const entries = await withOpenBytes(place, scanTar)
  if (isRefusal(entries)) return entries
  const files: PackedFile[] = []
  for (const { name, mode, size, offset } of entries) {
    const inside = { path: place.path, offset: place.offset + offset, size }
    files.push({ name, mode, digest: await hashPlace(inside), place: inside })
  }
  return files
}

async function hashPlace(place: Place): Promise<Digest> {
  const hash = createHash('sha256')
  for await (const chunk of streamOf(place)) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}
