// Reads a model-signing bundle, ours or one that other tools made: who signed, and which files with which digests.
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { statementType } from '../dsse.ts'
import type { TrustedKey } from '../signing.ts'
import { verifySignature } from '../verify-envelope.ts'
import { hintOf, modelPredicate, rootOf } from './model-signature.ts'
import { bundleType } from './statement.ts'

export interface SignedModel {
  readonly keyId: string
  readonly name: string
  /** `sha256` of the files' digests joined: how other attestations may name the model. */
  readonly root: string
  readonly files: readonly SignedFile[]
  /** The bytes that were signed. */
  readonly statement: Uint8Array
}

export interface SignedFile {
  readonly path: string
  readonly algorithm: string
  /** Hex. */
  readonly digest: string
}

export function verifyModelSignature(
  bytes: Uint8Array,
  trustedKeys: readonly TrustedKey[],
): SignedModel | Refusal {
  const bundle = readBundle(bytes)
  if (isRefusal(bundle)) return bundle
  const { hint, envelope } = bundle
  const named = trustedKeys.filter((key) => hint === null || hintOf(key.publicKeyPem) === hint)
  if (named.length === 0)
    return refuse(
      'release.key_untrusted',
      `the bundle is signed by the key with the hint ${hint}, which is not a trusted key`,
    )
  const signed = verifySignature(envelope, named)
  // The bundle named a key we have: what does not fit then is the signature.
  if (isRefusal(signed))
    return refuse(
      'release.signature_invalid',
      `the model's signature does not hold: ${signed.because}`,
    )
  const said = readModelStatement(signed.body)
  return isRefusal(said) ? said : { ...said, keyId: signed.keyId, statement: signed.body }
}

interface Bundle {
  readonly hint: string | null
  readonly envelope: unknown
}

export function readBundle(bytes: Uint8Array): Bundle | Refusal {
  const bundle = record(parseJson(bytes))
  if (bundle.mediaType !== bundleType)
    return refuse('model_signature.unreadable', `it is no Sigstore bundle of type ${bundleType}`)
  const hint = record(record(bundle.verificationMaterial).publicKey).hint
  const { payload, payloadType, signatures } = record(bundle.dsseEnvelope)
  const list = Array.isArray(signatures) ? signatures : []
  return {
    hint: typeof hint === 'string' && hint !== '' ? hint : null,
    // An empty key id may be left out.
    envelope: {
      payload,
      payloadType,
      signatures: list.map((one) => ({ keyid: '', ...record(one) })),
    },
  }
}

export function readModelStatement(
  body: Uint8Array,
): { name: string; root: string; files: readonly SignedFile[] } | Refusal {
  const statement = record(parseJson(body))
  const unfit = (what: string) =>
    refuse('model_signature.unreadable', `the signed statement ${what}`)
  if (statement._type !== statementType || statement.predicateType !== modelPredicate)
    return unfit(`is not one of type ${modelPredicate}`)
  const [subject, ...more] = Array.isArray(statement.subject) ? statement.subject : []
  const { name, digest } = record(subject)
  const root = record(digest).sha256
  if (more.length > 0 || typeof name !== 'string' || typeof root !== 'string')
    return unfit('does not name exactly one model')
  const predicate = record(statement.predicate)
  if (record(predicate.serialization).method !== 'files')
    return unfit('cuts files into shards, which this Lockstep does not read')
  const files = (Array.isArray(predicate.resources) ? predicate.resources : []).map(fileOf)
  const known = files.filter((file) => file !== null)
  if (known.length !== files.length || known.length === 0) return unfit('lists no readable files')
  if (rootOf(known) !== root)
    return unfit('contradicts itself: its files do not have its root digest')
  return { name, root, files: known }
}

function fileOf(value: unknown): SignedFile | null {
  const { name, algorithm, digest } = record(value)
  if (typeof name !== 'string' || typeof algorithm !== 'string' || typeof digest !== 'string')
    return null
  return /^([0-9a-f]{2})+$/.test(digest) ? { path: name, algorithm, digest } : null
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
