// The release manifest: one record that pins code, data, model, parameters, environment, gates and monitoring baseline by
// digest. Its canonical JSON is what is hashed, signed and stored; a release is named by that hash.
import { canonicalJson, type Json } from '../foundation/canonical-json.ts'
import { type Digest, digestOf } from '../foundation/digest.ts'
import { isRefusal, type Refusal, refuse } from '../foundation/refusal.ts'
import { upgradeManifest } from './manifest-upgrade.ts'

/** Version 2 of the document. A reader refuses versions it does not know rather than guess. */
export interface ReleaseManifest {
  readonly version: 2
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
  /** What the model card says beside this record, stored as a CardFacts document. */
  readonly card: Digest | null
  /** What was known about rebuilding it when it was sealed. */
  readonly reproducibility: ManifestReproducibility
  readonly runId: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

export interface ManifestCode {
  /** Null outside a git repository. */
  readonly commit: string | null
  /** The stored tree of every project file that the steps and checks read, lockstep.yaml among them. */
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
  /** The step output it lies in when that is a folder, such as an MLflow model. */
  readonly folder: {
    readonly path: string
    readonly digest: Digest
    readonly format: 'mlflow'
  } | null
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
  readonly machine: {
    readonly processor: string
    readonly processors: number
    readonly memoryBytes: number
  }
  readonly runtimes: readonly ManifestRuntime[]
}

/** A language environment that steps ran in. */
export interface ManifestRuntime {
  readonly kind: 'python' | 'node'
  readonly interpreter: string
  readonly platform: string
  /** Project-relative; its bytes are in the content store under `lock`. */
  readonly lockPath: string
  readonly lock: Digest
  readonly digest: Digest
  readonly steps: readonly string[]
}

export interface ManifestPipeline {
  /** The stored canonical JSON of every StepSpec. */
  readonly definition: Digest
  readonly steps: readonly ManifestStep[]
}

export interface ManifestStep {
  readonly name: string
  /** The step's cache key: a digest of everything that went into it. */
  readonly key: string
  readonly outputs: readonly ManifestOutput[]
}

export interface ManifestOutput {
  readonly path: string
  readonly kind: 'file' | 'tree'
  readonly digest: Digest
}

/** R0: recorded. R1: every input present and pinned, environments locked, no undeclared read seen. Rebuilding earns more. */
export interface ManifestReproducibility {
  readonly level: 'R0' | 'R1'
  /** Why not more, with the codes of pipelines.md: `env-unlocked`, `undeclared-read`, `code-dirty`, … */
  readonly reasons: readonly {
    readonly code: string
    readonly step: string | null
    readonly sentence: string
  }[]
}

export interface ManifestGates {
  /** The stored canonical JSON of the gates, data checks and evaluation. */
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

/** A manifest as it was read. */
export interface ReadManifest {
  readonly manifest: ReleaseManifest
  /** The version of the document that was sealed; the first is read in the shape of the second. */
  readonly written: 1 | 2
  /** The document itself: what was hashed and signed. */
  readonly document: unknown
}

/** Refuses what is not JSON, not canonical, of another version, or without the fields every reader relies on. */
export function parseManifest(text: string): ReleaseManifest | Refusal {
  const read = readManifest(text)
  return isRefusal(read) ? read : read.manifest
}

/** As parseManifest, with what verification needs: the document as it was sealed. */
export function readManifest(text: string): ReadManifest | Refusal {
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
  if (version !== 1 && version !== 2) {
    return refuse(
      'release.manifest_version',
      `the release manifest has version ${JSON.stringify(version) ?? 'none'}; this Lockstep reads versions 1 and 2`,
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
  const manifest = version === 1 ? upgradeManifest(value as Record<string, unknown>) : value
  return { manifest: manifest as ReleaseManifest, written: version, document: value }
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
