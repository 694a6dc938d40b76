// One judged check: the verdict, the sentence for a person, and the statistics from which anyone can judge it again.
import type { RawCheck } from '../../project/gate-spec.ts'
import type { DataStatistics } from '../data/data-statistics.ts'
import type { BetweenStatistics } from '../data/overlap/overlap-check.ts'
import type { GroupName } from '../fairness/group-counts.ts'
import type { FairnessStatistics } from '../fairness/group-statistics.ts'
import type { MetricStatistics } from '../metrics/metric-statistics.ts'
import type { PairedStatistics } from '../metrics/paired-statistics.ts'
import type { ReadinessStatistics } from '../readiness/readiness-statistics.ts'
import type { RobustnessStatistics } from '../readiness/robustness.ts'
import type { TestStatistics } from '../readiness/test-report.ts'
import type { SecurityStatistics } from '../security/security-statistics.ts'
import type { Verdict } from '../statistics/verdict.ts'
import type { CheckSpec, OnInsufficient } from './check-spec.ts'
import type { RecipeStatistics } from './recipe-evidence.ts'

export interface GateSettings {
  /** Of each one-sided bound (of all pairs together for a gap). */
  readonly confidence: number
  /** Chance of deciding when the truth is as far from the limit as planned: what "rows needed" are computed for. */
  readonly power: number
  /** Fewest rows in a group's denominator for it to pass or fail. */
  readonly minSupport: number
  readonly onInsufficient: OnInsufficient
}

/** Sufficient statistics of any check; plain JSON. */
export type CheckStatistics =
  | DataStatistics
  | BetweenStatistics
  | ReadinessStatistics
  | RobustnessStatistics
  | MeasuredMetric
  | MeasuredSlices
  | RecipeStatistics
  | FairnessStatistics
  | SecurityStatistics
  | TestStatistics
  | { readonly method: 'skipped'; readonly because: string }

export type MeasuredMetric = MetricStatistics | PairedStatistics

export interface MeasuredSlices {
  readonly method: 'each'
  readonly slices: readonly MeasuredSlice[]
  /** Slices that were asked for and have no rows. */
  readonly missing?: readonly { readonly name: string; readonly because: string }[]
}

export interface MeasuredSlice {
  readonly group: GroupName
  readonly statistics: MeasuredMetric
  /** Asked for by name, not found by listing a column. */
  readonly isNamed?: boolean
}

export interface Denominator {
  readonly name: string
  readonly n: number
  readonly estimate?: number
  /** Of its own interval, for a plot; the verdict rests on the bounds of the whole check. */
  readonly lower?: number
  readonly upper?: number
  /** Adjusted for the number of slices. */
  readonly p?: number
  /** Of the slice alone; `skipped` when it was too small to look at. */
  readonly verdict?: Verdict
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
  /** It warns only because nothing could be decided. */
  readonly undecided?: true
  /** What another tool prints for the same question, where it differs. */
  readonly compat?: string
}

export interface CheckResult extends Judgement {
  readonly id: string
  /** The normal form. */
  readonly text: string
  /** As a person wrote it. */
  readonly written: string
  /** Where the line stands in lockstep.yaml. */
  readonly position: RawCheck['position']
  /** null when the line could not be parsed. */
  readonly spec: CheckSpec | null
  readonly settings: GateSettings
  readonly statistics: CheckStatistics
  /** Of a line that could not be parsed; what others were given is in `spec`. */
  readonly options?: RawCheck['options']
  /** Who answers for letting it through; there only when the verdict is `waived`. */
  readonly waiver?: AppliedWaiver
}

/** A named person's decision, with an end, that a check may be passed by. */
export interface AppliedWaiver {
  readonly by: string
  readonly because: string
  /** ISO date, the last day on which it holds. */
  readonly until: string
  /** What the statistics said. */
  readonly of: Verdict
}

export function insufficient(because: string, method = 'none'): Judgement {
  return { verdict: 'insufficient', because, method }
}

export function mismatched(spec: CheckSpec): Judgement {
  const because = `the recorded statistics do not belong to the check "${spec.text}"`
  return { verdict: 'error', because, method: 'none' }
}

const metricMethods: readonly string[] = [
  'proportion',
  'overlap',
  'balanced',
  'mean',
  'delong',
  'linear',
  'bootstrap',
  'observed',
  'paired_proportion',
  'paired_mean',
  'paired_delong',
  'paired_linear',
  'paired_bootstrap',
  'paired_observed',
  'undefined',
]

export function isMeasuredMetric(statistics: CheckStatistics): statistics is MeasuredMetric {
  return metricMethods.includes(statistics.method)
}
