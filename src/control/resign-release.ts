// Signs a release again with the keys of today. Its identity stays: the same statements get further signatures.
// Only digests are signed and only small documents read, so it takes as long for a large model as for a small one.

import type { ContentStore } from '../build/artifacts/content-store.ts'
import { digestOf } from '../foundation/digest.ts'
import { LockstepError } from '../foundation/errors.ts'
import { isRefusal } from '../foundation/refusal.ts'
import { openSigned, signAgain, signed } from '../release/attest/attest-release.ts'
import { modelBundle, modelFilesOf, modelStatement } from '../release/attest/model-signature.ts'
import type { SignedDocument } from '../release/attest/statement.ts'
import type { Attestation, AttestationStore } from '../release/attestations.ts'
import { statementBytes } from '../release/dsse.ts'
import { keyCodes } from '../release/key-codes.ts'
import type { KeyRing } from '../release/key-ring.ts'
import { type ReadManifest, readManifest } from '../release/manifest.ts'
import { type Release, releaseKind, releaseName } from '../release/release.ts'
import { verifySigned } from '../release/verify-release.ts'
import { draftOf } from '../store/object.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { Word } from './keys.ts'
import type { TrustSource } from './trust-source.ts'

export interface ResignWorld {
  readonly store: ObjectStore
  readonly content: Pick<ContentStore, 'read' | 'readTree' | 'putBytes'>
  readonly attestations: AttestationStore
  readonly trust: TrustSource
  readonly ring: KeyRing
  readonly now: number
}

/** Throws for a release whose manifest or signature was changed: a new signature must not cover that up. */
export async function resignRelease(
  world: ResignWorld,
  release: Release,
  { actor, because }: Word,
): Promise<readonly SignedDocument[]> {
  const { store, content, ring } = world
  const read = await readIntact(world, release)
  const stored = await world.attestations.of(release.digest)
  const documents = [signed('envelope', statementBytes(read), ring.release)]
  for (const document of await statementsAgain(world, read, stored)) documents.push(document)
  const known = new Set(stored.map(({ digest }) => digest))
  const fresh = documents.filter(
    ({ digest }) => !known.has(digest) && digest !== release.envelopeDigest,
  )
  for (const { kind, mediaType, digest, bytes } of fresh) {
    await content.putBytes(bytes)
    await world.attestations.add({
      ...{ release: release.digest, kind, mediaType, digest },
      ...{ size: bytes.length, addedAt: world.now },
    })
  }
  if (fresh.length === 0) return []
  const event = {
    type: 'release.signed',
    actor,
    because: `${releaseName(release)} is signed again: ${because}`,
    details: { keyId: ring.release.keyId, attestations: fresh.map(({ digest }) => digest) },
  }
  // Its keeper looks at it again: one under quarantine for its key is trusted now.
  const object = { ...draftOf<Release>(release), wakeAt: world.now }
  await store.commit({ changes: [{ kind: releaseKind, object, expect: release.revision, event }] })
  return fresh
}

async function readIntact(
  { content, trust }: ResignWorld,
  release: Release,
): Promise<ReadManifest> {
  const read = readManifest((await content.read(release.manifestDigest)).toString('utf8'))
  if (isRefusal(read)) throw notIntact(release, read.because)
  const readObject = content.read
  const signedBy = await verifySigned({ release, readObject, ...(await trust.of(release)) }, read)
  if (isRefusal(signedBy) && !keyCodes.includes(signedBy.refused))
    throw notIntact(release, signedBy.because)
  return read
}

/** What is signed by the key of today already is not signed twice. */
async function statementsAgain(
  { content, ring }: ResignWorld,
  read: ReadManifest,
  stored: readonly Attestation[],
): Promise<readonly SignedDocument[]> {
  const { manifest } = read
  const again: SignedDocument[] = []
  const done = new Set<string>()
  const ours = stored.filter(({ kind }) => signedKinds.includes(kind))
  const opened = await Promise.all(
    ours.map(async ({ kind, mediaType, digest }) => {
      const bytes = await content.read(digest)
      return { kind, mediaType, bytes, open: openSigned(mediaType, bytes) }
    }),
  )
  for (const { kind, mediaType, bytes, open } of opened) {
    if (isRefusal(open)) continue
    const name = digestOf(open.body)
    if (done.has(name)) continue
    done.add(name)
    // An Ed25519 signature is the same each time, so a document known already shows itself by its digest.
    const document = signAgain(
      { kind, mediaType, bytes },
      { release: ring.release, model: ring.model },
    )
    if (isRefusal(document)) continue
    const isModel = kind === 'model-signature'
    if (isModel && opened.some((one) => one.bytes.includes(hintIn(document)))) continue
    again.push(document)
  }
  if (!ours.some(({ kind }) => kind === 'model-signature')) {
    const { folder } = manifest.artifact
    const files = modelFilesOf(manifest, folder && (await content.readTree(folder.digest)))
    again.push(modelBundle(modelStatement(manifest.model, files), ring.model))
  }
  return again
}

const signedKinds: readonly string[] = ['model-signature', 'provenance', 'gates']

/** Names the key in a bundle. */
function hintIn({ bytes }: SignedDocument): string {
  return /"hint":"[0-9a-f]{64}"/.exec(Buffer.from(bytes).toString('utf8'))?.[0] ?? ''
}

function notIntact(release: Release, because: string): LockstepError {
  return new LockstepError({
    code: 'release.not_intact',
    kind: 'precondition',
    message: `${releaseName(release)} is not signed again: ${because}`,
    hint: `look at every part of it: lockstep verify ${release.number}`,
  })
}
