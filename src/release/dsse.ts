// What is signed and in which envelope: an in-toto Statement v1 about the model and the manifest, inside a DSSE envelope.
// Sources: DSSE protocol v1.0.0 (secure-systems-lab/dsse, protocol.md); in-toto attestation framework, Statement v1.
import { canonicalJson } from '../foundation/canonical-json.ts'
import { type Digest, digestOfJson } from '../foundation/digest.ts'
import type { ReadManifest, ReleaseManifest } from './manifest.ts'

export const payloadType = 'application/vnd.in-toto+json'
export const statementType = 'https://in-toto.io/Statement/v1'
export const predicateType = 'https://lockstep.dev/release/v1'

export interface Envelope {
  /** Standard base64 of the statement's bytes. */
  readonly payload: string
  readonly payloadType: string
  readonly signatures: readonly EnvelopeSignature[]
}

export interface EnvelopeSignature {
  /** A hint which key to try; it is not authenticated. */
  readonly keyid: string
  readonly sig: string
}

export interface Statement {
  readonly _type: typeof statementType
  readonly subject: readonly {
    readonly name: string
    readonly digest: { readonly sha256: string }
  }[]
  readonly predicateType: typeof predicateType
  /** The manifest's document. */
  readonly predicate: unknown
}

/** Anything that can sign bytes: a key on disk here, a key service elsewhere. */
export interface Signer {
  readonly keyId: string
  sign(bytes: Uint8Array): Uint8Array
}

/** Pre-authentication encoding: `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes as ASCII decimals. */
export function preAuthEncoding(type: string, body: Uint8Array): Uint8Array {
  const typeLength = Buffer.byteLength(type, 'utf8')
  const head = Buffer.from(`DSSEv1 ${typeLength} ${type} ${body.length} `, 'utf8')
  return Buffer.concat([head, body])
}

/** Subjects: the model by its path, and the manifest, so that either digest leads to the statement. */
export function statementOf({ manifest, document }: ManifestToSign): Statement {
  return {
    _type: statementType,
    subject: [
      { name: manifest.artifact.path, digest: { sha256: hexOf(manifest.artifact.digest) } },
      { name: manifestSubject, digest: { sha256: hexOf(digestOfJson(document)) } },
    ],
    predicateType,
    predicate: document,
  }
}

/** What is read of a manifest, and the document that is signed: another one for what an earlier version sealed. */
export type ManifestToSign = Pick<ReadManifest, 'manifest' | 'document'>

export const manifestSubject = 'release-manifest.json'

export function statementBytes(read: ManifestToSign): Uint8Array {
  return Buffer.from(canonicalJson(statementOf(read)), 'utf8')
}

export function envelopeOf(manifest: ReleaseManifest, signer: Signer): Envelope {
  return signedEnvelope(statementBytes({ manifest, document: manifest }), signer)
}

/** A DSSE envelope around the bytes of any in-toto statement. */
export function signedEnvelope(body: Uint8Array, signer: Signer): Envelope {
  const signature = signer.sign(preAuthEncoding(payloadType, body))
  return {
    payload: Buffer.from(body).toString('base64'),
    payloadType,
    signatures: [{ keyid: signer.keyId, sig: Buffer.from(signature).toString('base64') }],
  }
}

export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length)
}
