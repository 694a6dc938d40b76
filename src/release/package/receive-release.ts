// Takes a release that was made elsewhere into this project: only when every part of it verifies, and all of it or nothing.

import { decodeTree } from '../../build/artifacts/artifact.ts'
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { inParallel } from '../../build/artifacts/in-parallel.ts'
import type { Clock } from '../../foundation/clock.ts'
import { isDigest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { commitNumbered } from '../../store/commit-numbered.ts'
import type { Actor, Draft } from '../../store/object.ts'
import type { ObjectStore } from '../../store/object-store.ts'
import { aliasOf } from '../alias.ts'
import type { AttestationStore } from '../attestations.ts'
import { type ReleaseManifest, readManifest } from '../manifest.ts'
import { type Release, releaseKind, releaseName } from '../release.ts'
import { releaseIdOf } from '../seal-release.ts'
import { verifySigned } from '../verify-release.ts'
import { type BlobShelf, streamOf } from './blob-shelf.ts'
import { checkPackage, type PackageTrust } from './check-package.ts'
import type { LayoutFolder } from './layout-folder.ts'
import type { OpenedPackage } from './open-package.ts'
import { objectsOf } from './package-objects.ts'
import { receivedClearance } from './received-clearance.ts'

export interface ReceiveRequest {
  readonly shelf: BlobShelf
  readonly opened: OpenedPackage
  readonly trust: PackageTrust
  readonly layout: LayoutFolder
  readonly content: ContentStore
  readonly attestations: AttestationStore
  readonly store: ObjectStore
  readonly clock: Clock
  readonly actor: Actor
  /** The model of this project. */
  readonly model: string
}

export interface ReceivedRelease {
  readonly release: Release
  readonly isNew: boolean
  readonly manifest: ReleaseManifest
}

export async function receiveRelease(request: ReceiveRequest): Promise<ReceivedRelease> {
  const { shelf, opened, trust, store } = request
  const { manifest, keyId } = await believe(request)
  const id = releaseIdOf(opened.claims.manifestDigest)
  const parts = await checkPackage(shelf, opened, trust)
  const failed = parts.filter((part) => !part.ok)
  if (failed.length > 0)
    throw new LockstepError({
      code: 'package.not_verified',
      kind: 'precondition',
      message: `${shelf.name} was not taken in: ${failed.map(({ part, because }) => `${part}: ${because}`).join('; ')}`,
      hint: 'get it again from where it was made; nothing was recorded here',
      details: { parts: failed },
    })
  const known = await knownRelease(store, opened)
  if (known) return { release: known, isNew: false, manifest }
  await bringObjects(request, manifest)
  for (const attestation of opened.attestations) await request.attestations.add(attestation)
  const clearance = await receivedClearance(manifest, (digest) => request.content.read(digest))
  await commitNumbered(store, { kindName: releaseKind.name, model: request.model }, (number) => ({
    kind: releaseKind,
    object: {
      ...draftOf(request, manifest, { number, keyId }),
      ...(clearance === undefined ? {} : { clearance }),
    },
    expect: null,
    event: {
      type: 'release.received',
      actor: request.actor,
      because: `${releaseName({ number, alias: opened.claims.alias })} of ${request.model} came from ${shelf.name}, where it is release ${opened.claims.number} of project ${manifest.project}; every part of it verifies`,
      details: {
        from: shelf.name,
        originalNumber: opened.claims.number,
        originalProject: manifest.project,
        digest: opened.claims.manifestDigest,
        package: opened.root.digest,
        signedBy: keyId,
      },
    },
  })).catch(async (error) => {
    if (!(await store.find(releaseKind, id))) throw error
  })
  return { release: await store.get(releaseKind, id), isNew: true, manifest }
}

/** The same release, when this project has it already. */
export function knownRelease(
  store: ObjectStore,
  opened: OpenedPackage,
): Promise<Release | undefined> {
  return store.find(releaseKind, releaseIdOf(opened.claims.manifestDigest))
}

/** The signature comes first: before it holds, nothing big is fetched or stored for anyone. Needs only the small documents. */
export async function believe(
  request: Pick<ReceiveRequest, 'shelf' | 'opened' | 'trust' | 'model'>,
): Promise<{ readonly manifest: ReleaseManifest; readonly keyId: string }> {
  const { shelf, opened, trust, model } = request
  const { readObject } = await objectsOf(shelf, {
    ...opened,
    manifest: { ...opened.manifest, layers: [] },
  })
  const read = readManifest(
    Buffer.from(await readObject(opened.claims.manifestDigest)).toString('utf8'),
  )
  if (isRefusal(read)) throw refused(shelf, read.refused, read.because)
  const keyId = await verifySigned(
    {
      ...{ release: opened.claims, readObject, ...trust },
      addedEnvelopes: opened.attestations.flatMap(({ kind, digest }) =>
        kind === 'envelope' ? [digest] : [],
      ),
    },
    read,
  )
  if (isRefusal(keyId)) throw refused(shelf, keyId.refused, keyId.because)
  const { manifest } = read
  if (manifest.model !== model)
    throw refused(
      shelf,
      'package.other_model',
      `it is a release of the model '${manifest.model}'; the model of this project is '${model}'`,
    )
  return { manifest, keyId }
}

async function bringObjects(
  { shelf, opened, layout, content }: ReceiveRequest,
  manifest: ReleaseManifest,
): Promise<void> {
  const objects = await objectsOf(shelf, opened)
  const bring = async (digest: string, size?: number) => {
    if (!isDigest(digest) || (await content.has(digest))) return
    const place = await objects.placeOf(digest)
    if (!place) return
    const blob = { mediaType: '', digest, size: size ?? place.size }
    await layout.putStream(blob, streamOf(place))
    await layout.give(content, digest)
  }
  await inParallel([...opened.blobs], 4, ({ digest, size }) => bring(digest, size))
  for (const tree of [manifest.code.tree, manifest.artifact.folder?.digest]) {
    if (!tree || !(await content.has(tree))) continue
    const entries = decodeTree((await content.read(tree)).toString('utf8'))
    if (isRefusal(entries)) continue
    await inParallel(entries, 4, ({ digest, size }) => bring(digest, size))
  }
}

function draftOf(
  { opened, model }: ReceiveRequest,
  manifest: ReleaseManifest,
  { number, keyId }: { readonly number: number; readonly keyId: string },
): Draft<Release> {
  const { manifestDigest, envelopeDigest, modelDigest } = opened.claims
  return {
    ...{ id: releaseIdOf(manifestDigest), phase: 'sealed', model, environment: null },
    ...{ parentId: manifest.runId, number, wakeAt: null, alias: aliasOf(manifestDigest) },
    ...{ digest: manifestDigest, manifestDigest, envelopeDigest, modelDigest },
    profileDigest: manifest.referenceProfile,
    runId: manifest.runId,
    signedBy: keyId,
  }
}

function refused(shelf: BlobShelf, code: string, because: string): LockstepError {
  const isTrust = code === 'release.key_untrusted' || code === 'release.no_trusted_key'
  return new LockstepError({
    code,
    kind: 'precondition',
    message: `${shelf.name} was not taken in: ${because}`,
    hint: isTrust
      ? `if you know who signs with that key, trust it and try again: lockstep keys trust PUBLIC_KEY.pem --because "…"`
      : `look at every part of it: lockstep verify ${shelf.name}`,
    details: { from: shelf.name },
  })
}
