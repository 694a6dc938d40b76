// A check after parsing: what is asked, in a normal form that does not depend on how it was written. Plain JSON, so
// that it travels with its evidence.
import type { DataCheck } from '../data/data-check.ts'
import type { MetricName, ProportionName } from '../metrics/binary-metrics.ts'
import type { ReadinessSubject } from '../readiness/readiness-statistics.ts'
import type { Op } from '../statistics/verdict.ts'

export type CheckSpec = DataCheckSpec | MetricCheckSpec | GapCheckSpec | ReadinessCheckSpec

interface SharedSpec {
  /** `fairness.gap(tpr).sex`: family, subject, scope. Stable under spacing and number format. */
  readonly id: string
  /** The normal form of the line. */
  readonly text: string
  /** `warn` turns a fail into a warning. */
  readonly severity: 'fail' | 'warn'
  /** Overrides of the gate's defaults; null = default. */
  readonly confidence: number | null
  readonly minSupport: number | null
}

export interface DataCheckSpec extends SharedSpec {
  readonly kind: 'data'
  readonly check: DataCheck
}

export interface MetricCheckSpec extends SharedSpec {
  readonly kind: 'metric'
  readonly metric: MetricName
  readonly op: Op
  readonly against: Against
  /** A column: the check must hold in every group of it. */
  readonly each: string | null
}

/** `value op limit`, or `value op other + margin` on the same rows. */
export type Against =
  | { readonly with: 'limit'; readonly limit: number }
  | { readonly with: 'champion'; readonly margin: number }
  | { readonly with: 'baseline'; readonly name: string; readonly margin: number }

export interface GapCheckSpec extends SharedSpec {
  readonly kind: 'gap'
  readonly metric: ProportionName
  readonly op: '<' | '<='
  readonly limit: number
  readonly by: string
  /** What groups below the minimum support do: hold the verdict back, or are listed only. */
  readonly smallGroups: 'insufficient' | 'ignore'
}

export interface ReadinessCheckSpec extends SharedSpec {
  readonly kind: 'readiness'
  readonly subject: ReadinessSubject
  readonly op: Op
  /** In milliseconds, bytes, a count or a share, by subject. */
  readonly limit: number
  /** Arrival rate at which latency must have been measured; null = as measured. */
  readonly ratePerSecond: number | null
  readonly durationMs: number | null
}

/** What is wrong with a line, with the place inside it (0-based). */
export interface CheckProblem {
  readonly message: string
  readonly offset: number
  readonly length: number
  readonly hint?: string
}

export interface CheckProblems {
  readonly problems: readonly CheckProblem[]
}

export function hasProblems(parsed: CheckSpec | CheckProblems): parsed is CheckProblems {
  return 'problems' in parsed
}
