// Sealing: from the facts of a succeeded run to a signed release and the documents the content store must hold for it.
import { canonicalJson } from '../foundation/canonical-json.ts'
import { type Digest, digestOf } from '../foundation/digest.ts'
import { type Refusal, refuse } from '../foundation/refusal.ts'
import type { Draft, EventDraft } from '../store/object.ts'
import { aliasOf } from './alias.ts'
import { envelopeOf, type Signer } from './dsse.ts'
import { manifestText, type ReleaseManifest } from './manifest.ts'
import { type Release, type ReleaseClearance, releaseName } from './release.ts'

export interface SealRequest {
  readonly manifest: ReleaseManifest
  /** The model's next number. */
  readonly number: number
  readonly signer: Signer
  readonly clearance: ReleaseClearance
}

/** Immutable bytes that must be in the content store before the release is recorded. */
export interface ReleaseDocument {
  readonly name: 'manifest' | 'envelope'
  readonly digest: Digest
  readonly bytes: Uint8Array
}

export interface SealedRelease {
  readonly release: Draft<Release>
  readonly documents: readonly ReleaseDocument[]
  readonly event: EventDraft
}

/** Only verdicts that let a model through. Error never does, and insufficient only into the hands of a person. */
const clearing = ['pass', 'warn', 'waived']

/** The same manifest and key give the same release, byte for byte (Ed25519 is deterministic). */
export function sealRelease(request: SealRequest): SealedRelease | Refusal {
  const { manifest, number, signer, clearance } = request
  const { verdict } = manifest.gates
  const isForPeople = verdict === 'insufficient' && clearance.undecided !== null
  if (!clearing.includes(verdict) && !isForPeople) {
    return refuse(
      'release.gates_not_cleared',
      `run ${manifest.runId} makes no release: its gates ended with '${verdict}', allowed are ${clearing.join(', ')}`,
    )
  }
  const manifestBytes = Buffer.from(manifestText(manifest), 'utf8')
  const digest = digestOf(manifestBytes)
  const envelopeBytes = Buffer.from(canonicalJson(envelopeOf(manifest, signer)), 'utf8')
  const envelopeDigest = digestOf(envelopeBytes)
  const release: Draft<Release> = {
    id: releaseIdOf(digest),
    phase: 'sealed',
    model: manifest.model,
    environment: null,
    parentId: manifest.runId,
    number,
    wakeAt: null,
    alias: aliasOf(digest),
    digest,
    manifestDigest: digest,
    envelopeDigest,
    modelDigest: manifest.artifact.digest,
    profileDigest: manifest.referenceProfile,
    runId: manifest.runId,
    signedBy: signer.keyId,
    ...(clearance.undecided === null && clearance.waivedBy.length === 0 ? {} : { clearance }),
  }
  return {
    release,
    documents: [
      { name: 'manifest', digest, bytes: manifestBytes },
      { name: 'envelope', digest: envelopeDigest, bytes: envelopeBytes },
    ],
    event: {
      type: 'release.sealed',
      actor: 'system:loop',
      because: `${releaseName(release)} of ${manifest.model} is sealed and signed: the gates of run ${manifest.runId} ended with '${verdict}'${clearance.undecided === null ? '' : '; a person decides on it'}`,
      details: { digest, modelDigest: manifest.artifact.digest, signedBy: signer.keyId },
    },
  }
}

export function releaseIdOf(digest: Digest): string {
  return `rel_${digest.slice('sha256:'.length, 'sha256:'.length + 26)}`
}
