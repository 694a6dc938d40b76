// The errors of a regression model as functions of row weights, with scikit-learn's definitions; rows of weight 0 are not there.
// What is undefined (labels that do not vary, no labels away from 0) is undefined, never 0 and never 1e15.
import type { OfWeights } from './metric-definition.ts'
import { meanOf } from './row-means.ts'
import type { RegressionScored } from './scored.ts'

/** Prediction − label, so that a positive mean says the model answers too high. */
export function errorsOf({ labels, scores }: RegressionScored): Float64Array {
  return Float64Array.from(labels, (label, row) => (scores[row] ?? Number.NaN) - label)
}

export function squaredErrors(scored: RegressionScored): Float64Array {
  return errorsOf(scored).map((error) => error * error)
}

export function absoluteErrors(scored: RegressionScored): Float64Array {
  return errorsOf(scored).map(Math.abs)
}

export function rootMeanSquare(scored: RegressionScored): OfWeights {
  const meanSquare = meanOf(squaredErrors(scored))
  return (weights) => {
    const value = meanSquare(weights)
    return value === undefined ? undefined : Math.sqrt(value)
  }
}

/** The median by the averaged inverse of the weighted distribution function (Hyndman & Fan 1996, definition 2). */
export function weightedMedian(values: Float64Array): OfWeights {
  const order = Uint32Array.from(values, (_, row) => row).sort(
    (a, b) => (values[a] ?? 0) - (values[b] ?? 0),
  )
  return (weights) => {
    let total = 0
    for (let row = 0; row < values.length; row++) total += weights[row] ?? 0
    if (total <= 0) return undefined
    const half = total / 2
    let below = 0
    let at = -1
    for (const row of order) {
      const weight = weights[row] ?? 0
      if (weight === 0) continue
      const value = values[row] ?? Number.NaN
      // The half was reached exactly by the row before: the median lies between the two.
      if (at >= 0) return ((values[at] ?? Number.NaN) + value) / 2
      below += weight
      if (below - half > Number.EPSILON) return value
      if (below >= half) at = row
    }
    return at < 0 ? undefined : values[at]
  }
}

/** 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; undefined where the labels are all the same. */
export function r2Of(scored: RegressionScored): OfWeights {
  return explainedShare(scored.labels, squaredErrors(scored), 'around zero')
}

/** As R², without the part of the error that is the same in every row. */
export function explainedVarianceOf(scored: RegressionScored): OfWeights {
  return explainedShare(scored.labels, errorsOf(scored), 'around their mean')
}

function explainedShare(
  labels: Float64Array,
  errors: Float64Array,
  spread: 'around zero' | 'around their mean',
): OfWeights {
  const meanLabel = meanOf(labels)
  const meanError = meanOf(errors)
  return (weights) => {
    const centre = meanLabel(weights)
    const middle = meanError(weights)
    if (centre === undefined || middle === undefined || isConstant(labels, weights))
      return undefined
    let left = 0
    let all = 0
    for (let row = 0; row < labels.length; row++) {
      const weight = weights[row] ?? 0
      if (weight === 0) continue
      const error = errors[row] ?? Number.NaN
      // Squares were taken before where the spread is around zero.
      left += weight * (spread === 'around zero' ? error : (error - middle) ** 2)
      all += weight * ((labels[row] ?? Number.NaN) - centre) ** 2
    }
    return 1 - left / all
  }
}

function isConstant(labels: Float64Array, weights: ArrayLike<number>): boolean {
  let first: number | undefined
  for (let row = 0; row < labels.length; row++) {
    if ((weights[row] ?? 0) === 0) continue
    first ??= labels[row]
    if (labels[row] !== first) return false
  }
  return true
}

/** scikit-learn's `force_finite`: 1 for perfect predictions of equal labels, 0 for others, NaN for fewer than two rows. */
export function compatExplained({ labels, scores }: RegressionScored): number {
  if (labels.length < 2) return Number.NaN
  return labels.every((label, row) => label === scores[row]) ? 1 : 0
}

/** Below this a label counts as 0, and a percentage of it means nothing: a billionth of the typical label. */
function tinyLabel(labels: Float64Array): number {
  const sizes = labels.map(Math.abs)
  const typical = weightedMedian(sizes)(new Float64Array(labels.length).fill(1)) ?? 0
  return typical * 1e-9
}

export function relativeErrors({ labels, scores }: RegressionScored): Float64Array {
  return labels.map((label, row) => {
    const error = Math.abs((scores[row] ?? Number.NaN) - label)
    return error / Math.max(Math.abs(label), Number.EPSILON)
  })
}

/** Undefined as soon as one row that counts has a label of nearly 0. */
export function mapeOf(scored: RegressionScored): OfWeights {
  const { labels } = scored
  const tiny = tinyLabel(labels)
  const isTiny = Uint8Array.from(labels, (label) => (Math.abs(label) <= tiny ? 1 : 0))
  const mean = meanOf(relativeErrors(scored))
  return (weights) =>
    isTiny.some((one, row) => one === 1 && (weights[row] ?? 0) > 0) ? undefined : mean(weights)
}

/** Σ|y − ŷ| / Σ|y|. */
export function wapeOf(scored: RegressionScored): OfWeights {
  return ratioOf(absoluteErrors(scored), scored.labels.map(Math.abs))
}

/** 2|y − ŷ| / (|y| + |ŷ|), 0 where both are 0: from 0 to 2. */
export function symmetricErrors({ labels, scores }: RegressionScored): Float64Array {
  return labels.map((label, row) => {
    const score = scores[row] ?? Number.NaN
    const size = Math.abs(label) + Math.abs(score)
    return size === 0 ? 0 : (2 * Math.abs(score - label)) / size
  })
}

/** |mean error| / RMSE: 0 for errors that cancel out, 1 for the same error in every row. */
export function biasRatioOf(scored: RegressionScored): OfWeights {
  const mean = meanOf(errorsOf(scored))
  const root = rootMeanSquare(scored)
  return (weights) => {
    const size = root(weights)
    const centre = mean(weights)
    if (size === undefined || centre === undefined || size === 0) return undefined
    return Math.abs(centre) / size
  }
}

export function maxErrorOf(scored: RegressionScored): OfWeights {
  const errors = absoluteErrors(scored)
  return (weights) => {
    let largest: number | undefined
    for (let row = 0; row < errors.length; row++) {
      if ((weights[row] ?? 0) === 0) continue
      largest = Math.max(largest ?? 0, errors[row] ?? Number.NaN)
    }
    return largest
  }
}

function ratioOf(above: Float64Array, below: Float64Array): OfWeights {
  const numerator = meanOf(above)
  const denominator = meanOf(below)
  return (weights) => {
    const size = denominator(weights)
    const value = numerator(weights)
    return size === undefined || value === undefined || size === 0 ? undefined : value / size
  }
}

/** Pinball loss of the quantile: q·(y − ŷ) above the prediction, (1 − q)·(ŷ − y) below it. */
export function pinballErrors(scored: RegressionScored, quantile: number): Float64Array {
  return errorsOf(scored).map((error) => (error > 0 ? (1 - quantile) * error : -quantile * error))
}

/** 2 (y ln(y/ŷ) − y + ŷ). */
export function poissonDeviances({ labels, scores }: RegressionScored): Float64Array {
  return labels.map((label, row) => {
    const score = scores[row] ?? Number.NaN
    const part = label === 0 ? 0 : label * Math.log(label / score)
    return 2 * (part - label + score)
  })
}

/** 2 (ln(ŷ/y) + y/ŷ − 1). */
export function gammaDeviances({ labels, scores }: RegressionScored): Float64Array {
  return labels.map((label, row) => {
    const score = scores[row] ?? Number.NaN
    return 2 * (Math.log(score / label) + label / score - 1)
  })
}

/** (ln(1 + y) − ln(1 + ŷ))². */
export function squaredLogErrors({ labels, scores }: RegressionScored): Float64Array {
  return labels.map(
    (label, row) => (Math.log1p(label) - Math.log1p(scores[row] ?? Number.NaN)) ** 2,
  )
}

/** The first row that cannot be asked, as a sentence. */
export function faultOutside(
  { labels, scores }: RegressionScored,
  what: string,
  allowed: {
    readonly label: (value: number) => boolean
    readonly score: (value: number) => boolean
  },
): string | undefined {
  const words = (row: number, name: string, value: number | undefined) =>
    `${what}: row ${row} of the holdout has the ${name} ${value}`
  const label = labels.findIndex((value) => !allowed.label(value))
  if (label >= 0) return words(label, 'label', labels[label])
  const score = scores.findIndex((value) => !allowed.score(value))
  return score < 0 ? undefined : words(score, 'prediction', scores[score])
}
