// From rows to the few numbers from which an estimate and its bounds can be computed again later, without the rows.
import { assertNever } from '../../foundation/assert.ts'
import {
  isProportion,
  type MetricName,
  proportionCount,
  rowLosses,
  weightedMetric,
} from './binary-metrics.ts'
import { bootstrap } from './bootstrap.ts'
import { delong } from './delong.ts'
import { type Confusion, countConfusion, type Scored } from './scored.ts'

/** Sufficient statistics of one metric on one set of rows; plain JSON. */
export type MetricStatistics =
  | { readonly method: 'proportion'; readonly successes: number; readonly trials: number }
  | ({ readonly method: 'overlap' } & Omit<Confusion, 'tn'>)
  | ({ readonly method: 'balanced' } & Confusion)
  | { readonly method: 'mean'; readonly mean: number; readonly sd: number; readonly n: number }
  | {
      readonly method: 'delong'
      readonly auc: number
      readonly se: number
      readonly positives: number
      readonly negatives: number
    }
  | ({ readonly method: 'bootstrap'; readonly estimate: number; readonly n: number } & Resampling)
  | { readonly method: 'undefined'; readonly because: string; readonly n: number }

export interface Resampling {
  readonly se: number
  readonly replicates: number
  readonly seed: string
}

/** The seed is part of the evidence: the same rows and seed give the same bounds. */
export const bootstrapDefaults = { replicates: 500, seed: 'lockstep' } as const

export function measureMetric(name: MetricName, scored: Scored): MetricStatistics {
  const n = scored.labels.length
  if (n === 0) return { method: 'undefined', because: 'there are no rows', n }
  if (isProportion(name)) {
    return { method: 'proportion', ...proportionCount(name, countConfusion(scored)) }
  }
  switch (name) {
    case 'f1': {
      const { tp, fp, fn } = countConfusion(scored)
      return { method: 'overlap', tp, fp, fn }
    }
    case 'balanced_accuracy':
      return { method: 'balanced', ...countConfusion(scored) }
    case 'log_loss':
    case 'brier':
      return { method: 'mean', ...meanAndSd(rowLosses(name, scored)) }
    case 'roc_auc': {
      const found = delong(scored.labels, scored.scores)
      return found === undefined ? oneClass(scored.labels) : { method: 'delong', ...found }
    }
    case 'average_precision':
    case 'ece@15u':
      return resampled(name, scored)
    default:
      return assertNever(name)
  }
}

export function oneClass(labels: Uint8Array): MetricStatistics & { method: 'undefined' } {
  let positives = 0
  for (const label of labels) positives += label
  return {
    method: 'undefined',
    because: `it needs two rows of each class, there are ${positives} positives and ${labels.length - positives} negatives`,
    n: labels.length,
  }
}

export function meanAndSd(values: Float64Array): { mean: number; sd: number; n: number } {
  let mean = 0
  let squares = 0
  for (let row = 0; row < values.length; row++) {
    const step = (values[row] ?? 0) - mean
    mean += step / (row + 1)
    squares += step * ((values[row] ?? 0) - mean)
  }
  const n = values.length
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0, n }
}

function resampled(name: MetricName, scored: Scored): MetricStatistics {
  const n = scored.labels.length
  const { replicates, seed } = bootstrapDefaults
  const metric = weightedMetric(name, scored)
  const estimate = metric(new Uint8Array(n).fill(1))
  const spread = bootstrap({ rows: n, replicates, seed }, metric)
  if (estimate === undefined || spread === undefined) return oneClass(scored.labels)
  return { method: 'bootstrap', estimate, n, se: spread.se, replicates, seed }
}
