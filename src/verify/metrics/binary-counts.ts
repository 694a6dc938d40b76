// Metrics of the four counts at the threshold. Definitions as in scikit-learn; what it sets to 0 with a warning because
// a denominator is empty is undefined here.
import type { Count } from '../statistics/proportion-bounds.ts'
import type { RowWeights } from './curves.ts'
import {
  type MetricDefinition,
  type MetricForm,
  type OfWeights,
  patternForm,
  plainForm,
  type RowCounts,
} from './metric-definition.ts'
import { rowMean } from './row-means.ts'
import { type BinaryScored, type Confusion, cellOf, countConfusion, ownWeights } from './scored.ts'

type Share = Pick<MetricDefinition<BinaryScored>, 'name' | 'words' | 'counted' | 'better'> & {
  readonly count: (confusion: Confusion) => Count
  /** What scikit-learn prints without a denominator. */
  readonly compat?: number
}

const shares: readonly Share[] = [
  {
    ...{ name: 'accuracy', words: 'accuracy', counted: 'rows', better: 'higher' },
    count: (c) => ({ successes: c.tp + c.tn, trials: all(c) }),
  },
  {
    ...{ name: 'precision', words: 'precision', counted: 'selected rows', better: 'higher' },
    count: ({ tp, fp }) => ({ successes: tp, trials: tp + fp }),
    compat: 0,
  },
  {
    ...{ name: 'recall', words: 'true-positive rate', counted: 'positives', better: 'higher' },
    count: ({ tp, fn }) => ({ successes: tp, trials: tp + fn }),
    compat: 0,
  },
  {
    ...{ name: 'specificity', words: 'true-negative rate', counted: 'negatives', better: 'higher' },
    count: ({ tn, fp }) => ({ successes: tn, trials: tn + fp }),
    compat: 0,
  },
  {
    ...{ name: 'fpr', words: 'false-positive rate', counted: 'negatives', better: 'lower' },
    count: ({ tn, fp }) => ({ successes: fp, trials: tn + fp }),
  },
  {
    ...{ name: 'fnr', words: 'false-negative rate', counted: 'positives', better: 'lower' },
    count: ({ tp, fn }) => ({ successes: fn, trials: tp + fn }),
  },
  {
    ...{ name: 'npv', words: 'negative predictive value', better: 'higher' },
    counted: 'rows not selected',
    count: ({ tn, fn }) => ({ successes: tn, trials: tn + fn }),
    compat: 0,
  },
  {
    ...{ name: 'fdr', words: 'false-discovery rate', counted: 'selected rows', better: 'lower' },
    count: ({ tp, fp }) => ({ successes: fp, trials: tp + fp }),
  },
  {
    ...{ name: 'false_omission_rate', words: 'false-omission rate', better: 'lower' },
    counted: 'rows not selected',
    count: ({ tn, fn }) => ({ successes: fn, trials: tn + fn }),
  },
  {
    ...{ name: 'selection_rate', words: 'selection rate', counted: 'rows', better: 'higher' },
    count: (c) => ({ successes: c.tp + c.fp, trials: all(c) }),
  },
  {
    ...{ name: 'prevalence', words: 'share of positives', counted: 'rows', better: 'higher' },
    count: (c) => ({ successes: c.tp + c.fn, trials: all(c) }),
  },
]

const balancedAccuracy: MetricDefinition<BinaryScored> = {
  name: 'balanced_accuracy',
  words: 'balanced accuracy',
  counted: 'rows of the rarer class',
  needs: 'positives and negatives',
  better: 'higher',
  range: [0, 1],
  shape: 'resampled',
  prepare: ofCounts(({ tp, fp, fn, tn }) =>
    tp + fn > 0 && tn + fp > 0 ? (tp / (tp + fn) + tn / (tn + fp)) / 2 : undefined,
  ),
  support: rarerClass,
  // scikit-learn drops the absent class: what is left is the recall of the other.
  compatValue: (scored) => ofCounts((c) => (c.tp + c.tn) / all(c))(scored)(ownWeights(scored)) ?? 0,
}

/** Matthews 1975; from shares, so that large weights do not overflow the product of the margins. */
const mcc: MetricDefinition<BinaryScored> = {
  name: 'mcc',
  words: 'Matthews correlation',
  counted: 'rows of the rarer class',
  needs: 'positives and negatives, both selected and not selected rows',
  better: 'higher',
  range: [-1, 1],
  shape: 'resampled',
  prepare: ofCounts((counts) => {
    const { tp, fp, fn, tn } = asShares(counts)
    const margins = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return margins > 0 ? (tp * tn - fp * fn) / Math.sqrt(margins) : undefined
  }),
  support: rarerClass,
  compatValue: () => 0,
}

/** Cohen 1960: agreement beyond what the margins give by chance. */
const kappa: MetricDefinition<BinaryScored> = {
  name: 'kappa',
  words: "Cohen's kappa",
  counted: 'rows of the rarer class',
  needs: 'two different labels or answers',
  better: 'higher',
  range: [-1, 1],
  shape: 'resampled',
  prepare: ofCounts((counts) => {
    const { tp, fp, fn, tn } = asShares(counts)
    const byChance = (tp + fp) * (fp + tn) + (fn + tn) * (tp + fn)
    return byChance > 0 ? 1 - (fp + fn) / byChance : undefined
  }),
  support: rarerClass,
  compatValue: () => Number.NaN,
}

/** F_β = (1+β²) tp / ((1+β²) tp + β² fn + fp): recall counts β times as much as precision (van Rijsbergen 1979). */
function fBeta(name: string, beta: number): MetricDefinition<BinaryScored> {
  const square = beta * beta
  return {
    name,
    words: `F${beta}`,
    counted: 'positives or selected rows',
    needs: 'positives or selected rows',
    better: 'higher',
    range: [0, 1],
    shape: 'resampled',
    prepare: ofCounts(({ tp, fp, fn }) => {
      const whole = (1 + square) * tp + square * fn + fp
      return whole > 0 ? ((1 + square) * tp) / whole : undefined
    }),
    support: (scored) => {
      const { tp, fp, fn } = countConfusion(scored)
      return tp + fp + fn
    },
    compatValue: () => 0,
  }
}

/** The mean cost of a row, where a false positive and a false negative cost what is written. */
function cost(fp: number, fn: number): MetricDefinition<BinaryScored> {
  const rowValues = ({ labels, scores, threshold }: BinaryScored) =>
    Float64Array.from(scores, (score, row) => {
      const cell = cellOf(labels[row] ?? 0, score, threshold)
      return cell === 1 ? fp : cell === 2 ? fn : 0
    })
  return rowMean({
    name: `cost@fp=${fp},fn=${fn}`,
    words: `mean cost (false positive ${fp}, false negative ${fn})`,
    better: 'lower',
    range: [0, Math.max(fp, fn)],
    rowValues,
  })
}

export const countForms: readonly MetricForm<BinaryScored>[] = [
  ...shares.map((share) => plainForm(shareDefinition(share))),
  plainForm(balancedAccuracy),
  plainForm(fBeta('f1', 1)),
  patternForm(['fbeta@2'], /^fbeta@(\d+(?:\.\d+)?)$/, (text) => {
    const beta = Number(text)
    if (beta === 1) return fBeta('f1', 1)
    return beta > 0 ? fBeta(`fbeta@${beta}`, beta) : undefined
  }),
  plainForm(mcc),
  plainForm(kappa),
  patternForm(['cost@fp=1,fn=5'], /^cost@fp=(\d+(?:\.\d+)?),\s*fn=(\d+(?:\.\d+)?)$/, (fp, fn) =>
    cost(Number(fp), Number(fn)),
  ),
]

function shareDefinition({ count, compat, ...share }: Share): MetricDefinition<BinaryScored> {
  return {
    ...share,
    needs: share.counted,
    range: [0, 1],
    shape: 'proportion',
    prepare: ofCounts((confusion) => {
      const { successes, trials } = count(confusion)
      return trials > 0 ? successes / trials : undefined
    }),
    support: (scored) => count(countConfusion(scored)).trials,
    count: (scored) => count(countConfusion(scored)),
    rowCounts: (scored) => rowCountsOf(count, scored),
    ...(compat === undefined ? {} : { compatValue: () => compat }),
  }
}

/** All rows of one cell of the confusion are alike. */
function rowCountsOf(
  count: Share['count'],
  { labels, scores, threshold }: BinaryScored,
): RowCounts {
  const none = { tn: 0, fp: 0, fn: 0, tp: 0 }
  const ofCell = [{ tn: 1 }, { fp: 1 }, { fn: 1 }, { tp: 1 }].map((one) =>
    count({ ...none, ...one }),
  )
  const successes = new Uint8Array(labels.length)
  const trials = new Uint8Array(labels.length)
  for (let row = 0; row < labels.length; row++) {
    const own = ofCell[cellOf(labels[row] ?? 0, scores[row] ?? Number.NaN, threshold)]
    successes[row] = own?.successes ?? 0
    trials[row] = own?.trials ?? 0
  }
  return { successes, trials }
}

function ofCounts(
  formula: (counts: Confusion) => number | undefined,
): (scored: BinaryScored) => OfWeights {
  return ({ labels, scores, threshold }) => {
    const cells = new Uint8Array(scores.length)
    for (let row = 0; row < cells.length; row++) {
      cells[row] = cellOf(labels[row] ?? 0, scores[row] ?? Number.NaN, threshold)
    }
    return (weights) => formula(sumCells(cells, weights))
  }
}

function sumCells(cells: Uint8Array, weights: RowWeights): Confusion {
  const counts = new Float64Array(4)
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row] ?? 0
    counts[cell] = (counts[cell] ?? 0) + (weights[row] ?? 0)
  }
  const [tn = 0, fp = 0, fn = 0, tp = 0] = counts
  return { tp, fp, fn, tn }
}

function all({ tp, fp, fn, tn }: Confusion): number {
  return tp + fp + fn + tn
}

function asShares(counts: Confusion): Confusion {
  const total = all(counts) || 1
  const { tp, fp, fn, tn } = counts
  return { tp: tp / total, fp: fp / total, fn: fn / total, tn: tn / total }
}

/** Positives or negatives, whichever are fewer. */
export function rarerClass({ labels }: BinaryScored): number {
  let positives = 0
  for (const label of labels) positives += label
  return Math.min(positives, labels.length - positives)
}
