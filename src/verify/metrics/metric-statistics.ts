// From rows to the few numbers from which an estimate and its bounds can be computed again later, without the rows.

import { aucByUnit } from './auc-influence.ts'
import {
  accelerationOf,
  type Resampling,
  type ResamplingPlan,
  resample,
  round12,
} from './bootstrap.ts'
import { delong } from './delong.ts'
import { type LinearStatistics, linearStatistics, shapeOf } from './linear-statistics.ts'
import { type Metric, metricFor } from './metric.ts'
import { rowCounts } from './row-counts.ts'
import { type BinaryScored, type Confusion, countConfusion, type Scored } from './scored.ts'
import { type UnitKind, type Units, unitsOf } from './units.ts'

/** Sufficient statistics of one metric on one set of rows; plain JSON. */
export type MetricStatistics =
  | { readonly method: 'proportion'; readonly successes: number; readonly trials: number }
  | ({ readonly method: 'overlap' } & Omit<Confusion, 'tn'>)
  | ({ readonly method: 'balanced' } & Confusion)
  | ({ readonly method: 'mean'; readonly mean: number } & RowSpread)
  /** A number about these very rows, such as the largest error. */
  | { readonly method: 'observed'; readonly value: number; readonly n: number }
  | {
      readonly method: 'delong'
      readonly auc: number
      readonly se: number
      readonly positives: number
      readonly negatives: number
      /** Where rows are weighted or belong together; absent where every row counts for itself. */
      readonly unit?: UnitKind
      readonly units?: number
    }
  /** Weighted rows, or rows that belong together. */
  | ({ readonly method: 'linear'; readonly isShare: boolean } & LinearStatistics)
  | ({
      readonly method: 'bootstrap'
      readonly estimate: number
      readonly n: number
      readonly acceleration: number
      /** Of a metric that is too high by its own noise: how often the shift of the replicates is taken off the lower bound. */
      readonly optimism?: number
      /** Where its values end; null without an end. */
      readonly range: readonly [number | null, number | null]
    } & Resampling)
  | { readonly method: 'undefined'; readonly because: string; readonly n: number }

export interface RowSpread {
  readonly sd: number
  readonly n: number
  /** Third standardised moment: one-sided bounds of skewed losses need it. */
  readonly skewness: number
  /** Fourth, less 3. */
  readonly kurtosis?: number
}

/** What the numbers are for; saves work, and never changes them. */
export interface MeasureOptions {
  /** Resampling may end early when this is clearly out of reach. */
  readonly limit?: number
}

/** Of every metric of every task. A name that is no metric of the task is `undefined` with the reason. */
export function measureMetric(
  named: Metric | string,
  scored: Scored,
  { limit }: MeasureOptions = {},
): MetricStatistics {
  const n = scored.labels.length
  const metric = resolveMetric(named, scored)
  if (typeof metric === 'string') return { method: 'undefined', because: metric, n }
  if (n === 0) return { method: 'undefined', because: 'there are no rows', n }
  const units = unitsOf(scored)
  const isPlain = scored.weights === undefined && units.ofRow === null
  const exact = isPlain ? plainStatistics(metric, scored) : linearOf(metric, scored, units)
  if (exact !== undefined) return exact
  if (metric.shape === 'observed') return observed(metric, scored)
  return resampled(metric, scored, { units, ...(limit === undefined ? {} : { limit }) })
}

/** The metric, or why these rows have none of that name. */
export function resolveMetric(named: Metric | string, scored: Scored): Metric | string {
  if (typeof named !== 'string') return named
  return metricFor(scored.task, named) ?? `${named} is not a metric of a ${scored.task} model`
}

function plainStatistics(metric: Metric, scored: Scored): MetricStatistics | undefined {
  const { shape, count, rowValues, name } = metric
  if (shape === 'proportion' && count) return { method: 'proportion', ...count(scored) }
  if (shape === 'mean' && rowValues) return meanStatistics(rowValues(scored))
  if (scored.task !== 'binary') return undefined
  if (shape === 'auc') {
    const found = delong(scored.labels, scored.scores)
    if (found === undefined) return oneClass(scored)
    return { method: 'delong', ...found, auc: round12(found.auc), se: round12(found.se) }
  }
  if (name === 'f1') {
    const { tp, fp, fn } = countConfusion(scored)
    return { method: 'overlap', tp, fp, fn }
  }
  return name === 'balanced_accuracy'
    ? { method: 'balanced', ...countConfusion(scored) }
    : undefined
}

function meanStatistics(values: Float64Array): MetricStatistics {
  const { mean, ...spread } = momentsOf(values)
  return { method: 'mean', mean, ...spread }
}

/** Two passes: the second sees deviations only, so large offsets cancel nothing. */
export function momentsOf(values: Float64Array): { readonly mean: number } & RowSpread {
  const n = values.length
  let sum = 0
  for (const value of values) sum += value
  const mean = n > 0 ? sum / n : 0
  let squares = 0
  let cubes = 0
  let fourths = 0
  for (const value of values) {
    const square = (value - mean) ** 2
    squares += square
    cubes += square * (value - mean)
    fourths += square * square
  }
  const sd = n > 1 ? Math.sqrt(squares / (n - 1)) : 0
  return {
    mean: round12(mean),
    sd: round12(sd),
    n,
    ...shapeOf({ count: n, squares, cubes, fourths }),
  }
}

function linearOf(metric: Metric, scored: Scored, units: Units): MetricStatistics | undefined {
  const { weights } = scored
  if (metric.shape === 'auc' && scored.task === 'binary') {
    const found = aucByUnit({ labels: scored.labels, weights, units }, scored.scores)
    return found === undefined ? oneClass(scored) : { method: 'delong', ...found }
  }
  if (metric.shape === 'mean' && metric.rowValues) {
    const numerators = metric.rowValues(scored)
    if (numerators.length !== scored.labels.length) return undefined
    const denominators = new Uint8Array(numerators.length).fill(1)
    const found = linearStatistics({ numerators, denominators, weights, units })
    return found && { method: 'linear', isShare: false, ...found }
  }
  if (metric.shape !== 'proportion') return undefined
  const counts = rowCounts(metric, scored)
  if (counts === undefined) return undefined
  const { successes: numerators, trials: denominators } = counts
  const found = linearStatistics({ numerators, denominators, weights, units })
  if (found === undefined) return { method: 'proportion', successes: 0, trials: 0 }
  return { method: 'linear', isShare: true, ...found }
}

export function oneClass({ labels }: BinaryScored): MetricStatistics & { method: 'undefined' } {
  let positives = 0
  for (const label of labels) positives += label
  const because = `it needs two rows of each class, there are ${positives} positives and ${labels.length - positives} negatives`
  return { method: 'undefined', because, n: labels.length }
}

function observed(metric: Metric, scored: Scored): MetricStatistics {
  const n = metric.support(scored)
  const value = metric.value(scored)
  return value === undefined
    ? { method: 'undefined', because: `it needs ${metric.needs}`, n }
    : { method: 'observed', value, n }
}

function resampled(
  metric: Metric,
  scored: Scored,
  plan: Pick<ResamplingPlan, 'units' | 'limit'>,
): MetricStatistics {
  const rows = scored.labels.length
  const n = metric.support(scored)
  const statistic = metric.prepare(scored)
  const estimate = statistic(new Uint8Array(rows).fill(1))
  if (estimate === undefined) {
    return { method: 'undefined', because: `it needs ${metric.needs}`, n }
  }
  const spread = resample({ ...plan, rows, estimate }, statistic)
  if (spread === undefined) {
    const because = `it needs more ${metric.needs}: without some of the rows it is undefined`
    return { method: 'undefined', because, n }
  }
  return {
    method: 'bootstrap',
    estimate: round12(estimate),
    n,
    acceleration: accelerationOf(plan.units, rows, statistic),
    ...optimismOf(metric),
    range: [finiteOrNull(metric.range[0]), finiteOrNull(metric.range[1])],
    ...spread,
  }
}

/**
 * Replicates of a largest difference have a sharper peak than the truth and show a third of its bias only (150 and 400 rows, in the
 * simulation); those of a sum of sizes show all of it.
 */
function optimismOf({ shape }: Metric): { readonly optimism?: number } {
  if (shape === 'largest') return { optimism: 3 }
  return shape === 'folded' ? { optimism: 1 } : {}
}

/** Infinity has no JSON. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
