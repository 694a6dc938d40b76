// The metrics of a binary model, by name, with scikit-learn's definitions. What is undefined (one class only, nobody
// selected) is undefined, never 0.
import type { Count } from '../statistics/proportion-bounds.ts'
import { averagePrecisionOf, calibrationErrorOf, type RowWeights, rocAucOf } from './curves.ts'
import { type Confusion, cellOf, countConfusion, type Scored } from './scored.ts'

export type MetricName =
  | 'roc_auc'
  | 'average_precision'
  | 'log_loss'
  | 'brier'
  | 'ece@15u'
  | 'f1'
  | 'balanced_accuracy'
  | ProportionName

/** Metrics that are a share of rows; these can be compared between groups. */
export type ProportionName =
  | 'accuracy'
  | 'precision'
  | 'recall'
  | 'specificity'
  | 'fpr'
  | 'fnr'
  | 'npv'
  | 'selection_rate'

export interface MetricWords {
  /** In a sentence. */
  readonly words: string
  /** What the denominator counts. */
  readonly counted: string
}

export const metricWords: Readonly<Record<MetricName, MetricWords>> = {
  roc_auc: { words: 'ROC AUC', counted: 'rows of the rarer class' },
  average_precision: { words: 'average precision', counted: 'rows' },
  log_loss: { words: 'log loss', counted: 'rows' },
  brier: { words: 'Brier score', counted: 'rows' },
  'ece@15u': { words: 'calibration error (15 uniform bins)', counted: 'rows' },
  f1: { words: 'F1', counted: 'positives or selected rows' },
  balanced_accuracy: { words: 'balanced accuracy', counted: 'rows of the rarer class' },
  accuracy: { words: 'accuracy', counted: 'rows' },
  precision: { words: 'precision', counted: 'selected rows' },
  recall: { words: 'true-positive rate', counted: 'positives' },
  specificity: { words: 'true-negative rate', counted: 'negatives' },
  fpr: { words: 'false-positive rate', counted: 'negatives' },
  fnr: { words: 'false-negative rate', counted: 'positives' },
  npv: { words: 'negative predictive value', counted: 'rows not selected' },
  selection_rate: { words: 'selection rate', counted: 'rows' },
}

const aliases: Readonly<Record<string, MetricName>> = {
  auc: 'roc_auc',
  ece: 'ece@15u',
  tpr: 'recall',
  sensitivity: 'recall',
  tnr: 'specificity',
  ppv: 'precision',
}

/** Every name a check may use. */
export const knownMetricNames: readonly string[] = [
  ...Object.keys(metricWords),
  ...Object.keys(aliases),
]

export function metricNamed(name: string): MetricName | undefined {
  if (Object.hasOwn(metricWords, name)) return name as MetricName
  return aliases[name]
}

export function isProportion(name: MetricName): name is ProportionName {
  return Object.hasOwn(countsOf, name)
}

/** The proportion behind a metric, on its own denominator. */
export function proportionCount(name: ProportionName, confusion: Confusion): Count {
  return countsOf[name](confusion)
}

const countsOf: Readonly<Record<ProportionName, (c: Confusion) => Count>> = {
  accuracy: ({ tp, fp, fn, tn }) => ({ successes: tp + tn, trials: tp + fp + fn + tn }),
  precision: ({ tp, fp }) => ({ successes: tp, trials: tp + fp }),
  recall: ({ tp, fn }) => ({ successes: tp, trials: tp + fn }),
  specificity: ({ tn, fp }) => ({ successes: tn, trials: tn + fp }),
  fpr: ({ tn, fp }) => ({ successes: fp, trials: tn + fp }),
  fnr: ({ tp, fn }) => ({ successes: fn, trials: tp + fn }),
  npv: ({ tn, fn }) => ({ successes: tn, trials: tn + fn }),
  selection_rate: ({ tp, fp, fn, tn }) => ({ successes: tp + fp, trials: tp + fp + fn + tn }),
}

export function metricValue(name: MetricName, scored: Scored): number | undefined {
  return weightedMetric(name, scored)(new Uint8Array(scored.labels.length).fill(1))
}

/** A metric as a function of row weights, prepared once for many evaluations. */
export function weightedMetric(
  name: MetricName,
  scored: Scored,
): (weights: RowWeights) => number | undefined {
  switch (name) {
    case 'roc_auc':
      return rocAucOf(scored)
    case 'average_precision':
      return averagePrecisionOf(scored)
    case 'ece@15u':
      return calibrationErrorOf(scored, 15)
    case 'log_loss':
    case 'brier':
      return weightedMean(rowLosses(name, scored))
    default:
      return weightedConfusion(name, scored)
  }
}

// scikit-learn clips probabilities at the machine epsilon of their type; scores here are float64.
const epsilon = 2 ** -52

/** The loss of every row; its mean is the metric. */
export function rowLosses(name: 'log_loss' | 'brier', { labels, scores }: Scored): Float64Array {
  return Float64Array.from(scores, (score, row) => {
    const label = labels[row] ?? 0
    if (name === 'brier') return (score - label) ** 2
    const clipped = Math.min(1 - epsilon, Math.max(epsilon, score))
    return label === 1 ? -Math.log(clipped) : -Math.log1p(-clipped)
  })
}

/** A metric of the four counts; undefined where its denominator is empty. */
export function confusionMetric(
  name: ProportionName | 'f1' | 'balanced_accuracy',
  c: Confusion,
): number | undefined {
  if (name === 'f1') {
    const union = 2 * c.tp + c.fp + c.fn
    return union > 0 ? (2 * c.tp) / union : undefined
  }
  if (name === 'balanced_accuracy') {
    const recall = confusionMetric('recall', c)
    const specificity = confusionMetric('specificity', c)
    return recall === undefined || specificity === undefined
      ? undefined
      : (recall + specificity) / 2
  }
  const { successes, trials } = countsOf[name](c)
  return trials > 0 ? successes / trials : undefined
}

function weightedConfusion(
  name: ProportionName | 'f1' | 'balanced_accuracy',
  scored: Scored,
): (weights: RowWeights) => number | undefined {
  countConfusion(scored)
  const cells = Uint8Array.from(scored.scores, (score, row) =>
    cellOf(scored.labels[row] ?? 0, score, scored.threshold),
  )
  return (weights) => {
    const counts = new Float64Array(4)
    for (let row = 0; row < cells.length; row++) {
      const cell = cells[row] ?? 0
      counts[cell] = (counts[cell] ?? 0) + (weights[row] ?? 0)
    }
    const [tn = 0, fp = 0, fn = 0, tp = 0] = counts
    return confusionMetric(name, { tp, fp, fn, tn })
  }
}

function weightedMean(values: Float64Array): (weights: RowWeights) => number | undefined {
  return (weights) => {
    let sum = 0
    let total = 0
    for (let row = 0; row < values.length; row++) {
      sum += (weights[row] ?? 0) * (values[row] ?? 0)
      total += weights[row] ?? 0
    }
    return total > 0 ? sum / total : undefined
  }
}
