// Is the candidate's error rate higher than the stable one's? An e-process over *which arm each error came from*:
// valid at any moment you look, for any common error level, and when that level changes in time (rollouts.md 5.2; Lindon & Malek 2022).
import { assert } from '../../foundation/assert.ts'
import type { Bounds } from './proportion-bounds.ts'
import { logBeta } from './special-functions.ts'

/** A period of constant traffic share. The table of segments is the whole evidence; order does not matter. */
export interface RateSegment {
  /** Probability that a unit is assigned to the candidate, in (0, 1). */
  readonly candidateShare: number
  readonly candidateErrors: number
  readonly stableErrors: number
}

/** log E against H₀ "rate(candidate) ≤ theta0 × rate(stable)"; harm is shown once it reaches log(1/alpha). */
export function logEHarm(segments: readonly RateSegment[], theta0 = 1): number {
  return logEvidence(segments, theta0, harmMixture)
}

/** log E against H₀ "rate(candidate) ≥ theta1 × rate(stable)"; safety is shown once it reaches log(1/beta). */
export function logESafe(segments: readonly RateSegment[], theta1: number): number {
  return logEvidence(segments, theta1, safeMixture)
}

/**
 * The ratios not yet refuted at level alpha: a confidence sequence, true at all times together with probability ≥ 1 − alpha.
 * Without errors of the candidate the lower end is 0; without errors of the stable arm the upper end is Infinity.
 */
export function rateRatioInterval(segments: readonly RateSegment[], alpha: number): Bounds {
  checkSegments(segments)
  const candidate = sum(segments, (segment) => segment.candidateErrors)
  const stable = sum(segments, (segment) => segment.stableErrors)
  if (candidate + stable === 0) return { lower: 0, upper: Infinity }
  const evidence = logMeanExp(intervalGrid.map((theta) => logLikelihood(segments, theta)))
  const isKept = (logTheta: number) =>
    evidence - logLikelihood(segments, Math.exp(logTheta)) < -Math.log(alpha)
  const best = mostLikely(segments)
  // The log-likelihood is concave in log theta: what is kept is one interval around its maximum.
  const edge = (far: number) => (isKept(far) ? far : bisect(isKept, best, far))
  const lower = candidate === 0 ? -Infinity : edge(-farthest)
  const upper = stable === 0 ? Infinity : edge(farthest)
  return { lower: Math.exp(lower), upper: Math.exp(upper) }
}

/** log E of a beta(a, b) prior on the candidate's share of errors against share `p`: constant split, closed form. */
export function logEBetaShare(
  counts: { readonly candidate: number; readonly stable: number },
  p: number,
  prior: { readonly a: number; readonly b: number } = { a: 1, b: 1 },
): number {
  return (
    logBeta(prior.a + counts.candidate, prior.b + counts.stable) -
    logBeta(prior.a, prior.b) -
    counts.candidate * Math.log(p) -
    counts.stable * Math.log1p(-p)
  )
}

/** log P(arms of the errors | ratio theta), up to a constant: the sufficient statistic as a function. */
export function logLikelihood(segments: readonly RateSegment[], theta: number): number {
  let total = 0
  for (const { candidateShare: w, candidateErrors, stableErrors } of segments) {
    const norm = Math.log(w * theta + 1 - w)
    total += candidateErrors * (Math.log(w * theta) - norm) + stableErrors * (Math.log1p(-w) - norm)
  }
  return total
}

const farthest = Math.log(1e6)

const logSpaced = (from: number, to: number, points: number): readonly number[] =>
  Array.from({ length: points }, (_, at) => from * (to / from) ** (at / (points - 1)))

const intervalGrid = logSpaced(1 / 20, 20, 64)
// Wider mixtures only waste power: nobody needs help to see a factor of ten (rollouts.md 5.2).
const harmMixture = logSpaced(1.1, 10, 24)
const safeMixture = logSpaced(0.3, 0.95, 24)

function logEvidence(
  segments: readonly RateSegment[],
  nullRatio: number,
  mixture: readonly number[],
): number {
  assert(nullRatio > 0, `a rate ratio must be positive, got ${nullRatio}`)
  checkSegments(segments)
  const atNull = logLikelihood(segments, nullRatio)
  return logMeanExp(mixture.map((factor) => logLikelihood(segments, factor * nullRatio) - atNull))
}

function logMeanExp(values: readonly number[]): number {
  const top = Math.max(...values)
  return top + Math.log(sum(values, (value) => Math.exp(value - top)) / values.length)
}

function mostLikely(segments: readonly RateSegment[]): number {
  let low = -farthest
  let high = farthest
  for (let step = 0; step < 200 && high - low > 1e-12; step++) {
    const third = (high - low) / 3
    const left = logLikelihood(segments, Math.exp(low + third))
    const right = logLikelihood(segments, Math.exp(high - third))
    if (left < right) low += third
    else high -= third
  }
  return (low + high) / 2
}

function bisect(isKept: (x: number) => boolean, inside: number, outside: number): number {
  let kept = inside
  let refuted = outside
  for (let step = 0; step < 100 && Math.abs(kept - refuted) > 1e-12; step++) {
    const middle = (kept + refuted) / 2
    if (isKept(middle)) kept = middle
    else refuted = middle
  }
  return refuted
}

function checkSegments(segments: readonly RateSegment[]): void {
  for (const { candidateShare, candidateErrors, stableErrors } of segments) {
    assert(
      candidateShare > 0 && candidateShare < 1,
      `a segment's candidate share must be between 0 and 1, got ${candidateShare}`,
    )
    assert(
      candidateErrors >= 0 && stableErrors >= 0,
      `error counts cannot be negative, got ${candidateErrors} and ${stableErrors}`,
    )
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0
  for (const item of items) total += of(item)
  return total
}
