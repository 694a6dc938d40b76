// What happened to a step in one run, and what is told while it happens.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { Artifact } from '../artifacts/artifact.ts'

export type StepOutput = Artifact & {
  /** Project-relative, as declared. */
  readonly path: string
}

/** `hit` and `ran` have outputs; `blocked` means that something upstream has none. */
export type StepVerdict = 'hit' | 'ran' | 'failed' | 'timed_out' | 'cancelled' | 'blocked'

export interface StepResult {
  readonly name: string
  /** Null when the step was never reached, so its inputs are unknown. */
  readonly key: Digest | null
  readonly verdict: StepVerdict
  /** One sentence: why it ran or not, or why it failed. */
  readonly because: string
  readonly hint: string | null
  readonly outputs: readonly StepOutput[]
  readonly startedAt: Instant | null
  readonly finishedAt: Instant | null
  readonly exitCode: number | null
  readonly logPath: string | null
  /** The log's object; for a hit, that of the attempt which made the result. */
  readonly logDigest: Digest | null
  readonly attempts: number
}

/** One key gave two results: the step is not deterministic. The first one counts. */
export interface Divergence {
  readonly step: string
  readonly key: Digest
  readonly counts: readonly StepOutput[]
  readonly observed: readonly StepOutput[]
  readonly because: string
}

export type PipelineEvent =
  | {
      readonly type: 'step_planned'
      readonly step: string
      readonly key: Digest
      readonly decision: 'hit' | 'run'
      readonly because: string
      readonly at: Instant
    }
  | {
      readonly type: 'step_started'
      readonly step: string
      /** 1 for the first try. */
      readonly attempt: number
      readonly attemptId: string
      readonly logPath: string
      readonly at: Instant
    }
  | {
      readonly type: 'step_log'
      readonly step: string
      readonly stream: 'stdout' | 'stderr'
      readonly line: string
    }
  | {
      readonly type: 'step_finished'
      readonly step: string
      readonly result: StepResult
      readonly at: Instant
    }
