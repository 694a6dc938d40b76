// Results of steps that no attempt made: known ones, and those of steps that never started.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { KnownResult } from './judge-step.ts'
import type { StepResult } from './step-run.ts'

export function hasOutputs(result: StepResult): boolean {
  return result.verdict === 'hit' || result.verdict === 'ran'
}

export function hitResult(
  name: string,
  { key, because, record }: KnownResult,
  times: { readonly startedAt: Instant; readonly finishedAt: Instant },
): StepResult {
  const { outputs, logDigest = null } = record
  return {
    ...{ name, key, because, outputs, logDigest, ...times },
    ...{ verdict: 'hit', hint: null, exitCode: null, logPath: null, attempts: 0 },
  }
}

export function neverStarted(
  step: StepSpec,
  verdict: 'blocked' | 'cancelled' | 'failed',
  because: string,
): StepResult & { readonly key: Digest | null } {
  return {
    ...{ name: step.name, key: null, verdict, because, hint: null, outputs: [], attempts: 0 },
    ...{ startedAt: null, finishedAt: null, exitCode: null, logPath: null, logDigest: null },
  }
}

export const wordsOf: Readonly<Record<StepResult['verdict'], string>> = {
  hit: 'was known',
  ran: 'ran',
  failed: 'failed',
  timed_out: 'ran into its timeout',
  cancelled: 'was cancelled',
  blocked: 'was blocked itself',
}
