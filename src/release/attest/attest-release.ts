// Everything that is signed about a release besides itself, made at sealing and again when a key is replaced.
// Nothing here reads the model: digests that were recorded are signed.
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { digestOf } from '../../foundation/digest.ts'
import { isRefusal, type Refusal } from '../../foundation/refusal.ts'
import type { AttestationKind } from '../attestations.ts'
import { type Signer, signedEnvelope } from '../dsse.ts'
import type { ReleaseManifest } from '../manifest.ts'
import type { SigningKey } from '../signing.ts'
import { readEnvelope } from '../verify-envelope.ts'
import { type GateFacts, gatesStatement, testResultStatement } from './gate-results.ts'
import { type ModelFile, modelBundle, modelStatement } from './model-signature.ts'
import { type BuildFacts, provenanceStatement } from './provenance.ts'
import { bundleType, envelopeType, type SignedDocument } from './statement.ts'
import { readBundle } from './verify-model-signature.ts'

export interface AttestRequest {
  readonly manifest: ReleaseManifest
  readonly modelFiles: readonly ModelFile[]
  readonly build: BuildFacts
  readonly gates: readonly GateFacts[]
  readonly keys: AttestingKeys
}

export interface AttestingKeys {
  /** Signs what is said about the release. */
  readonly release: Signer
  /** Signs the model for other tools. */
  readonly model: SigningKey
}

export function attestRelease(request: AttestRequest): readonly SignedDocument[] {
  const { manifest, modelFiles, build, gates, keys } = request
  return [
    modelBundle(modelStatement(manifest.model, modelFiles), keys.model),
    signed('provenance', provenanceStatement(manifest, build), keys.release),
    signed('gates', testResultStatement(manifest, gates), keys.release),
    signed('gates', gatesStatement(manifest, gates), keys.release),
  ]
}

export function signed(
  kind: AttestationKind,
  statement: Uint8Array,
  signer: Signer,
): SignedDocument {
  const bytes = Buffer.from(canonicalJson(signedEnvelope(statement, signer)), 'utf8')
  return { kind, mediaType: envelopeType, digest: digestOf(bytes), bytes }
}

/** The same statement signed by the keys of today; a refusal for what is no signed statement. */
export function signAgain(
  { kind, mediaType, bytes }: Omit<SignedDocument, 'digest'>,
  keys: AttestingKeys,
): SignedDocument | Refusal {
  const opened = openSigned(mediaType, bytes)
  if (isRefusal(opened)) return opened
  return mediaType === bundleType
    ? modelBundle(opened.body, keys.model)
    : signed(kind, opened.body, keys.release)
}

/** The signed bytes and their signatures, of an envelope or of a bundle. */
export function openSigned(mediaType: string, bytes: Uint8Array): ReturnType<typeof readEnvelope> {
  if (mediaType !== bundleType) return readEnvelope(parseJson(bytes))
  const bundle = readBundle(bytes)
  return isRefusal(bundle) ? bundle : readEnvelope(bundle.envelope)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
