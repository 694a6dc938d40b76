// Metrics of the whole confusion matrix of a multiclass model, with scikit-learn's definitions. Where it counts a class
// without a denominator as 0 and warns, the average is undefined here.
import {
  averageRate,
  type ClassConfusion,
  type ClassRate,
  classConfusionOf,
  type RateAverage,
  rarestClass,
  sumOfOthers,
} from './class-confusion.ts'
import {
  type MetricDefinition,
  type MetricForm,
  type OfWeights,
  plainForm,
} from './metric-definition.ts'
import { type MulticlassScored, ownWeights } from './scored.ts'

type Measure = (confusion: ClassConfusion) => number | undefined

function ofMatrix(measure: Measure): (scored: MulticlassScored) => OfWeights {
  return (scored) => {
    const confusionOf = classConfusionOf(scored)
    return (weights) => measure(confusionOf(weights))
  }
}

type Named = Pick<MetricDefinition<MulticlassScored>, 'name' | 'words'> &
  Partial<MetricDefinition<MulticlassScored>>

function matrixMetric(named: Named, measure: Measure): MetricDefinition<MulticlassScored> {
  return {
    counted: 'rows of the rarest class',
    needs: 'rows',
    better: 'higher',
    range: [0, 1],
    shape: 'resampled',
    support: rarestClass,
    prepare: ofMatrix(measure),
    ...named,
  }
}

const balancedAccuracy = matrixMetric(
  { name: 'balanced_accuracy', words: 'balanced accuracy' },
  ({ truths, hits }) => {
    let sum = 0
    let present = 0
    for (const [at, truth] of truths.entries()) {
      if (truth === 0) continue
      sum += (hits[at] ?? 0) / truth
      present++
    }
    return present > 0 ? sum / present : undefined
  },
)

/** Gorodkin 2004: the correlation of the indicator matrices of labels and answers. */
const mcc = matrixMetric(
  {
    name: 'mcc',
    words: 'Matthews correlation',
    needs: 'two different labels and two different answers',
    range: [-1, 1],
    compatValue: () => 0,
  },
  ({ truths, answers, wrong, total }) => {
    const spread = unlike(truths, truths, total) * unlike(answers, answers, total)
    if (!(spread > 0)) return undefined
    return (unlike(truths, answers, total) - wrong / total) / Math.sqrt(spread)
  },
)

const kappa = matrixMetric(
  {
    name: 'kappa',
    words: "Cohen's kappa",
    needs: 'two different labels or answers',
    range: [-1, 1],
    compatValue: () => Number.NaN,
  },
  ({ truths, answers, wrong, total }) => {
    const byChance = unlike(truths, answers, total)
    return byChance > 0 ? 1 - wrong / total / byChance : undefined
  },
)

const rateWords: Readonly<Record<ClassRate, string>> = {
  precision: 'precision',
  recall: 'recall',
  f1: 'F1',
}

function averageForm(rate: ClassRate, by: RateAverage['by']): MetricForm<MulticlassScored> {
  const spelled = by === 'macro' ? 'mean over classes' : 'mean over classes by their rows'
  const named: Named = {
    name: `${rate}_${by}`,
    words: `${rateWords[rate]}, ${spelled}`,
    needs: needsOf(rate, by),
    compatValue: (scored) =>
      averageRate({ rate, by, whenEmpty: 0 }, classConfusionOf(scored)(ownWeights(scored))) ?? 0,
  }
  return plainForm(matrixMetric(named, (confusion) => averageRate({ rate, by }, confusion)))
}

function needsOf(rate: ClassRate, by: RateAverage['by']): string {
  if (rate === 'precision') return 'an answer of every class that has rows'
  return rate === 'recall' && by === 'macro' ? 'rows of every class that is answered' : 'rows'
}

export const matrixForms: readonly MetricForm<MulticlassScored>[] = [
  plainForm(balancedAccuracy),
  ...(['precision', 'recall', 'f1'] as const).flatMap((rate) => [
    averageForm(rate, 'macro'),
    averageForm(rate, 'weighted'),
  ]),
  plainForm(mcc),
  plainForm(kappa),
]

/** The share of pairs, one row from each margin, that are of two classes. */
function unlike(one: Float64Array, other: Float64Array, total: number): number {
  const others = sumOfOthers(other)
  let sum = 0
  for (const [at, weight] of one.entries()) sum += (weight / total) * ((others[at] ?? 0) / total)
  return sum
}
