// The stored attestations: their bytes, their signatures where they have one, and that they speak of this release and no other.
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import type { Attestation } from '../attestations.ts'
import { hexOf } from '../dsse.ts'
import { keyCodes } from '../key-codes.ts'
import type { ReleaseManifest } from '../manifest.ts'
import { verifySignature } from '../verify-envelope.ts'
import { type VerifyReleaseRequest, verifyBytes, verifyHash } from '../verify-release.ts'
import { openSigned } from './attest-release.ts'
import type { CheckedPart } from './checked-part.ts'
import { modelPredicate } from './model-signature.ts'
import { bundleType, envelopeType } from './statement.ts'
import { readModelStatement, verifyModelSignature } from './verify-model-signature.ts'

export interface AttestationsToCheck extends VerifyReleaseRequest {
  readonly attestations: readonly Attestation[]
}

export async function checkAttestations(
  request: AttestationsToCheck,
  manifest: ReleaseManifest,
): Promise<readonly CheckedPart[]> {
  const opened: Opened[] = []
  for (const attestation of request.attestations) opened.push(await open(request, attestation))
  // A statement whose key lost its trust still stands when a trusted key signed the same bytes again.
  const standing = new Map<string, string>()
  for (const { body, keyId } of opened)
    if (body && typeof keyId === 'string') standing.set(body, keyId)
  return opened.map((one) => judge(one, { request, manifest, standing }))
}

interface Opened {
  readonly part: string
  readonly attestation: Attestation
  readonly bytes: Refusal | undefined
  /** What was signed, for what is signed. */
  readonly body?: string
  /** The trusted key, or why there is none. */
  readonly keyId?: string | Refusal
  /** The keys it says it is signed by: a hint, never proof. */
  readonly claimed?: readonly string[]
}

async function open(request: VerifyReleaseRequest, attestation: Attestation): Promise<Opened> {
  const { kind, mediaType, digest } = attestation
  const part = `${kind} attestation ${digest.slice(7, 19)}`
  if (mediaType !== envelopeType && mediaType !== bundleType)
    return { part, attestation, bytes: await verifyHash(request, part, digest) }
  const bytes = await verifyBytes(request, part, digest)
  if (isRefusal(bytes)) return { part, attestation, bytes }
  const signed = openSigned(mediaType, bytes)
  if (isRefusal(signed)) return { part, attestation, bytes: signed }
  const body = Buffer.from(signed.body).toString('utf8')
  const verified =
    mediaType === bundleType
      ? verifyModelSignature(bytes, request.trustedKeys)
      : verifySignature(parseJson(Buffer.from(bytes).toString('utf8')), request.trustedKeys)
  return {
    ...{ part, attestation, body, bytes: undefined },
    keyId: isRefusal(verified) ? verified : verified.keyId,
    claimed: signed.signatures.map(({ keyid }) => keyid),
  }
}

interface Judging {
  readonly request: VerifyReleaseRequest
  readonly manifest: ReleaseManifest
  readonly standing: ReadonlyMap<string, string>
}

function judge(one: Opened, { request, manifest, standing }: Judging): CheckedPart {
  const { part, attestation, bytes, body, keyId } = one
  if (bytes) return { part, ok: false, because: bytes.because }
  if (body === undefined || keyId === undefined)
    return { part, ok: true, because: `its bytes have the recorded digest ${attestation.digest}` }
  const isModel = attestation.mediaType === bundleType
  const about = isModel ? aboutModel(body, manifest) : aboutRelease(body, request)
  if (isRefusal(about)) return { part, ok: false, because: about.because }
  if (typeof keyId === 'string')
    return { part, ok: true, because: `${about}, signed by the trusted key ${keyId}` }
  if (!keyCodes.includes(keyId.refused)) return { part, ok: false, because: keyId.because }
  const again = standing.get(body)
  if (again !== undefined)
    return {
      part,
      ok: true,
      because: `${about}; its key is not trusted, but the trusted key ${again} signed the same`,
    }
  // It is there for other tools: whoever trusts the manifest learns nothing from it, as long as the two agree.
  if (isModel)
    return {
      part,
      ok: true,
      because: `${about}; its key is not among the trusted ones, but it names the model of the signed manifest`,
    }
  const whose = [...(request.revoked ?? [])].find(([id]) => one.claimed?.includes(id))
  // Attestations are only ever added: one by a key that was revoked since stays, and must not spoil what a counting key vouches for.
  if (whose !== undefined)
    return {
      part,
      ok: true,
      because: `${about}; it does not count, because its key ${whose[0]} was ${whose[1]}`,
    }
  return { part, ok: false, because: keyId.because }
}

function aboutModel(body: string, manifest: ReleaseManifest): string | Refusal {
  const model = readModelStatement(Buffer.from(body))
  if (isRefusal(model)) return model
  const { path, digest, folder } = manifest.artifact
  const served = model.files.find((file) => file.path === path)
  const isWhole = folder !== null || model.files.length === 1
  return served?.digest === hexOf(digest) && isWhole
    ? modelPredicate
    : refuse('attestation.other_subject', `it speaks of another model than ${path} ${digest}`)
}

function aboutRelease(body: string, { release }: VerifyReleaseRequest): string | Refusal {
  const said = parseJson(body) as {
    readonly predicateType?: unknown
    readonly subject?: unknown
  } | null
  const subjects = (Array.isArray(said?.subject) ? said.subject : []) as readonly {
    readonly digest?: { readonly sha256?: string }
  }[]
  const named = subjects.map((one) => one?.digest?.sha256)
  const is = [release.manifestDigest, release.modelDigest].some((digest) =>
    named.includes(hexOf(digest)),
  )
  return is
    ? String(said?.predicateType)
    : refuse('attestation.other_subject', 'it speaks of something else than this release')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
