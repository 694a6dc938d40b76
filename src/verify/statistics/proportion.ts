// A single proportion against a limit, and the traffic split against its configuration: beta-binomial e-processes that
// stay valid while one watches (rollouts.md 5.5 and 5.8; Robbins 1970, Howard et al. 2021).
import { assert } from '../../foundation/assert.ts'
import type { Bounds, Count } from './proportion-bounds.ts'
import { logBeta } from './special-functions.ts'

/** Where the mixture is tightest: about the inverse of the relative squared effect; 100 is a fine default. */
export const defaultKappa = 100

/** log E against H₀ "the proportion is p", two-sided. No trial: 0. */
export function logEProportion(
  { successes, trials }: Count,
  p: number,
  kappa = defaultKappa,
): number {
  assert(successes >= 0 && successes <= trials, `${successes} of ${trials} is not a proportion`)
  if (p <= 0) return successes === 0 ? 0 : Infinity
  if (p >= 1) return successes === trials ? 0 : Infinity
  const a = kappa * p
  const b = kappa * (1 - p)
  return (
    logBeta(a + successes, b + trials - successes) -
    logBeta(a, b) -
    successes * Math.log(p) -
    (trials - successes) * Math.log1p(-p)
  )
}

/** The proportions not refuted at level alpha, at every moment together. */
export function proportionInterval(count: Count, alpha: number, kappa = defaultKappa): Bounds {
  if (count.trials === 0) return { lower: 0, upper: 1 }
  const best = count.successes / count.trials
  const isKept = (p: number) => logEProportion(count, p, kappa) < -Math.log(alpha)
  return {
    lower: count.successes === 0 ? 0 : edge(isKept, best, 0),
    upper: count.successes === count.trials ? 1 : edge(isKept, best, 1),
  }
}

/** Units assigned during a period of constant share. */
export interface SplitSegment {
  readonly candidateShare: number
  readonly candidateUnits: number
  readonly stableUnits: number
}

/** log E against H₀ "units were split as configured"; a broken split makes every comparison of arms invalid. */
export function logESampleRatio(segments: readonly SplitSegment[]): number {
  let total = 0
  for (const { candidateShare, candidateUnits, stableUnits } of segments) {
    total += logEProportion(
      { successes: candidateUnits, trials: candidateUnits + stableUnits },
      candidateShare,
    )
  }
  return total
}

function edge(isKept: (p: number) => boolean, inside: number, outside: number): number {
  let kept = inside
  let refuted = outside
  for (let step = 0; step < 200 && Math.abs(kept - refuted) > 1e-15 + 1e-12 * kept; step++) {
    const middle = (kept + refuted) / 2
    if (isKept(middle)) kept = middle
    else refuted = middle
  }
  return refuted
}
