// Metrics that read the scores of a binary model as probabilities: losses and calibration.

import { rarerClass } from './binary-counts.ts'
import {
  type BinTotals,
  binRows,
  brierParts,
  expectedError,
  maximumError,
} from './calibration-bins.ts'
import { calibrationInterceptOf, calibrationSlopeOf, logOdds } from './calibration-fit.ts'
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
import type { BinaryScored } from './scored.ts'

const logLoss = rowMean<BinaryScored>({
  name: 'log_loss',
  words: 'log loss',
  better: 'lower',
  range: [0, Number.POSITIVE_INFINITY],
  rowValues: ({ labels, scores }) =>
    Float64Array.from(scores, (score, row) => {
      const clipped = clipProbability(score)
      return labels[row] === 1 ? -Math.log(clipped) : -Math.log1p(-clipped)
    }),
  fault: faultOfProbabilities,
})

const brier = rowMean<BinaryScored>({
  name: 'brier',
  words: 'Brier score',
  better: 'lower',
  range: [0, 1],
  rowValues: ({ labels, scores }) =>
    Float64Array.from(scores, (score, row) => (score - (labels[row] ?? 0)) ** 2),
  fault: faultOfProbabilities,
})

const calibrationBias = rowMean<BinaryScored>({
  name: 'calibration_bias',
  words: 'mean score minus share of positives',
  better: 'lower',
  best: 0,
  range: [-1, 1],
  rowValues: ({ labels, scores }) =>
    Float64Array.from(scores, (score, row) => score - (labels[row] ?? 0)),
  fault: faultOfProbabilities,
})

const fitted = {
  counted: 'rows of the rarer class',
  range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  shape: 'resampled',
  support: rarerClass,
  fault: faultOfProbabilities,
} as const

const calibrationSlope: MetricDefinition<BinaryScored> = {
  ...fitted,
  name: 'calibration_slope',
  words: 'calibration slope',
  needs: 'positives and negatives whose scores overlap',
  better: 'higher',
  best: 1,
  prepare: ({ labels, scores }) => calibrationSlopeOf(labels, logOdds(scores)),
}

const calibrationIntercept: MetricDefinition<BinaryScored> = {
  ...fitted,
  name: 'calibration_intercept',
  words: 'calibration intercept',
  needs: 'positives and negatives whose scores are not all 0 or 1',
  better: 'lower',
  best: 0,
  prepare: ({ labels, scores }) => calibrationInterceptOf(labels, logOdds(scores)),
}

type OfBins = (totals: BinTotals) => number | undefined

function binned(
  named: Pick<MetricDefinition<BinaryScored>, 'name' | 'words' | 'better' | 'range'>,
  binning: Binning,
  measure: OfBins,
): MetricDefinition<BinaryScored> {
  return {
    ...named,
    counted: 'rows',
    needs: 'rows',
    shape: 'folded',
    support: ({ labels }) => labels.length,
    fault: faultOfProbabilities,
    prepare: (scored) => {
      const totals = binRows(scored, binning)
      return (weights) => measure(totals(weights))
    },
  }
}

const brierUncertainty = binned(
  {
    name: 'brier_uncertainty',
    words: 'uncertainty of the labels (Brier)',
    better: 'lower',
    range: [0, 0.25],
  },
  { bins: 2, kind: 'u' },
  (totals) => brierParts(totals)?.uncertainty,
)

/** `name@15u`, `name@10q`. */
function binForm(
  head: string,
  given: { readonly words: string; readonly better: 'higher' | 'lower'; readonly measure: OfBins },
  range: readonly [number, number] = [0, 1],
): MetricForm<BinaryScored> {
  return patternForm(
    [`${head}@15u`, `${head}@10q`],
    new RegExp(`^${head}@${binningPattern}$`),
    (bins, kind) => {
      const binning = parseBinning(bins ?? '', kind ?? '')
      if (binning === undefined) return undefined
      const name = `${head}@${binningName(binning)}`
      const words = `${given.words} (${binningWords(binning)})`
      return binned({ name, words, better: given.better, range }, binning, given.measure)
    },
  )
}

export const probabilityForms: readonly MetricForm<BinaryScored>[] = [
  plainForm(logLoss),
  plainForm(brier),
  binForm('ece', { words: 'calibration error', better: 'lower', measure: expectedError }),
  binForm('mce', { words: 'largest calibration error', better: 'lower', measure: maximumError }),
  plainForm(calibrationBias),
  plainForm(calibrationSlope),
  plainForm(calibrationIntercept),
  binForm('brier_reliability', {
    words: 'reliability part of the Brier score',
    better: 'lower',
    measure: (totals) => brierParts(totals)?.reliability,
  }),
  binForm(
    'brier_resolution',
    {
      words: 'resolution part of the Brier score',
      better: 'higher',
      measure: (totals) => brierParts(totals)?.resolution,
    },
    [0, 0.25],
  ),
  plainForm(brierUncertainty),
]

function faultOfProbabilities({ scores }: BinaryScored): string | undefined {
  const row = scores.findIndex((score) => !(score >= 0 && score <= 1))
  return row < 0
    ? undefined
    : `row ${row} has the score ${scores[row]}, which is no probability; it needs scores between 0 and 1`
}
