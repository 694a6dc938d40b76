// Before a release may serve, everything it claims is checked again from the bytes: manifest, model, signature, evidence and
// every other document the manifest names.
import { type Digest, digestOf } from '../foundation/digest.ts'
import { sentenceOf } from '../foundation/errors.ts'
import { isRefusal, type Refusal, refuse } from '../foundation/refusal.ts'
import { statementBytes } from './dsse.ts'
import { keyCodes } from './key-codes.ts'
import { type ReadManifest, type ReleaseManifest, readManifest } from './manifest.ts'
import { type Release, releaseName } from './release.ts'
import type { TrustedKey } from './signing.ts'
import { readEnvelope, verifyEnvelope } from './verify-envelope.ts'

/** The digests of a release that must hold; a stored Release has them all. */
export type ReleaseClaims = Pick<
  Release,
  'number' | 'alias' | 'manifestDigest' | 'envelopeDigest' | 'modelDigest'
>

export interface VerifyReleaseRequest {
  readonly release: ReleaseClaims
  /** Bytes by digest; may throw when they are absent or damaged. */
  readonly readObject: (digest: Digest) => Promise<Uint8Array>
  /** Re-hashes a big object without holding it in memory; by default it is read whole. */
  readonly hashObject?: (digest: Digest) => Promise<Digest>
  readonly trustedKeys: readonly TrustedKey[]
  /** Key id → why it was revoked: for the sentence. */
  readonly revoked?: ReadonlyMap<string, string>
  /** Signatures that were added after sealing; one of them may stand in for a key that is no longer trusted. */
  readonly addedEnvelopes?: readonly Digest[]
}

export interface VerifiedRelease {
  readonly manifest: ReleaseManifest
  /** The trusted key that signed. */
  readonly keyId: string
}

/** A refusal's sentence starts with the release and names the part: manifest, model, payload, signature, evidence, … */
export async function verifyRelease(
  request: VerifyReleaseRequest,
): Promise<VerifiedRelease | Refusal> {
  const outcome = await verifyParts(request)
  return isRefusal(outcome)
    ? refuse(
        outcome.refused,
        `${releaseName(request.release)} cannot be trusted: ${outcome.because}`,
      )
    : outcome
}

async function verifyParts(request: VerifyReleaseRequest): Promise<VerifiedRelease | Refusal> {
  const read = await verifyManifest(request)
  if (isRefusal(read)) return read
  const model = await verifyModel(request, read.manifest)
  if (isRefusal(model)) return model
  for (const { part, digest } of documentsOf(read)) {
    const bytes = await verifyBytes(request, part, digest)
    if (isRefusal(bytes)) return bytes
  }
  // Last, so that a refusal for its key means that everything else is what was sealed.
  const keyId = await verifySigned(request, read)
  return isRefusal(keyId) ? keyId : { manifest: read.manifest, keyId }
}

/** What the manifest names and the store must hold. The first version kept neither definitions nor code. */
export function documentsOf({
  manifest,
  written,
}: ReadManifest): readonly { readonly part: string; readonly digest: Digest }[] {
  const { gates, referenceProfile, card, pipeline, code } = manifest
  const named: readonly (readonly [string, Digest | null])[] = [
    ['evidence', gates.evidence],
    ['profile', referenceProfile],
    ['card', card],
    ['pipeline definition', written === 1 ? null : pipeline.definition],
    ['gate definition', written === 1 ? null : gates.definition],
    ['code tree', code.tree],
  ]
  return named.flatMap(([part, digest]) => (digest === null ? [] : [{ part, digest }]))
}

export async function verifyManifest(
  request: VerifyReleaseRequest,
): Promise<ReadManifest | Refusal> {
  const bytes = await verifyBytes(request, 'manifest', request.release.manifestDigest)
  return isRefusal(bytes) ? bytes : readManifest(Buffer.from(bytes).toString('utf8'))
}

export async function verifyModel(
  request: VerifyReleaseRequest,
  manifest: ReleaseManifest,
): Promise<Refusal | undefined> {
  const wanted = request.release.modelDigest
  if (manifest.artifact.digest !== wanted) {
    return refuse(
      'release.model_changed',
      `the manifest names the model ${manifest.artifact.digest}, the release ${wanted}`,
    )
  }
  return verifyHash(request, 'model', wanted)
}

/** The id of the trusted key that signed. */
export async function verifySigned(
  request: VerifyReleaseRequest,
  read: ReadManifest,
): Promise<string | Refusal> {
  const first = await verifyOneEnvelope(request, read, request.release.envelopeDigest)
  // What was damaged stays refused: only a key that lost its trust is made up for by another signature.
  if (!isRefusal(first) || !keyCodes.includes(first.refused)) return first
  for (const digest of request.addedEnvelopes ?? []) {
    const added = await verifyOneEnvelope(request, read, digest)
    if (!isRefusal(added)) return added
  }
  return first
}

async function verifyOneEnvelope(
  request: VerifyReleaseRequest,
  read: ReadManifest,
  wanted: Digest,
): Promise<string | Refusal> {
  const bytes = await readBytes(request, 'envelope', wanted)
  if (isRefusal(bytes)) return bytes
  const envelope = parseJson(bytes)
  // The parts are looked at before the whole, so that the sentence can say which of them was touched.
  const opened = readEnvelope(envelope)
  if (isRefusal(opened)) return opened
  if (!Buffer.from(opened.body).equals(statementBytes(read))) {
    return refuse(
      'release.payload_changed',
      'the signed payload is not the statement about this manifest: the payload was changed after signing',
    )
  }
  const verified = verifyEnvelope(envelope, request.trustedKeys)
  if (isRefusal(verified)) {
    if (keyCodes.includes(verified.refused) && digestOf(bytes) !== wanted) {
      return changed('envelope', wanted, digestOf(bytes))
    }
    const revoked = opened.signatures.find(({ keyid }) => request.revoked?.has(keyid))
    if (revoked && verified.refused === 'release.key_untrusted') {
      return refuse(
        'release.key_revoked',
        `the key ${revoked.keyid} that signed it counts no more: ${request.revoked?.get(revoked.keyid)}`,
      )
    }
    if (verified.refused !== 'release.signature_invalid') return verified
    return refuse(
      'release.signature_invalid',
      'the payload fits the manifest but the signature does not: the signature was changed, or another key made it',
    )
  }
  const found = digestOf(bytes)
  return found === wanted ? verified.keyId : changed('envelope', wanted, found)
}

/** The bytes of a small document, when they are what was sealed. */
export async function verifyBytes(
  request: VerifyReleaseRequest,
  part: string,
  digest: Digest,
): Promise<Uint8Array | Refusal> {
  const bytes = await readBytes(request, part, digest)
  if (isRefusal(bytes)) return bytes
  const found = digestOf(bytes)
  return found === digest ? bytes : changed(part, digest, found)
}

/** For what may be big: nothing when the bytes are what was sealed. */
export async function verifyHash(
  request: VerifyReleaseRequest,
  part: string,
  digest: Digest,
): Promise<Refusal | undefined> {
  try {
    const found = request.hashObject
      ? await request.hashObject(digest)
      : digestOf(await request.readObject(digest))
    return found === digest ? undefined : changed(part, digest, found)
  } catch (error) {
    return unreadable(part, digest, error)
  }
}

async function readBytes(
  request: VerifyReleaseRequest,
  part: string,
  digest: Digest,
): Promise<Uint8Array | Refusal> {
  try {
    return await request.readObject(digest)
  } catch (error) {
    return unreadable(part, digest, error)
  }
}

function changed(part: string, expected: Digest, found: Digest): Refusal {
  return refuse(
    `release.${codeOf(part)}_changed`,
    `the ${part} was changed after sealing: its bytes have the digest ${found}, sealed was ${expected}`,
  )
}

function unreadable(part: string, digest: Digest, error: unknown): Refusal {
  return refuse(
    `release.${codeOf(part)}_unreadable`,
    `the ${part} ${digest} cannot be read: ${sentenceOf(error)}`,
  )
}

function codeOf(part: string): string {
  return /^[a-z ]+$/.test(part) ? part.replaceAll(' ', '_') : 'part'
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
