// Cox's calibration line: the log-odds of the labels as a line of the log-odds of the scores (Cox 1958; Van Calster et al.
// 2019). Slope below 1: scores too extreme; intercept above 0: scores too low.
import { clipProbability } from './clip-probability.ts'
import type { RowWeights } from './curves.ts'

interface Line {
  readonly intercept: number
  readonly slope: number
}

const mostSteps = 100

export function logOdds(scores: Float64Array): Float64Array {
  return scores.map((score) => {
    const clipped = clipProbability(score)
    return Math.log(clipped) - Math.log1p(-clipped)
  })
}

/**
 * Slope of the logistic regression of the labels on the log-odds, with a free intercept. Undefined with one class, one
 * score only, or classes that a score separates: then the likelihood has no maximum.
 */
export function calibrationSlopeOf(
  labels: Uint8Array,
  odds: Float64Array,
): (weights: RowWeights) => number | undefined {
  // Resampled rows have nearly the line of all rows: from there three steps reach the top.
  const ofAll = climb(labels, odds, new Uint8Array(labels.length).fill(1))
  return (weights) => {
    if (!hasOverlap(labels, odds, weights)) return undefined
    const near = ofAll && polish(labels, odds, weights, ofAll)
    return (near ?? climb(labels, odds, weights))?.slope
  }
}

/** Plain Newton from a line nearby; undefined when it was not near enough. */
function polish(
  labels: Uint8Array,
  odds: Float64Array,
  weights: RowWeights,
  from: Line,
): Line | undefined {
  let line = from
  let before = 1
  for (let step = 0; step < 10; step++) {
    const next = promisedTop(slopesAt(labels, odds, weights, line), line)
    if (next === undefined) return undefined
    const moved = distance(line, next)
    if (!(moved < before)) return undefined
    line = next
    before = moved
    // Newton doubles the digits that are right: the next step would be of the size of rounding.
    if (moved < 1e-8) return line
  }
  return undefined
}

/** Newton from the best flat line, each step halved until the likelihood does not fall. */
function climb(labels: Uint8Array, odds: Float64Array, weights: RowWeights): Line | undefined {
  let line = flatLine(labels, weights)
  let height = heightAt(labels, odds, weights, line)
  for (let step = 0; step < mostSteps; step++) {
    const slopes = slopesAt(labels, odds, weights, line)
    const top = promisedTop(slopes, line)
    if (top === undefined) return undefined
    const slack = 1e-14 * Math.abs(height)
    let share = 1
    let next = top
    let reached = heightAt(labels, odds, weights, next)
    while (!(reached >= height - slack) && share > 1e-6) {
      share /= 2
      next = between(line, top, share)
      reached = heightAt(labels, odds, weights, next)
    }
    if (!(reached >= height - slack)) return undefined
    const moved = distance(line, next)
    line = next
    height = reached
    if (share === 1 && moved < 1e-8) return polish(labels, odds, weights, line) ?? line
  }
  return undefined
}

/** The shift of all log-odds that makes their mean probability the share of positives; the slope is held at 1. */
export function calibrationInterceptOf(
  labels: Uint8Array,
  odds: Float64Array,
): (weights: RowWeights) => number | undefined {
  return (weights) => {
    const { positives, negatives } = sumClasses(labels, weights)
    return positives > 0 && negatives > 0 ? findShift(labels, odds, weights) : undefined
  }
}

/** Newton inside a bracket: the mean probability rises with the shift, so there is one answer. */
function findShift(
  labels: Uint8Array,
  odds: Float64Array,
  weights: RowWeights,
): number | undefined {
  let below = -750
  let above = 750
  let shift = 0
  for (let step = 0; step < mostSteps; step++) {
    const slopes = slopesAt(labels, odds, weights, { intercept: shift, slope: 1 })
    const { gradient, curvature, size } = slopes
    if (gradient[0] < 0) above = shift
    else below = shift
    const newton = shift + gradient[0] / curvature[0]
    const isInside = newton >= below && newton <= above
    // The step after one so small would be of the size of rounding.
    if (isInside && Math.abs(newton - shift) < 1e-8 * (1 + Math.abs(shift))) {
      // Where scores of 0 and 1 are wrong, any shift does nearly as well: the digits would be those of rounding.
      return size * Number.EPSILON > 1e-10 * curvature[0] ? undefined : newton
    }
    shift = isInside ? newton : (below + above) / 2
  }
  return undefined
}

/** At the log-odds of the labels. */
function flatLine(labels: Uint8Array, weights: RowWeights): Line {
  const { positives, negatives } = sumClasses(labels, weights)
  const intercept = positives > 0 && negatives > 0 ? Math.log(positives / negatives) : 0
  return { intercept, slope: 0 }
}

function sumClasses(labels: Uint8Array, weights: RowWeights) {
  let [positives, negatives] = [0, 0]
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1) positives += weights[row] ?? 0
    else negatives += weights[row] ?? 0
  }
  return { positives, negatives }
}

interface Slopes {
  /** Sum of the sizes of what the gradient adds up: its rounding is 2⁻⁵² of that. */
  readonly size: number
  readonly gradient: readonly [number, number]
  readonly curvature: readonly [number, number, number]
}

/** Where the parabola through this point has its top. */
function promisedTop({ gradient, curvature }: Slopes, from: Line): Line | undefined {
  const [g0, g1] = gradient
  const [h00, h01, h11] = curvature
  const determinant = h00 * h11 - h01 * h01
  if (!(determinant > 0)) return undefined
  return {
    intercept: from.intercept + (h11 * g0 - h01 * g1) / determinant,
    slope: from.slope + (h00 * g1 - h01 * g0) / determinant,
  }
}

function between(from: Line, to: Line, share: number): Line {
  return {
    intercept: from.intercept + share * (to.intercept - from.intercept),
    slope: from.slope + share * (to.slope - from.slope),
  }
}

function distance(one: Line, other: Line): number {
  return (
    Math.abs(other.slope - one.slope) / (1 + Math.abs(one.slope)) +
    Math.abs(other.intercept - one.intercept) / (1 + Math.abs(one.intercept))
  )
}

/** The log-likelihood; log(1 + e^x) without overflow. */
function heightAt(
  labels: Uint8Array,
  odds: Float64Array,
  weights: RowWeights,
  { intercept, slope }: Line,
): number {
  let height = 0
  for (let row = 0; row < odds.length; row++) {
    const weight = weights[row] ?? 0
    if (weight === 0) continue
    const at = intercept + slope * (odds[row] ?? 0)
    const against = labels[row] === 1 ? -at : at
    height -= weight * (Math.max(0, against) + Math.log1p(Math.exp(-Math.abs(at))))
  }
  return height
}

function slopesAt(
  labels: Uint8Array,
  odds: Float64Array,
  weights: RowWeights,
  { intercept, slope }: Line,
): Slopes {
  let [size, g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0, 0]
  for (let row = 0; row < odds.length; row++) {
    const weight = weights[row] ?? 0
    if (weight === 0) continue
    const x = odds[row] ?? 0
    const at = intercept + slope * x
    // Both probabilities to full precision: 1 − p would keep few digits of a rare class.
    const power = Math.exp(-Math.abs(at))
    const [likely, unlikely] = [1 / (1 + power), power / (1 + power)]
    const miss =
      weight * (labels[row] === 1 ? (at > 0 ? unlikely : likely) : at > 0 ? -likely : -unlikely)
    const spread = weight * likely * unlikely
    size += Math.abs(miss)
    g0 += miss
    g1 += miss * x
    h00 += spread
    h01 += spread * x
    h11 += spread * x * x
  }
  return { size, gradient: [g0, g1], curvature: [h00, h01, h11] }
}

/** Whether each class reaches strictly into the range of the other (Albert & Anderson 1984, for one variable). */
function hasOverlap(labels: Uint8Array, odds: Float64Array, weights: RowWeights): boolean {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  const most = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let row = 0; row < odds.length; row++) {
    if ((weights[row] ?? 0) === 0) continue
    const label = labels[row] ?? 0
    const x = odds[row] ?? 0
    if (x < (least[label] ?? 0)) least[label] = x
    if (x > (most[label] ?? 0)) most[label] = x
  }
  const [least0 = 0, least1 = 0] = least
  const [most0 = 0, most1 = 0] = most
  return least1 < most0 && least0 < most1
}
