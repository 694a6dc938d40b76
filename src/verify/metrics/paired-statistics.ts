// The difference of one metric between two models on the same rows: pairing removes what both find easy or hard.
import { type MetricName, metricValue, rowLosses, weightedMetric } from './binary-metrics.ts'
import { bootstrap } from './bootstrap.ts'
import { delongPair } from './delong.ts'
import { bootstrapDefaults, meanAndSd, oneClass, type Resampling } from './metric-statistics.ts'
import type { Scored } from './scored.ts'

/** Sufficient statistics of own − reference; plain JSON. */
export type PairedStatistics =
  | {
      readonly method: 'paired_proportion'
      readonly own: number
      readonly reference: number
      readonly gained: number
      readonly lost: number
      readonly trials: number
    }
  | ({ readonly method: 'paired_mean'; readonly sd: number; readonly n: number } & Pair)
  | ({
      readonly method: 'paired_delong'
      readonly se: number
      readonly positives: number
      readonly negatives: number
    } & Pair)
  | ({ readonly method: 'paired_bootstrap'; readonly n: number } & Pair & Resampling)
  | { readonly method: 'undefined'; readonly because: string; readonly n: number }

interface Pair {
  readonly own: number
  readonly reference: number
}

export function measurePair(name: MetricName, own: Scored, reference: Scored): PairedStatistics {
  const n = own.labels.length
  if (n === 0) return { method: 'undefined', because: 'there are no rows', n }
  switch (name) {
    case 'roc_auc': {
      const found = delongPair(own.labels, own.scores, reference.scores)
      if (found === undefined) return oneClass(own.labels)
      const { auc, ...rest } = found
      return { method: 'paired_delong', own: auc, ...rest }
    }
    case 'log_loss':
    case 'brier':
      return pairedMean(rowLosses(name, own), rowLosses(name, reference))
    case 'accuracy':
    case 'recall':
    case 'specificity':
    case 'fpr':
    case 'fnr':
    case 'selection_rate':
      return pairedProportion(name, own, reference)
    default:
      return pairedBootstrap(name, own, reference)
  }
}

function pairedMean(own: Float64Array, reference: Float64Array): PairedStatistics {
  const { sd, n } = meanAndSd(own.map((loss, row) => loss - (reference[row] ?? 0)))
  return {
    method: 'paired_mean',
    own: meanAndSd(own).mean,
    reference: meanAndSd(reference).mean,
    sd,
    n,
  }
}

type SharedDenominator = 'accuracy' | 'recall' | 'specificity' | 'fpr' | 'fnr' | 'selection_rate'

/** Which rows the metric is a share of, and when such a row counts. */
const rowRules: Readonly<
  Record<SharedDenominator, { rows: 'all' | 0 | 1; counts: 'selected' | 'rejected' | 'right' }>
> = {
  accuracy: { rows: 'all', counts: 'right' },
  recall: { rows: 1, counts: 'selected' },
  specificity: { rows: 0, counts: 'rejected' },
  fpr: { rows: 0, counts: 'selected' },
  fnr: { rows: 1, counts: 'rejected' },
  selection_rate: { rows: 'all', counts: 'selected' },
}

function pairedProportion(
  name: SharedDenominator,
  own: Scored,
  reference: Scored,
): PairedStatistics {
  const { rows, counts } = rowRules[name]
  const counted = (label: number, isSelected: boolean) =>
    counts === 'right' ? isSelected === (label === 1) : isSelected === (counts === 'selected')
  let trials = 0
  let both = 0
  let gained = 0
  let lost = 0
  for (let row = 0; row < own.labels.length; row++) {
    const label = own.labels[row] ?? 0
    if (rows !== 'all' && label !== rows) continue
    trials++
    const one = counted(label, (own.scores[row] ?? Number.NaN) >= own.threshold)
    const two = counted(label, (reference.scores[row] ?? Number.NaN) >= reference.threshold)
    if (one && two) both++
    else if (one) gained++
    else if (two) lost++
  }
  if (trials === 0) return oneClass(own.labels)
  return {
    method: 'paired_proportion',
    own: (both + gained) / trials,
    reference: (both + lost) / trials,
    gained,
    lost,
    trials,
  }
}

function pairedBootstrap(name: MetricName, own: Scored, reference: Scored): PairedStatistics {
  const n = own.labels.length
  const { replicates, seed } = bootstrapDefaults
  const first = weightedMetric(name, own)
  const second = weightedMetric(name, reference)
  const spread = bootstrap({ rows: n, replicates, seed }, (weights) => {
    const one = first(weights)
    const two = second(weights)
    return one === undefined || two === undefined ? undefined : one - two
  })
  const one = metricValue(name, own)
  const two = metricValue(name, reference)
  if (one === undefined || two === undefined || spread === undefined) {
    return { method: 'undefined', because: 'it is undefined for one of the two models', n }
  }
  return {
    method: 'paired_bootstrap',
    own: one,
    reference: two,
    n: name === 'balanced_accuracy' ? rarerClass(own.labels) : n,
    se: spread.se,
    replicates,
    seed,
  }
}

function rarerClass(labels: Uint8Array): number {
  let positives = 0
  for (const label of labels) positives += label
  return Math.min(positives, labels.length - positives)
}
