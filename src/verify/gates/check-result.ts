// One judged check: the verdict, the sentence for a person, and the statistics from which anyone can judge it again.
import type { RawCheck } from '../../project/gate-spec.ts'
import type { DataStatistics } from '../data/data-check.ts'
import type { GroupCount, GroupName } from '../fairness/group-counts.ts'
import type { MetricStatistics } from '../metrics/metric-statistics.ts'
import type { PairedStatistics } from '../metrics/paired-statistics.ts'
import type { ReadinessStatistics } from '../readiness/readiness-statistics.ts'
import type { Verdict } from '../statistics/verdict.ts'
import type { CheckSpec } from './check-spec.ts'

export interface GateSettings {
  /** Of each one-sided bound (of all pairs together for a gap). */
  readonly confidence: number
  /** Fewest rows in a group's denominator for it to pass or fail. */
  readonly minSupport: number
}

/** Sufficient statistics of any check; plain JSON. */
export type CheckStatistics =
  | DataStatistics
  | ReadinessStatistics
  | MeasuredMetric
  | { readonly method: 'each'; readonly slices: readonly MeasuredSlice[] }
  | { readonly method: 'gap'; readonly groups: readonly GroupCount[] }
  | { readonly method: 'skipped'; readonly because: string }

export type MeasuredMetric = MetricStatistics | PairedStatistics

export interface MeasuredSlice {
  readonly group: GroupName
  readonly statistics: MeasuredMetric
}

export interface Denominator {
  readonly name: string
  readonly n: number
  readonly estimate?: number
}

/** What a judgement says; everything but the verdict and its reason is there only where it exists. */
export interface Judgement {
  readonly verdict: Verdict
  /** One sentence a person can act on, with the numbers. */
  readonly because: string
  readonly method: string
  readonly estimate?: number
  readonly lower?: number
  readonly upper?: number
  readonly limit?: number
  readonly n?: number
  readonly denominators?: readonly Denominator[]
  /** About how many rows in the denominator would decide an insufficient check, if the estimate stayed. */
  readonly neededRows?: number
}

export interface CheckResult extends Judgement {
  readonly id: string
  readonly text: string
  /** Where the line stands in lockstep.yaml. */
  readonly position: RawCheck['position']
  /** null when the line could not be parsed. */
  readonly spec: CheckSpec | null
  readonly settings: GateSettings
  readonly statistics: CheckStatistics
}

export function insufficient(because: string, method = 'none'): Judgement {
  return { verdict: 'insufficient', because, method }
}

export function mismatched(spec: CheckSpec): Judgement {
  const because = `the recorded statistics do not belong to the check "${spec.text}"`
  return { verdict: 'error', because, method: 'none' }
}
