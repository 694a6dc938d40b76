// What was measured of the packaged artifact in the real runtime, and what the project says about its operation. Each part
// is there only when some check asked for it; measuring is done elsewhere.
import type { BadAnswer } from './bad-questions.ts'
import type { PairedBlock } from './block-bounds.ts'
import type { AnswerDifference } from './compare-answers.ts'
import type { GoldenDifference } from './golden-requests.ts'

/** A part that was asked for and could not be had, with the reason as a clause. */
export interface Unmeasured {
  readonly unmeasured: string
}

export type Measured<T> = T | Unmeasured

export interface ReadinessEvidence {
  /** From starting the process to its first ready answer. */
  readonly loadMs: number
  readonly sizeBytes: number
  /** One for every arrival rate that some check names. */
  readonly loads?: Measured<readonly LoadEvidence[]>
  /** Process start to first answer, of fresh processes. */
  readonly coldStartMs?: Measured<Float64Array>
  readonly throughput?: Measured<readonly ThroughputEvidence[]>
  readonly peakRssBytes?: Measured<number>
  readonly signature?: Measured<SignatureEvidence>
  /** `none` before the first promotion. */
  readonly compatibility?: Measured<CompatibilityEvidence> | 'none'
  readonly ratio?: Measured<RatioEvidence> | 'none'
  readonly determinism?: Measured<readonly RepeatEvidence[]>
  /** Batches of many against one row at a time. */
  readonly batchParity?: Measured<AnswerDifference>
  /** By file. */
  readonly golden?: ReadonlyMap<string, Measured<GoldenEvidence>>
  readonly badInput?: Measured<BadInputEvidence>
  readonly growth?: Measured<GrowthEvidence>
  readonly operation?: OperationEvidence
}

export interface LoadEvidence {
  /** Arrivals come on this schedule whether or not earlier ones were answered. */
  readonly ratePerSecond: number
  /** Of every request, from the moment it was due; infinite when it failed or was never answered. */
  readonly latencyMs: Float64Array
  readonly errors: number
  /** Sent more than `lateMs` after they were due: the sender could not keep up. Their delay is in their latency. */
  readonly late: number
}

export const lateMs = 10

export interface ThroughputEvidence {
  /** Requests kept in flight. */
  readonly concurrency: number
  readonly blockMs: number
  /** Answers in each block of time, one after the other. */
  readonly answered: readonly number[]
  readonly errors: number
}

export interface SignatureEvidence {
  readonly inputs: readonly string[]
  readonly declaredColumns: readonly string[]
  readonly label: string | null
  /** Of real answers, each as one clause. */
  readonly faults: readonly string[]
  readonly answers: number
}

export interface CompatibilityEvidence {
  readonly release: string
  readonly breaking: readonly string[]
  readonly inputs: number
  readonly outputs: number
}

export interface RatioEvidence {
  readonly release: string
  readonly ratePerSecond: number
  /** Candidate and champion took turns, block by block, on the same machine. */
  readonly blocks: readonly PairedBlock[]
}

export type RepeatWay = 'asked twice' | 'in batches of 1 and 64' | 'after a restart'

export interface RepeatEvidence {
  readonly way: RepeatWay
  readonly difference: AnswerDifference
}

export interface GoldenEvidence {
  readonly requests: number
  /** From the file; null when it does not say. */
  readonly tolerance: number | null
  readonly differences: readonly GoldenDifference[]
}

export interface BadInputEvidence {
  readonly answers: readonly BadAnswer[]
  /** Whether the process answered a good request afterwards. */
  readonly aliveAfter: boolean
}

export interface GrowthEvidence {
  /** Memory of the replica after warm-up and at even distances under load. */
  readonly rssBytes: readonly number[]
  readonly requests: number
}

/** What the project declares and its records show, as of the time of judging. */
export interface OperationEvidence {
  readonly owner: string | null
  /** `state`: whether there is a file with something in it. Null when none is named. */
  readonly runbook: { readonly path: string; readonly state: 'there' | 'empty' | 'missing' } | null
  readonly monitors: readonly { readonly name: string; readonly environment: string }[]
  readonly environments: readonly string[]
  /** Rollbacks that ended well, newest first. */
  readonly rollbacks: readonly RehearsedRollback[]
  readonly now: number
}

export interface RehearsedRollback {
  readonly environment: string
  readonly at: number
  /** The release that serves again, or that was taken back. */
  readonly release: string
  /** `asked`: a person went back to an earlier release. `automatic`: a rollout was taken back. */
  readonly how: 'asked' | 'automatic'
}

export function isUnmeasured(part: unknown): part is Unmeasured {
  return typeof part === 'object' && part !== null && 'unmeasured' in part
}
