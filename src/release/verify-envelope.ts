// Is this envelope what a trusted key signed, and does it say what it claims? A refusal names the part that does not hold.

import { canonicalJson } from '../foundation/canonical-json.ts'
import { isDigest } from '../foundation/digest.ts'
import { isRefusal, type Refusal, refuse } from '../foundation/refusal.ts'
import {
  type Envelope,
  payloadType,
  preAuthEncoding,
  predicateType,
  type Statement,
  statementOf,
  statementType,
} from './dsse.ts'
import { type ReleaseManifest, readManifest } from './manifest.ts'
import { isSignedBy, type TrustedKey } from './signing.ts'

export interface VerifiedEnvelope {
  readonly manifest: ReleaseManifest
  readonly statement: Statement
  /** The trusted key that signed. */
  readonly keyId: string
}

/** Nothing of the payload is believed, or even parsed as JSON, before a trusted key's signature over it holds. */
export function verifyEnvelope(
  envelope: unknown,
  trustedKeys: readonly TrustedKey[],
): VerifiedEnvelope | Refusal {
  const signed = verifySignature(envelope, trustedKeys)
  if (isRefusal(signed)) return signed
  const said = readStatement(signed.body)
  return isRefusal(said) ? said : { ...said, keyId: signed.keyId }
}

/** Of any DSSE envelope around an in-toto statement: the bytes that one of these keys signed. */
export function verifySignature(
  envelope: unknown,
  trustedKeys: readonly TrustedKey[],
): { readonly body: Uint8Array; readonly keyId: string } | Refusal {
  const read = readEnvelope(envelope)
  if (isRefusal(read)) return read
  const { body, signatures } = read
  if (trustedKeys.length === 0) {
    return refuse('release.no_trusted_key', 'no key is trusted, so no signature can be accepted')
  }
  const signed = preAuthEncoding(payloadType, body)
  const signer = trustedKeys.find((key) =>
    signatures.some(({ sig }) => isSignedBy(key, signed, sig)),
  )
  if (signer) return { body, keyId: signer.keyId }
  const claimed = signatures.map(({ keyid }) => keyid)
  const known = trustedKeys.some((key) => claimed.includes(key.keyId))
  return known
    ? refuse(
        'release.signature_invalid',
        'the signature does not fit the payload: one of the two was changed after signing',
      )
    : refuse(
        'release.key_untrusted',
        `the envelope is signed by ${claimed.join(', ') || 'nobody'}, which is not a trusted key`,
      )
}

interface OpenedEnvelope {
  readonly body: Uint8Array
  readonly signatures: readonly { readonly keyid: string; readonly sig: Uint8Array }[]
}

/** The outer form only: payload type, base64, signatures. */
export function readEnvelope(envelope: unknown): OpenedEnvelope | Refusal {
  if (!isEnvelope(envelope)) {
    return refuse(
      'release.envelope_unreadable',
      'the signature envelope is not a DSSE envelope with payload, payloadType and signatures',
    )
  }
  if (envelope.payloadType !== payloadType) {
    return refuse(
      'release.payload_changed',
      `the payload type is ${envelope.payloadType}; ${payloadType} is expected`,
    )
  }
  const body = fromBase64(envelope.payload)
  if (!body) return refuse('release.payload_changed', 'the payload is not base64')
  const signatures: { keyid: string; sig: Uint8Array }[] = []
  for (const { keyid, sig } of envelope.signatures) {
    const bytes = fromBase64(sig)
    if (!bytes) return refuse('release.signature_invalid', 'the signature is not base64')
    signatures.push({ keyid, sig: bytes })
  }
  return { body, signatures }
}

function readStatement(
  body: Uint8Array,
): { statement: Statement; manifest: ReleaseManifest } | Refusal {
  const text = Buffer.from(body).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('release.payload_unreadable', 'the signed payload is not JSON')
  }
  const claim = value as Partial<Statement> | null
  if (claim?._type !== statementType || claim.predicateType !== predicateType) {
    return refuse(
      'release.payload_unreadable',
      `the signed payload is not an in-toto statement with a predicate of type ${predicateType}`,
    )
  }
  const read = readManifest(canonicalJson(claim.predicate ?? null))
  if (isRefusal(read)) return read
  const { manifest } = read
  if (!isDigest(manifest.artifact?.digest ?? '')) {
    return refuse('release.payload_unreadable', 'the signed manifest names no model digest')
  }
  const statement = statementOf(read)
  if (canonicalJson(statement) !== text) {
    return refuse(
      'release.payload_unreadable',
      'the subjects of the signed payload do not fit the manifest in it',
    )
  }
  return { statement, manifest }
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false
  const { payload, payloadType: type, signatures } = value as Partial<Envelope>
  return (
    typeof payload === 'string' &&
    typeof type === 'string' &&
    Array.isArray(signatures) &&
    signatures.every(
      (entry: unknown) =>
        typeof entry === 'object' &&
        entry !== null &&
        typeof (entry as { keyid?: unknown }).keyid === 'string' &&
        typeof (entry as { sig?: unknown }).sig === 'string',
    )
  )
}

/** Exactly one text per byte string: Node alone would ignore stray characters and spare bits. */
function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
