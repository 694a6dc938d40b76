// Metrics that read the scores of a multiclass model as probabilities: losses, calibration, and the first K answers.
import { binRows, expectedError } from './calibration-bins.ts'
import { answersOf } from './class-confusion.ts'
import { clipProbability } from './clip-probability.ts'
import {
  type MetricDefinition,
  type MetricForm,
  patternForm,
  plainForm,
} from './metric-definition.ts'
import {
  type Binning,
  binningName,
  binningPattern,
  binningWords,
  parseBinning,
} from './metric-parameters.ts'
import { rowMean } from './row-means.ts'
import { rowShare } from './row-shares.ts'
import type { MulticlassScored } from './scored.ts'

/** Rows that do not add up to 1 are not normalised, as in scikit-learn since 1.5. */
const logLoss = rowMean<MulticlassScored>({
  name: 'log_loss',
  words: 'log loss',
  better: 'lower',
  range: [0, Number.POSITIVE_INFINITY],
  rowValues: ({ classes, labels, scores }) =>
    Float64Array.from(labels, (label, row) => {
      const score = scores[row * classes.length + label] ?? Number.NaN
      return -Math.log(clipProbability(score))
    }),
  fault: faultOfDistributions,
})

/** Brier 1950, over all classes and not halved: from 0 to 2. */
const brier = rowMean<MulticlassScored>({
  name: 'brier',
  words: 'Brier score',
  better: 'lower',
  range: [0, 2],
  rowValues: ({ classes, labels, scores }) =>
    Float64Array.from(labels, (label, row) => {
      let sum = 0
      for (let at = 0; at < classes.length; at++) {
        sum += ((scores[row * classes.length + at] ?? Number.NaN) - (at === label ? 1 : 0)) ** 2
      }
      return sum
    }),
  fault: faultOfDistributions,
})

function topAnswers(most: number): MetricDefinition<MulticlassScored> {
  return rowShare({
    name: `top@${most}`,
    words: `share of rows whose class is among the first ${most} answers`,
    ...{ counted: 'rows', better: 'higher' },
    rowCounts: (scored) => ({
      successes: hitsOf(scored, most),
      trials: new Uint8Array(scored.labels.length).fill(1),
    }),
    fault: ({ classes }) =>
      most < classes.length
        ? undefined
        : `the model has ${classes.length} classes, so the first ${most} answers are always right`,
  })
}

/** 1 where fewer than `most` classes go before the true one. Of equal scores the later class does, as in scikit-learn. */
function hitsOf({ classes, labels, scores }: MulticlassScored, most: number): Uint8Array {
  const width = classes.length
  return Uint8Array.from(labels, (label, row) => {
    const own = scores[row * width + label] ?? Number.NaN
    let before = 0
    for (let at = 0; at < width; at++) {
      const score = scores[row * width + at] ?? Number.NaN
      if (score > own || (score === own && at > label)) before++
    }
    return before < most ? 1 : 0
  })
}

/** Of the most probable class: how sure it is against how often it is right (Guo et al. 2017). */
function topLabelError(binning: Binning): MetricDefinition<MulticlassScored> {
  return {
    ...calibration('ece', 'calibration error of the answer', binning),
    prepare: (scored) => {
      const width = scored.classes.length
      const answers = answersOf(scored)
      const totals = binRows(
        {
          labels: Uint8Array.from(answers, (answer, row) =>
            answer === scored.labels[row] ? 1 : 0,
          ),
          scores: Float64Array.from(answers, (at, row) => scored.scores[row * width + at] ?? 0),
          ...(scored.weights && { weights: scored.weights }),
        },
        binning,
      )
      return (weights) => expectedError(totals(weights))
    },
  }
}

/** The mean over classes of the calibration error of each class's own probability (Kull et al. 2019). */
function classwiseError(binning: Binning): MetricDefinition<MulticlassScored> {
  return {
    ...calibration('ece_classwise', 'calibration error, mean over classes', binning),
    prepare: (scored) => {
      const width = scored.classes.length
      const { labels, weights: own } = scored
      const columns = scored.classes.map((_, at) =>
        binRows(
          {
            labels: Uint8Array.from(labels, (label) => (label === at ? 1 : 0)),
            scores: Float64Array.from(labels, (_, row) => scored.scores[row * width + at] ?? 0),
            ...(own && { weights: own }),
          },
          binning,
        ),
      )
      return (weights) => {
        let sum = 0
        for (const totals of columns) {
          const error = expectedError(totals(weights))
          if (error === undefined) return undefined
          sum += error
        }
        return sum / width
      }
    },
  }
}

function calibration(head: string, words: string, binning: Binning) {
  return {
    name: `${head}@${binningName(binning)}`,
    words: `${words} (${binningWords(binning)})`,
    ...({ counted: 'rows', needs: 'rows', better: 'lower', shape: 'folded' } as const),
    range: [0, 1] as const,
    support: ({ labels }: MulticlassScored) => labels.length,
    fault: faultOfDistributions,
  }
}

function binForm(
  head: string,
  build: (binning: Binning) => MetricDefinition<MulticlassScored>,
): MetricForm<MulticlassScored> {
  const pattern = new RegExp(`^${head}@${binningPattern}$`)
  return patternForm([`${head}@15u`], pattern, (bins, kind) => {
    const binning = parseBinning(bins ?? '', kind ?? '')
    return binning && build(binning)
  })
}

export const distributionForms: readonly MetricForm<MulticlassScored>[] = [
  patternForm(['top@3'], /^top@([1-9]\d{0,5})$/, (most) => topAnswers(Number(most))),
  plainForm(logLoss),
  plainForm(brier),
  binForm('ece', topLabelError),
  binForm('ece_classwise', classwiseError),
]

/** Float32 softmax adds up to 1 within about 1e-6; scikit-learn allows 1e-5 beside a relative 1e-8. */
const slack = 1e-5

/** A model that answers 1 for every class would have no log loss: such rows are refused, not scored. */
export function faultOfDistributions({
  classes,
  labels,
  scores,
}: MulticlassScored): string | undefined {
  const width = classes.length
  for (let row = 0; row < labels.length; row++) {
    let sum = 0
    for (let at = 0; at < width; at++) {
      const score = scores[row * width + at] ?? Number.NaN
      if (!(score >= 0 && score <= 1 + slack)) {
        return `row ${row} has the score ${score} of ${classes[at]}, which is no probability`
      }
      sum += score
    }
    if (!(Math.abs(sum - 1) <= slack)) {
      return `the probabilities of row ${row} add up to ${Number(sum.toPrecision(6))}, not to 1`
    }
  }
  return undefined
}
