// The release manifest: one record that pins code, data, model, parameters, environment, gates and monitoring baseline by
// digest. Its canonical JSON is what is hashed, signed and stored; a release is named by that hash.
import { canonicalJson, type Json } from '../foundation/canonical-json.ts'
import { type Digest, digestOf } from '../foundation/digest.ts'
import { type Refusal, refuse } from '../foundation/refusal.ts'

/** Version 1 of the document. A reader refuses versions it does not know rather than guess. */
export interface ReleaseManifest {
  readonly version: 1
  readonly project: string
  readonly model: string
  readonly code: ManifestCode
  readonly datasets: readonly ManifestDataset[]
  readonly artifact: ManifestArtifact
  readonly parameters: Readonly<Record<string, Json>>
  readonly seed: number | string | null
  readonly environment: ManifestEnvironment
  readonly pipeline: ManifestPipeline
  readonly gates: ManifestGates
  /** The monitoring baseline: digest of the DatasetProfile that live traffic is compared with. */
  readonly referenceProfile: Digest | null
  readonly runId: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

export interface ManifestCode {
  /** Null outside a git repository. */
  readonly commit: string | null
  /** Digest of the project's files as the run saw them. */
  readonly tree: Digest | null
  /** The files differed from the commit. */
  readonly dirty: boolean
  readonly authors: readonly string[]
}

export interface ManifestDataset {
  readonly name: string
  readonly version: Digest
  readonly rows: number
  readonly schema: readonly { readonly name: string; readonly type: string }[]
}

export interface ManifestArtifact {
  readonly path: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly format: 'onnx'
  readonly signature: ManifestSignature
}

/** What the model takes and gives, in Open Inference Protocol data types. */
export interface ManifestSignature {
  readonly inputs: readonly ManifestTensor[]
  readonly outputs: readonly ManifestTensor[]
}

export interface ManifestTensor {
  readonly name: string
  /** `FP32`, `FP64`, `INT64`, `BYTES`, … */
  readonly datatype: string
  /** -1 stands for the batch. */
  readonly shape: readonly number[]
}

export interface ManifestEnvironment {
  readonly lockstep: string
  readonly node: string
  /** For example `linux-x64`. */
  readonly platform: string
  /** Digest of the dependency lock file, if the project has one. */
  readonly lock: Digest | null
}

export interface ManifestPipeline {
  readonly definition: Digest
  readonly steps: readonly ManifestStep[]
}

export interface ManifestStep {
  readonly name: string
  /** The step's cache key: a digest of everything that went into it. */
  readonly key: string
  readonly outputs: readonly { readonly path: string; readonly digest: Digest }[]
}

export interface ManifestGates {
  readonly definition: Digest
  readonly evidence: Digest
  readonly verdict: string
}

/** The bytes that are hashed, signed and stored. */
export function manifestText(manifest: ReleaseManifest): string {
  return canonicalJson(manifest)
}

export function manifestDigest(manifest: ReleaseManifest): Digest {
  return digestOf(manifestText(manifest))
}

/** Refuses what is not JSON, not canonical, of another version, or without the fields every reader relies on. */
export function parseManifest(text: string): ReleaseManifest | Refusal {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('release.manifest_unreadable', 'the release manifest is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('release.manifest_unreadable', 'the release manifest is not a JSON object')
  }
  const version = 'version' in value ? value.version : undefined
  if (version !== 1) {
    return refuse(
      'release.manifest_version',
      `the release manifest has version ${JSON.stringify(version) ?? 'none'}; this Lockstep reads version 1`,
    )
  }
  const missing = requiredParts.filter((part) => !(part in value))
  if (missing.length > 0) {
    return refuse('release.manifest_unreadable', `the release manifest lacks ${missing.join(', ')}`)
  }
  if (canonicalJson(value) !== text) {
    return refuse(
      'release.manifest_unreadable',
      'the release manifest is not canonical JSON (RFC 8785)',
    )
  }
  return value as ReleaseManifest
}

const requiredParts: readonly (keyof ReleaseManifest)[] = [
  'project',
  'model',
  'code',
  'datasets',
  'artifact',
  'parameters',
  'environment',
  'pipeline',
  'gates',
  'runId',
  'createdAt',
]
