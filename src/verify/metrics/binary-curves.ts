// Metrics of the whole ranking, or of one point on it: which rows have the higher scores, not how high they are.
// Every one groups equal scores, so none depends on the order of rows.
import { rarerClass } from './binary-counts.ts'
import { averagePrecisionOf, overDistinctScores, type RowWeights, rocAucOf } from './curves.ts'
import {
  type MetricDefinition,
  type MetricForm,
  type OfWeights,
  patternForm,
  plainForm,
} from './metric-definition.ts'
import { parseShare, parseTop, type Top, topName } from './metric-parameters.ts'
import type { BinaryScored } from './scored.ts'

type Ranked = Omit<MetricDefinition<BinaryScored>, 'shape' | 'better' | 'range'>

function ranked(definition: Ranked): MetricDefinition<BinaryScored> {
  return { better: 'higher', range: [0, 1], shape: 'resampled', ...definition }
}

const ofBoth = {
  counted: 'rows of the rarer class',
  needs: 'positives and negatives',
  support: rarerClass,
} as const

const ofPositives = { counted: 'positives', needs: 'positives', support: countPositives } as const

const rocAuc: MetricDefinition<BinaryScored> = {
  ...ranked({ name: 'roc_auc', words: 'ROC AUC', ...ofBoth, prepare: rocAucOf }),
  shape: 'auc',
  compatValue: () => Number.NaN,
}

const averagePrecision = ranked({
  name: 'average_precision',
  words: 'average precision',
  ...ofPositives,
  prepare: averagePrecisionOf,
  compatValue: () => 0,
})

/** Kolmogorov-Smirnov: the widest gap between the shares of positives and of negatives above one score. */
const ks: MetricDefinition<BinaryScored> = {
  ...ranked({
    name: 'ks',
    words: 'Kolmogorov-Smirnov distance between the classes',
    ...ofBoth,
    prepare: onCurve(([first, negatives], point) => {
      let widest = 0
      point((tp, fp) => {
        widest = Math.max(widest, Math.abs(tp / first - fp / negatives))
      })
      return first > 0 && negatives > 0 ? widest : undefined
    }),
  }),
  shape: 'largest',
}

/** Sums of weights are rounded: 0.9 reached but for the last digit is reached. */
const slack = 1e-12

function precisionAtRecall(least: number): MetricDefinition<BinaryScored> {
  return ranked({
    name: `precision@recall=${least}`,
    words: `best precision with a recall of ${least} or more`,
    ...ofPositives,
    prepare: onCurve(([positives], point) => {
      let best = 0
      point((tp, fp) => {
        if (tp / positives >= least - slack) best = Math.max(best, tp / (tp + fp))
      })
      return positives > 0 ? best : undefined
    }),
  })
}

/** 0 when no threshold is that precise: then nobody may be selected. */
function recallAtPrecision(least: number): MetricDefinition<BinaryScored> {
  return ranked({
    name: `recall@precision=${least}`,
    words: `best recall with a precision of ${least} or more`,
    ...ofPositives,
    prepare: onCurve(([positives], point) => {
      let best = 0
      point((tp, fp) => {
        if (tp / (tp + fp) >= least - slack) best = Math.max(best, tp / positives)
      })
      return positives > 0 ? best : undefined
    }),
  })
}

function recallAtFpr(most: number): MetricDefinition<BinaryScored> {
  return ranked({
    name: `recall@fpr=${most}`,
    words: `best recall with a false-positive rate of ${most} or less`,
    ...ofBoth,
    prepare: onCurve(([positives, negatives], point) => {
      let best = 0
      point((tp, fp) => {
        if (fp / negatives <= most + slack) best = Math.max(best, tp / positives)
      })
      return positives > 0 && negatives > 0 ? best : undefined
    }),
  })
}

function precisionAtTop(top: Top): MetricDefinition<BinaryScored> {
  return ranked({
    name: `precision@k=${topName(top)}`,
    words: `precision among the top ${topName(top)}`,
    counted: 'rows at the top',
    needs: `${topName(top)} rows`,
    support: ({ labels }) =>
      top.of === 'rows' ? Math.min(top.rows, labels.length) : Math.floor(top.share * labels.length),
    prepare: atTop(top, ({ found, taken }) => found / taken),
  })
}

function recallAtTop(top: Top): MetricDefinition<BinaryScored> {
  return ranked({
    name: `recall@k=${topName(top)}`,
    words: `share of the positives among the top ${topName(top)}`,
    ...ofPositives,
    prepare: atTop(top, ({ found, positives }) => (positives > 0 ? found / positives : undefined)),
  })
}

/** How many times as frequent positives are at the top as in all rows. */
function lift(top: Top): MetricDefinition<BinaryScored> {
  return {
    ...ranked({
      name: `lift@${topName(top)}`,
      words: `lift of the top ${topName(top)}`,
      ...ofPositives,
      prepare: atTop(top, ({ found, taken, positives, total }) =>
        positives > 0 ? found / taken / (positives / total) : undefined,
      ),
    }),
    range: [0, Number.POSITIVE_INFINITY],
  }
}

export const curveForms: readonly MetricForm<BinaryScored>[] = [
  plainForm(rocAuc),
  plainForm(averagePrecision),
  plainForm(ks),
  shareForm('precision@recall', 0.9, precisionAtRecall),
  shareForm('recall@precision', 0.9, recallAtPrecision),
  shareForm('recall@fpr', 0.01, recallAtFpr),
  topForm(['precision@k=100', 'precision@k=10%'], /^precision@k=(.+)$/, precisionAtTop),
  topForm(['recall@k=100', 'recall@k=10%'], /^recall@k=(.+)$/, recallAtTop),
  topForm(['lift@10%'], /^lift@(.+)$/, lift),
]

function shareForm(
  head: string,
  usual: number,
  build: (share: number) => MetricDefinition<BinaryScored>,
): MetricForm<BinaryScored> {
  return patternForm([`${head}=${usual}`], new RegExp(`^${head}=(.+)$`), (text) => {
    const share = parseShare(text)
    return share === undefined ? undefined : build(share)
  })
}

function topForm(
  examples: readonly string[],
  pattern: RegExp,
  build: (top: Top) => MetricDefinition<BinaryScored>,
): MetricForm<BinaryScored> {
  return patternForm(examples, pattern, (text) => {
    const top = parseTop(text)
    return top === undefined ? undefined : build(top)
  })
}

/** Totals of both classes, and a walk over the counts at every threshold from the highest down. */
function onCurve(
  measure: (
    totals: readonly [positives: number, negatives: number],
    walk: (visit: (tp: number, fp: number) => void) => void,
  ) => number | undefined,
): (scored: BinaryScored) => OfWeights {
  return (scored) => {
    const overScores = overDistinctScores(scored)
    return (weights) => {
      const totals = sumClasses(scored.labels, weights)
      return measure(totals, (visit) => {
        let tp = 0
        let fp = 0
        overScores(weights, (positives, negatives) => {
          tp += positives
          fp += negatives
          visit(tp, fp)
        })
      })
    }
  }
}

interface TopCounts {
  readonly found: number
  readonly taken: number
  readonly positives: number
  readonly total: number
}

/**
 * The top by weight. Where the boundary falls among equal scores, each of them is in by the same fraction: the expected
 * value over every order of the tied rows.
 */
function atTop(
  top: Top,
  measure: (counts: TopCounts) => number | undefined,
): (scored: BinaryScored) => OfWeights {
  return onCurve(([positives, negatives], walk) => {
    const total = positives + negatives
    const taken = top.of === 'rows' ? top.rows : top.share * total
    if (total === 0 || taken > total) return undefined
    let found = 0
    let before = 0
    let positivesBefore = 0
    walk((tp, fp) => {
      const share = Math.min(1, (taken - before) / (tp + fp - before))
      if (share > 0) found += share * (tp - positivesBefore)
      before = tp + fp
      positivesBefore = tp
    })
    return measure({ found, taken, positives, total })
  })
}

function sumClasses(labels: Uint8Array, weights: RowWeights): readonly [number, number] {
  let positives = 0
  let negatives = 0
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1) positives += weights[row] ?? 0
    else negatives += weights[row] ?? 0
  }
  return [positives, negatives]
}

function countPositives({ labels }: BinaryScored): number {
  let positives = 0
  for (const label of labels) positives += label
  return positives
}
