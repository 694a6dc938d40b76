// The difference of one metric between two models on the same rows: pairing removes what both find easy or hard.

import { aucPairByUnit } from './auc-influence.ts'
import { type Resampling, resample, round12 } from './bootstrap.ts'
import { delongPair } from './delong.ts'
import { linearStatistics } from './linear-statistics.ts'
import type { Metric } from './metric.ts'
import type { RowCounts } from './metric-definition.ts'
import {
  type MeasureOptions,
  momentsOf,
  oneClass,
  type RowSpread,
  resolveMetric,
} from './metric-statistics.ts'
import { rowCounts } from './row-counts.ts'
import type { Scored } from './scored.ts'
import { type UnitKind, type Units, unitsOf } from './units.ts'

/** Sufficient statistics of own − factor × reference; plain JSON. */
export type PairedStatistics =
  | ({
      readonly method: 'paired_proportion'
      readonly gained: number
      readonly lost: number
      readonly trials: number
    } & Pair)
  | ({ readonly method: 'paired_mean' } & RowSpread & Pair)
  | ({
      readonly method: 'paired_delong'
      readonly se: number
      readonly positives: number
      readonly negatives: number
      readonly unit?: UnitKind
      readonly units?: number
    } & Pair)
  | ({
      readonly method: 'paired_linear'
      readonly se: number
      readonly n: number
      readonly units: number
      readonly unit: UnitKind
      readonly skewness: number
      readonly kurtosis?: number
    } & Pair)
  | ({ readonly method: 'paired_bootstrap'; readonly n: number } & Pair & Resampling)
  /** A number about these very rows, of both models. */
  | ({ readonly method: 'paired_observed'; readonly n: number } & Pair)
  | { readonly method: 'undefined'; readonly because: string; readonly n: number }

interface Pair {
  readonly own: number
  readonly reference: number
  /** What the reference is multiplied by before it is taken off; absent = 1. */
  readonly factor?: number
}

export interface PairOptions extends MeasureOptions {
  /** For limits relative to the reference (`champion * 0.99`). */
  readonly factor?: number
}

interface Question {
  readonly metric: Metric
  readonly own: Scored
  readonly reference: Scored
  readonly factor: number
  readonly units: Units
  readonly limit?: number
}

/** Of every metric of every task; `own` and `reference` are answers to the same rows in the same order. */
export function measurePair(
  named: Metric | string,
  own: Scored,
  reference: Scored,
  { factor = 1, limit }: PairOptions = {},
): PairedStatistics {
  const n = own.labels.length
  const metric = resolveMetric(named, own)
  if (typeof metric === 'string') return { method: 'undefined', because: metric, n }
  if (n === 0) return { method: 'undefined', because: 'there are no rows', n }
  const units = unitsOf(own)
  const shared = { metric, own, reference, factor, units }
  const question = limit === undefined ? shared : { ...shared, limit }
  const isPlain = own.weights === undefined && units.ofRow === null
  const found = isPlain ? plainPair(question) : linearPair(question)
  const statistics = found ?? resampledPair(question)
  return factor === 1 || statistics.method === 'undefined' ? statistics : { ...statistics, factor }
}

function plainPair(question: Question): PairedStatistics | undefined {
  const { metric, own, reference, factor } = question
  if (metric.shape === 'mean' && metric.rowValues) {
    return pairedMean(metric.rowValues(own), metric.rowValues(reference), factor)
  }
  if (metric.shape === 'proportion') {
    const counts = sharedCounts(question)
    return counts && pairedProportion(counts, factor)
  }
  if (metric.shape !== 'auc' || own.task !== 'binary') return undefined
  const found = delongPair(own.labels, own.scores, reference.scores, factor)
  if (found === undefined) return oneClass(own)
  const { auc, reference: other, se, ...counts } = found
  const values = { own: round12(auc), reference: round12(other), se: round12(se) }
  return { method: 'paired_delong', ...values, ...counts }
}

interface SharedCounts {
  readonly one: RowCounts
  readonly two: RowCounts
}

/** Undefined where the models have different denominators (precision: each is right about the rows it selects). */
function sharedCounts({ metric, own, reference }: Question): SharedCounts | undefined {
  const one = rowCounts(metric, own)
  const two = rowCounts(metric, reference)
  if (one === undefined || two === undefined) return undefined
  return one.trials.every((trial, row) => trial === two.trials[row]) ? { one, two } : undefined
}

function pairedMean(own: Float64Array, reference: Float64Array, factor: number): PairedStatistics {
  const { mean: _, ...spread } = momentsOf(
    own.map((loss, row) => loss - factor * (reference[row] ?? 0)),
  )
  const [one, two] = [momentsOf(own).mean, momentsOf(reference).mean]
  return { method: 'paired_mean', own: one, reference: two, ...spread }
}

function pairedProportion({ one, two }: SharedCounts, factor: number): PairedStatistics {
  let trials = 0
  let both = 0
  let gained = 0
  let lost = 0
  for (let row = 0; row < one.trials.length; row++) {
    if (one.trials[row] !== 1) continue
    trials++
    if (one.successes[row] === 1 && two.successes[row] === 1) both++
    else if (one.successes[row] === 1) gained++
    else if (two.successes[row] === 1) lost++
  }
  if (trials === 0) return { method: 'undefined', because: 'its denominator is empty', n: 0 }
  if (factor !== 1) {
    const inside = (values: Uint8Array) =>
      Float64Array.from(values.filter((_, row) => one.trials[row] === 1))
    return pairedMean(inside(one.successes), inside(two.successes), factor)
  }
  const shares = { own: (both + gained) / trials, reference: (both + lost) / trials }
  return { method: 'paired_proportion', ...shares, gained, lost, trials }
}

/** Weighted rows or rows that belong together: the difference is itself a ratio of two sums. */
function linearPair(question: Question): PairedStatistics | undefined {
  const { metric, own, reference, factor, units } = question
  if (metric.shape === 'auc' && own.task === 'binary') {
    const { labels, weights, scores } = own
    const other = { scores: reference.scores, factor }
    const found = aucPairByUnit({ labels, weights, units }, scores, other)
    if (found === undefined) return oneClass(own)
    const { auc, ...rest } = found
    return { method: 'paired_delong', own: auc, ...rest }
  }
  const counts = metric.shape === 'proportion' ? sharedCounts(question) : undefined
  const one = counts ? counts.one.successes : metric.rowValues?.(own)
  const two = counts ? counts.two.successes : metric.rowValues?.(reference)
  if (one === undefined || two === undefined || one.length !== own.labels.length) return undefined
  const denominators = counts ? counts.one.trials : new Uint8Array(one.length).fill(1)
  const { weights } = own
  const ratio = (numerators: ArrayLike<number>) =>
    linearStatistics({ numerators, denominators, weights, units })
  const difference = ratio(Float64Array.from(one, (value, row) => value - factor * (two[row] ?? 0)))
  if (difference === undefined)
    return { method: 'undefined', because: 'its denominator is empty', n: 0 }
  const { estimate: _, effective: __, ...error } = difference
  const values = { own: ratio(one)?.estimate ?? 0, reference: ratio(two)?.estimate ?? 0 }
  return { method: 'paired_linear', ...values, ...error }
}

function resampledPair(question: Question): PairedStatistics {
  const { metric, own, reference, factor, units, limit } = question
  const rows = own.labels.length
  const first = metric.prepare(own)
  const second = metric.prepare(reference)
  const whole = new Uint8Array(rows).fill(1)
  const one = first(whole)
  const two = second(whole)
  const n = Math.min(metric.support(own), metric.support(reference))
  if (one === undefined || two === undefined) {
    const whose = one === undefined ? 'the candidate' : 'the other model'
    return { method: 'undefined', because: `of ${whose} it needs ${metric.needs}`, n }
  }
  if (metric.shape === 'observed') return { method: 'paired_observed', own: one, reference: two, n }
  const plan = { units, rows, estimate: one - factor * two }
  const spread = resample(limit === undefined ? plan : { ...plan, limit }, (weights) => {
    const mine = first(weights)
    const other = second(weights)
    return mine === undefined || other === undefined ? undefined : mine - factor * other
  })
  if (spread === undefined) {
    const because = `it needs more ${metric.needs}: without some of the rows it is undefined`
    return { method: 'undefined', because, n }
  }
  return { method: 'paired_bootstrap', own: round12(one), reference: round12(two), n, ...spread }
}
