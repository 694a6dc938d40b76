// What a rebuild found, and the statement in which it is signed. The levels are claims about evidence: n rebuilds, where, when.
import type { Digest } from '../../foundation/digest.ts'
import { bytesOfStatement, subjectsOf } from '../attest/statement.ts'
import type { ManifestEnvironment, ReleaseManifest } from '../manifest.ts'

export const rebuildPredicateType = 'https://lockstep.dev/rebuild/v1'

/**
 * R0: recorded, but cannot be run again. R1: ran again to its end. R2: other bytes, equivalent metrics.
 * R3: equal bytes on this class of machine. R4: equal bytes on another class.
 */
export type RebuildLevel = 'R0' | 'R1' | 'R2' | 'R3' | 'R4'

export const reasonCodes = [
  'input-missing',
  'env-unlocked',
  'env-drift',
  'code-dirty',
  'clock-or-path-in-output',
  'archive-metadata',
  'serializer-unstable',
  'rng-unseeded',
  'thread-order',
  'undeclared-read',
  'secret-dependent',
  'unknown',
] as const

export type ReasonCode = (typeof reasonCodes)[number]

export interface RebuildReason {
  readonly code: ReasonCode
  readonly step: string | null
  readonly path: string | null
  readonly sentence: string
}

export interface RebuiltOutput {
  readonly step: string
  readonly path: string
  readonly recorded: Digest
  /** Null when the step did not come that far. */
  readonly rebuilt: Digest | null
}

/** One gate metric of the rebuilt model against the recorded one, on the same rows. */
export interface MetricEquivalence {
  readonly metric: string
  readonly recorded: number | null
  readonly rebuilt: number | null
  /** Rebuilt − recorded, with bounds that hold with 90 %: two one-sided tests at 5 %. */
  readonly difference: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly method: string
  readonly rows: number
  readonly equivalent: boolean
}

export interface RebuildReport {
  readonly version: 1
  readonly release: Digest
  readonly level: RebuildLevel
  /** One sentence for people. */
  readonly because: string
  /** How often it was rebuilt from nothing. */
  readonly times: number
  readonly outputs: readonly RebuiltOutput[]
  readonly reasons: readonly RebuildReason[]
  /** Null when the model is equal byte for byte, or was not made. */
  readonly equivalence: {
    readonly tolerance: number
    readonly metrics: readonly MetricEquivalence[]
  } | null
  readonly recordedOn: BuiltOn
  readonly rebuiltOn: BuiltOn
  /** ISO 8601, UTC. */
  readonly finishedAt: string
  readonly tookMs: number
}

export type BuiltOn = Pick<ManifestEnvironment, 'lockstep' | 'node' | 'platform' | 'machine'>

/** The bytes that are signed: an in-toto Statement v1 about the model and the manifest. */
export function rebuildStatement(manifest: ReleaseManifest, report: RebuildReport): Uint8Array {
  const predicateType = rebuildPredicateType
  return bytesOfStatement({ subject: subjectsOf(manifest), predicateType, predicate: report })
}
