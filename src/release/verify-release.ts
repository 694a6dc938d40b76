// Before a release may serve, everything it claims is checked again from the bytes: manifest, model, envelope and signature.
import { type Digest, digestOf } from '../foundation/digest.ts'
import { sentenceOf } from '../foundation/errors.ts'
import { isRefusal, type Refusal, refuse } from '../foundation/refusal.ts'
import { statementBytes } from './dsse.ts'
import { parseManifest, type ReleaseManifest } from './manifest.ts'
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
}

export interface VerifiedRelease {
  readonly manifest: ReleaseManifest
  /** The trusted key that signed. */
  readonly keyId: string
}

/** A refusal's sentence starts with the release and names the part: manifest, model, payload or signature. */
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
  const { release, trustedKeys } = request
  const manifestBytes = await read(request, 'manifest', release.manifestDigest)
  if (isRefusal(manifestBytes)) return manifestBytes
  if (digestOf(manifestBytes) !== release.manifestDigest) {
    return changed('manifest', release.manifestDigest, digestOf(manifestBytes))
  }
  const manifest = parseManifest(Buffer.from(manifestBytes).toString('utf8'))
  if (isRefusal(manifest)) return manifest
  const model = await verifyModel(request, manifest)
  if (isRefusal(model)) return model
  const envelopeBytes = await read(request, 'envelope', release.envelopeDigest)
  if (isRefusal(envelopeBytes)) return envelopeBytes
  const envelope = parseJson(envelopeBytes)
  // The parts are looked at before the whole, so that the sentence can say which of them was touched.
  const opened = readEnvelope(envelope)
  if (isRefusal(opened)) return opened
  if (!Buffer.from(opened.body).equals(statementBytes(manifest))) {
    return refuse(
      'release.payload_changed',
      'the signed payload is not the statement about this manifest: the payload was changed after signing',
    )
  }
  const verified = verifyEnvelope(envelope, trustedKeys)
  if (isRefusal(verified)) {
    if (verified.refused !== 'release.signature_invalid') return verified
    return refuse(
      'release.signature_invalid',
      'the payload fits the manifest but the signature does not: the signature was changed, or another key made it',
    )
  }
  if (digestOf(envelopeBytes) !== release.envelopeDigest) {
    return changed('envelope', release.envelopeDigest, digestOf(envelopeBytes))
  }
  return { manifest, keyId: verified.keyId }
}

async function verifyModel(
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
  try {
    const found = request.hashObject
      ? await request.hashObject(wanted)
      : digestOf(await request.readObject(wanted))
    return found === wanted ? undefined : changed('model', wanted, found)
  } catch (error) {
    return unreadable('model', wanted, error)
  }
}

async function read(
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
    `release.${part}_changed`,
    `the ${part} was changed after sealing: its bytes have the digest ${found}, sealed was ${expected}`,
  )
}

function unreadable(part: string, digest: Digest, error: unknown): Refusal {
  return refuse(
    `release.${part}_unreadable`,
    `the ${part} ${digest} cannot be read: ${sentenceOf(error)}`,
  )
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
