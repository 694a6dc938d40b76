// Means of a few numbers - seeds, folds, repeats - and their differences, with Student's t.
import { chiSquareQuantile, studentCdf, studentQuantile } from './distributions.ts'
import type { Bounds } from './proportion-bounds.ts'

export interface MeanSummary {
  readonly mean: number
  readonly sd: number
  readonly n: number
}

/** An estimate whose error, divided by `se`, follows Student's t with `df` degrees of freedom. */
export interface TEstimate {
  readonly estimate: number
  readonly se: number
  readonly df: number
}

/** One mean; undefined with fewer than two values. */
export function meanEstimate({ mean, sd, n }: MeanSummary): TEstimate | undefined {
  return n < 2 ? undefined : { estimate: mean, se: sd / Math.sqrt(n), df: n - 1 }
}

/** Difference of two independent means with unequal variances (Welch 1947; Satterthwaite's degrees of freedom). */
export function welchEstimate(own: MeanSummary, reference: MeanSummary): TEstimate | undefined {
  if (own.n < 2 || reference.n < 2) return undefined
  const one = own.sd ** 2 / own.n
  const two = reference.sd ** 2 / reference.n
  const variance = one + two
  const df =
    variance === 0
      ? own.n + reference.n - 2
      : variance ** 2 / (one ** 2 / (own.n - 1) + two ** 2 / (reference.n - 1))
  return { estimate: own.mean - reference.mean, se: Math.sqrt(variance), df }
}

/**
 * Mean of differences over J random splits whose training rows overlap: the variance is inflated by the test-to-train ratio
 * (Nadeau & Bengio 2003; J = folds × repeats as in Bouckaert & Frank 2004). Without it a paired t rejects 25-50 % of true nulls.
 */
export function correctedResampledEstimate(
  { mean, sd, n }: MeanSummary,
  testToTrain: number,
): TEstimate | undefined {
  if (n < 2) return undefined
  return { estimate: mean, se: sd * Math.sqrt(1 / n + testToTrain), df: n - 1 }
}

/** Lower and upper one-sided bounds, each at `confidence`. */
export function tBounds({ estimate, se, df }: TEstimate, confidence: number): Bounds {
  const half = studentQuantile(confidence, df) * se
  return { lower: estimate - half, upper: estimate + half }
}

/** P(a value as large or larger | the true value is `at`). */
export function tUpperP({ estimate, se, df }: TEstimate, at: number): number {
  if (se === 0) return estimate > at ? 0 : 1
  return studentCdf((at - estimate) / se, df)
}

/** Bounds of a standard deviation, each one-sided at `confidence`: chi-square, exact for normal values; undefined with one value. */
export function spreadBounds(
  { sd, n }: Pick<MeanSummary, 'sd' | 'n'>,
  confidence: number,
): Bounds | undefined {
  if (n < 2) return undefined
  const squares = (n - 1) * sd ** 2
  return {
    lower: Math.sqrt(squares / chiSquareQuantile(confidence, n - 1)),
    upper: Math.sqrt(squares / chiSquareQuantile(1 - confidence, n - 1)),
  }
}

export function summarise(values: readonly number[]): MeanSummary {
  const n = values.length
  let mean = 0
  let squares = 0
  for (const [at, value] of values.entries()) {
    const step = value - mean
    mean += step / (at + 1)
    squares += step * (value - mean)
  }
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0, n }
}
