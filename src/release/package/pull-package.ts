// A package from a registry into the layout: first the small documents, then, once somebody believes them, everything they name.
import { inParallel } from '../../build/artifacts/in-parallel.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { BlobShelf } from './blob-shelf.ts'
import { fetchBlob } from './fetch-blob.ts'
import type { LayoutFolder } from './layout-folder.ts'
import { type Descriptor, emptyConfig, mediaTypes } from './oci.ts'
import { type OpenedPackage, openPackage } from './open-package.ts'
import { blobName, type Transfer } from './push-release.ts'
import { getManifest, manifestOrThrow, referrersOf } from './registry-manifests.ts'
import type { RegistrySession } from './registry-session.ts'

export interface FoundPackage {
  readonly shelf: BlobShelf
  readonly opened: OpenedPackage
}

/** Reads the manifests and the documents that say what was signed: kilobytes, whatever the model's size. */
export async function findPackage(
  session: RegistrySession,
  layout: LayoutFolder,
): Promise<FoundPackage> {
  const { reference } = session
  const root = await getManifest(session, reference.digest ?? reference.tag)
  if (!root) throw notThere(session)
  manifestOrThrow(session, root)
  const { referrers } = await referrersOf(session, root.descriptor.digest)
  await layout.putBytes(root.bytes)
  const manifests: Descriptor[] = [{ ...root.descriptor, mediaType: mediaTypes.manifest }]
  for (const { digest, artifactType } of referrers) {
    // Others may attach what they like; only Lockstep's own is of use here.
    if (artifactType !== undefined && !artifactType.startsWith('application/vnd.lockstep.'))
      continue
    const found = await getManifest(session, digest)
    if (!found) continue
    await layout.putBytes(found.bytes)
    manifests.push({ ...found.descriptor, mediaType: mediaTypes.manifest })
  }
  const shelf = layout.shelf(reference.text, manifests)
  const opened = await openPackage(shelf)
  if (isRefusal(opened))
    throw new LockstepError({
      code: opened.refused,
      kind: 'invalid',
      message: `${reference.text} is no release: ${opened.because}`,
      hint: 'lockstep push puts a release there',
    })
  const { claims, attestations } = opened
  const telling = [
    claims.manifestDigest,
    claims.envelopeDigest,
    ...attestations.filter(({ kind }) => kind === 'envelope').map(({ digest }) => digest),
  ]
  for (const blob of opened.blobs) {
    if (!telling.includes(blob.digest)) continue
    if (blob.size > largestStatement) throw tooBig(session, blob)
    await fetchBlob({ session, layout, blob, name: blobName(blob), told: () => {} })
  }
  return { shelf, opened }
}

const largestStatement = 16 << 20

export interface FetchPackage {
  readonly session: RegistrySession
  readonly layout: LayoutFolder
  readonly found: FoundPackage
  readonly told: (transfer: Transfer) => void
}

/** Everything else, four at a time. Resolves to the bytes that were not here before. */
export async function fetchPackage({
  session,
  layout,
  found: { opened },
  told,
}: FetchPackage): Promise<number> {
  await layout.putBytes(emptyConfig.bytes)
  const total = opened.blobs.reduce((sum, blob) => sum + blob.size, 0)
  const arrived = new Map<string, number>()
  const fetched = await inParallel([...opened.blobs], 4, async (blob) => {
    const name = blobName(blob)
    const answer = await fetchBlob({
      ...{ session, layout, blob, name },
      told: (bytes) => {
        arrived.set(blob.digest, bytes)
        told({ name, done: [...arrived.values()].reduce((sum, one) => sum + one, 0), total })
      },
    })
    return answer === 'fetched' ? blob.size : 0
  })
  return fetched.reduce((sum, bytes) => sum + bytes, 0)
}

function notThere({ reference }: RegistrySession): LockstepError {
  return new LockstepError({
    code: 'registry.not_found',
    kind: 'not_found',
    message: `there is no ${reference.text}: ${reference.host} has no such repository or tag`,
    hint: 'check the name and the tag',
  })
}

function tooBig({ reference }: RegistrySession, { size }: Descriptor): LockstepError {
  return new LockstepError({
    code: 'package.document_too_big',
    kind: 'invalid',
    message: `${reference.text} states a signed document of ${size} bytes; at most ${largestStatement} are read`,
  })
}
