// The metrics of a regression model, by name, in the units of the label unless they say share.
import {
  type MetricDefinition,
  type MetricForm,
  type MetricTable,
  patternForm,
  plainForm,
} from './metric-definition.ts'
import {
  absoluteErrors,
  biasRatioOf,
  compatExplained,
  errorsOf,
  explainedVarianceOf,
  faultOutside,
  gammaDeviances,
  mapeOf,
  maxErrorOf,
  pinballErrors,
  poissonDeviances,
  r2Of,
  relativeErrors,
  rootMeanSquare,
  squaredErrors,
  squaredLogErrors,
  symmetricErrors,
  wapeOf,
  weightedMedian,
} from './regression-metrics.ts'
import { meanOf, rowMean } from './row-means.ts'
import type { RegressionScored } from './scored.ts'

type Definition = MetricDefinition<RegressionScored>

const anySize = [0, Number.POSITIVE_INFINITY] as const
const anyNumber = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const
const rows = ({ labels }: RegressionScored) => labels.length
const loss = { better: 'lower', range: anySize } as const

/** Of all rows together: its bounds come from drawing rows again. */
function resampled(
  definition: Pick<Definition, 'name' | 'words' | 'prepare' | 'better' | 'range'> &
    Partial<Definition>,
): Definition {
  return { counted: 'rows', needs: 'rows', shape: 'resampled', support: rows, ...definition }
}

const means: readonly Definition[] = [
  rowMean({ name: 'mae', words: 'mean absolute error', ...loss, rowValues: absoluteErrors }),
  rowMean({ name: 'mse', words: 'mean squared error', ...loss, rowValues: squaredErrors }),
  rowMean({
    name: 'bias',
    words: 'mean error (prediction − label)',
    better: 'lower',
    range: anyNumber,
    rowValues: errorsOf,
  }),
  rowMean({
    name: 'smape',
    words: 'sMAPE (2|error| / (|label| + |prediction|))',
    better: 'lower',
    range: [0, 2],
    rowValues: symmetricErrors,
  }),
  rowMean({
    name: 'poisson_deviance',
    words: 'mean Poisson deviance',
    ...loss,
    rowValues: poissonDeviances,
    fault: (scored) =>
      faultOutside(scored, 'the Poisson deviance takes labels from 0 and predictions above 0', {
        label: (value) => value >= 0,
        score: (value) => value > 0,
      }),
  }),
  rowMean({
    name: 'gamma_deviance',
    words: 'mean Gamma deviance',
    ...loss,
    rowValues: gammaDeviances,
    fault: (scored) =>
      faultOutside(scored, 'the Gamma deviance takes labels and predictions above 0', {
        label: (value) => value > 0,
        score: (value) => value > 0,
      }),
  }),
  rowMean({
    name: 'msle',
    words: 'mean squared logarithmic error',
    ...loss,
    rowValues: squaredLogErrors,
    fault: (scored) =>
      faultOutside(scored, 'the logarithmic error takes labels and predictions above −1', {
        label: (value) => value > -1,
        score: (value) => value > -1,
      }),
  }),
]

const others: readonly Definition[] = [
  resampled({ name: 'rmse', words: 'root mean squared error', ...loss, prepare: rootMeanSquare }),
  resampled({
    name: 'median_ae',
    words: 'median absolute error',
    ...loss,
    prepare: (scored) => weightedMedian(absoluteErrors(scored)),
  }),
  resampled({
    name: 'r2',
    words: 'R²',
    needs: 'two rows with different labels',
    better: 'higher',
    range: [Number.NEGATIVE_INFINITY, 1],
    prepare: r2Of,
    compatValue: compatExplained,
  }),
  resampled({
    name: 'explained_variance',
    words: 'explained variance',
    needs: 'two rows with different labels',
    better: 'higher',
    range: [Number.NEGATIVE_INFINITY, 1],
    prepare: explainedVarianceOf,
    compatValue: compatExplained,
  }),
  resampled({
    name: 'mape',
    words: 'mean absolute percentage error, as a share',
    needs: 'labels away from 0, for a share of 0 is no number (wape and smape take such rows)',
    ...loss,
    prepare: mapeOf,
    compatValue: (scored) =>
      meanOf(relativeErrors(scored))(scored.weights ?? new Uint8Array(rows(scored)).fill(1)) ??
      Number.NaN,
  }),
  resampled({
    name: 'wape',
    words: 'weighted absolute percentage error, as a share',
    needs: 'labels other than 0',
    ...loss,
    prepare: wapeOf,
  }),
  {
    ...resampled({
      name: 'max_error',
      words: 'largest absolute error',
      ...loss,
      prepare: maxErrorOf,
    }),
    shape: 'observed',
  },
  resampled({
    name: 'bias_ratio',
    words: 'share of the error that is systematic (|mean error| / RMSE)',
    needs: 'some error',
    better: 'lower',
    range: [0, 1],
    prepare: biasRatioOf,
  }),
]

const pinball: MetricForm<RegressionScored> = patternForm(
  ['pinball@0.9'],
  /^pinball@(\d*\.?\d+)(%?)$/,
  (amount = '', percent = '') => {
    const quantile = Number(amount) / (percent === '%' ? 100 : 1)
    if (!(quantile > 0 && quantile < 1)) return undefined
    return rowMean({
      name: `pinball@${Number(quantile.toPrecision(12))}`,
      words: `pinball loss of the quantile ${Number(quantile.toPrecision(12))}`,
      ...loss,
      rowValues: (scored) => pinballErrors(scored, quantile),
    })
  },
)

const within: MetricForm<RegressionScored> = patternForm(
  ['within@10%', 'within@5'],
  /^within@(\d*\.?\d+(?:e-?\d+)?)(%?)$/,
  (amount = '', percent = '') => {
    const limit = Number(amount)
    if (!(limit > 0 && Number.isFinite(limit))) return undefined
    return shareWithin(limit, percent === '%')
  },
)

function shareWithin(limit: number, isRelative: boolean): Definition {
  const text = `${limit}${isRelative ? '%' : ''}`
  const isInside = ({ labels, scores }: RegressionScored) =>
    Float64Array.from(labels, (label, row) => {
      const allowed = isRelative ? (limit / 100) * Math.abs(label) : limit
      return Math.abs((scores[row] ?? Number.NaN) - label) <= allowed ? 1 : 0
    })
  return {
    name: `within@${text}`,
    words: `share of predictions within ±${text}${isRelative ? ' of the label' : ''}`,
    counted: 'rows',
    needs: 'rows',
    better: 'higher',
    range: [0, 1],
    shape: 'proportion',
    prepare: (scored) => meanOf(isInside(scored)),
    support: rows,
    count: (scored) => ({
      successes: isInside(scored).reduce((sum, one) => sum + one, 0),
      trials: rows(scored),
    }),
  }
}

export const regressionMetrics: MetricTable<RegressionScored> = {
  forms: [...[...means, ...others].map((one) => plainForm(one)), pinball, within],
  aliases: {
    mean_absolute_error: 'mae',
    mean_squared_error: 'mse',
    root_mean_squared_error: 'rmse',
    medae: 'median_ae',
    median_absolute_error: 'median_ae',
    mean_absolute_percentage_error: 'mape',
    mean_error: 'bias',
    me: 'bias',
    r2_score: 'r2',
    mean_poisson_deviance: 'poisson_deviance',
    mean_gamma_deviance: 'gamma_deviance',
    mean_squared_log_error: 'msle',
  },
}
