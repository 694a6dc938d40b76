// A packed release to a registry: blobs first and only those it lacks, then manifests and referrers, the tag last, so that nobody ever sees half of it.
import { inParallel } from '../../build/artifacts/in-parallel.ts'
import { digestOf } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { type BlobShelf, type Place, readAll } from './blob-shelf.ts'
import { pathOf } from './check-package.ts'
import type { Descriptor } from './oci.ts'
import { annotationKeys, type PackedRelease } from './pack-release.ts'
import {
  addTaggedReferrers,
  getManifest,
  hasManifest,
  putManifest,
  referrersOf,
} from './registry-manifests.ts'
import type { RegistrySession } from './registry-session.ts'
import { defaultPieceBytes, sendBlob } from './send-blob.ts'

export interface PushRequest {
  readonly session: RegistrySession
  readonly shelf: BlobShelf
  readonly packed: PackedRelease
  readonly told: (transfer: Transfer) => void
  readonly mountFrom?: string | undefined
  readonly pieceBytes?: number
}

export interface Transfer {
  readonly name: string
  readonly done: number
  readonly total: number
}

export interface PushedRelease {
  readonly blobs: { readonly sent: number; readonly mounted: number; readonly there: number }
  readonly bytesSent: number
  readonly manifestsSent: number
  /** How others find the referrers. */
  readonly referrers: 'api' | 'tag'
  readonly isNew: boolean
}

const lanes = 4

export async function pushRelease(request: PushRequest): Promise<PushedRelease> {
  const { session, packed } = request
  const blobs = await sendBlobs(request)
  let manifestsSent = 0
  const put = async ({ digest, mediaType }: Descriptor, named: string) => {
    const bytes = await readAll(await placeOf(request, digest))
    if (digestOf(bytes) !== digest) throw damaged(request, digest)
    manifestsSent += 1
    return putManifest(session, named, { bytes, mediaType })
  }
  if (!(await hasManifest(session, packed.root.digest))) await put(packed.root, packed.root.digest)
  let tracked = true
  for (const referrer of packed.referrers) {
    if (await hasManifest(session, referrer.digest)) continue
    tracked = (await put(referrer, referrer.digest)) && tracked
  }
  const listed = await referrersOf(session, packed.root.digest)
  const unlisted = packed.referrers.filter(
    (one) => !listed.referrers.some(({ digest }) => digest === one.digest),
  )
  const byTag = !listed.byApi || unlisted.length > 0 || !tracked
  if (byTag) await addTaggedReferrers(session, packed.root.digest, packed.referrers)
  const { tag } = session.reference
  const before = await getManifest(session, tag)
  const isNew = before?.descriptor.digest !== packed.root.digest
  if (isNew) await put(packed.root, tag)
  return { ...blobs, manifestsSent, referrers: byTag ? 'tag' : 'api', isNew }
}

async function sendBlobs(
  request: PushRequest,
): Promise<Pick<PushedRelease, 'blobs' | 'bytesSent'>> {
  const { session, packed, told, mountFrom, pieceBytes = defaultPieceBytes } = request
  const total = packed.blobs.reduce((sum, blob) => sum + blob.size, 0)
  const arrived = new Map<string, number>()
  const biggestFirst = [...packed.blobs].sort((a, b) => b.size - a.size)
  const answers = await inParallel(biggestFirst, lanes, async (blob) => {
    const name = blobName(blob)
    const answer = await sendBlob({
      ...{ session, blob, name, pieceBytes, mountFrom, place: await placeOf(request, blob.digest) },
      told: (bytes) => {
        arrived.set(blob.digest, bytes)
        told({ name, done: [...arrived.values()].reduce((sum, one) => sum + one, 0), total })
      },
    })
    return { answer, size: blob.size }
  })
  const count = (wanted: string) => answers.filter(({ answer }) => answer === wanted).length
  return {
    blobs: { sent: count('sent'), mounted: count('mounted'), there: count('there') },
    bytesSent: answers.reduce((sum, { answer, size }) => sum + (answer === 'sent' ? size : 0), 0),
  }
}

export function blobName(blob: Descriptor): string {
  return blob.annotations?.[annotationKeys.title] ?? pathOf(blob)
}

async function placeOf({ shelf }: PushRequest, digest: Descriptor['digest']): Promise<Place> {
  const place = await shelf.locate(digest)
  if (place) return place
  throw new LockstepError({
    code: 'package.blob_missing',
    kind: 'not_found',
    message: `${shelf.name} has no blob ${digest}`,
    hint: 'was .lockstep/oci changed meanwhile? push again',
  })
}

function damaged({ shelf }: PushRequest, digest: string): LockstepError {
  return new LockstepError({
    code: 'package.blob_differs',
    kind: 'precondition',
    message: `the manifest ${digest} in ${shelf.name} is damaged`,
    hint: 'remove .lockstep/oci (it is made again), then push again',
  })
}
