import { describe, expect, it } from 'vitest'
import golden from '../../../test/golden/verify/functions.json' with { type: 'json' }
import { newcombeDifference, pairedDifference, sidakZ, wilson } from './proportion-bounds.ts'
import {
  binomialCdf,
  erf,
  incompleteBeta,
  logBeta,
  logGamma,
  normalCdf,
  normalQuantile,
} from './special-functions.ts'

const far = (got: number, want: number) =>
  want === 0 ? Math.abs(got) : Math.abs(got - want) / Math.abs(want)

/** Rows end with the expected value. */
function worstError(rows: readonly (readonly number[])[], f: (...x: number[]) => number): number {
  return Math.max(...rows.map((row) => far(f(...row.slice(0, -1)), row.at(-1) ?? Number.NaN)))
}

describe('special functions agree with mpmath and SciPy', () => {
  it('log gamma, also at its zeros and at a billion', () => {
    expect(worstError(golden.logGamma, logGamma)).toBeLessThan(1e-12)
  })
  it('log beta, from tiny to half a billion', () => {
    expect(worstError(golden.logBeta, logBeta)).toBeLessThan(1e-12)
  })
  it('the normal distribution, its tails and its inverse', () => {
    expect(worstError(golden.erf, erf)).toBeLessThan(1e-13)
    expect(worstError(golden.normalCdf, normalCdf)).toBeLessThan(1e-12)
    expect(worstError(golden.normalQuantile, normalQuantile)).toBeLessThan(1e-12)
  })
  it('the incomplete beta and the binomial', () => {
    expect(worstError(golden.incompleteBeta, incompleteBeta)).toBeLessThan(1e-10)
    expect(worstError(golden.binomialCdf, binomialCdf)).toBeLessThan(1e-10)
  })
})

describe('bounds for proportions', () => {
  it('Wilson and Newcombe agree with statsmodels', () => {
    const z = normalQuantile(0.975)
    for (const [successes = 0, trials = 0, lower = 0, upper = 0] of golden.wilson) {
      const bounds = wilson({ successes, trials }, z)
      expect(bounds.lower).toBeCloseTo(lower, 12)
      expect(bounds.upper).toBeCloseTo(upper, 12)
    }
    for (const [a = 0, n = 0, b = 0, m = 0, lower = 0, upper = 0] of golden.newcombe) {
      const bounds = newcombeDifference({ successes: a, trials: n }, { successes: b, trials: m }, z)
      expect(bounds.lower).toBeCloseTo(lower, 12)
      expect(bounds.upper).toBeCloseTo(upper, 12)
    }
  })
  it('without a trial nothing is known', () => {
    expect(wilson({ successes: 0, trials: 0 }, 2)).toEqual({ lower: 0, upper: 1 })
    const some = { successes: 1, trials: 2 }
    const none = { successes: 0, trials: 0 }
    expect(newcombeDifference(some, none, 2)).toEqual({ lower: -1, upper: 1 })
    expect(pairedDifference({ gained: 0, lost: 0, trials: 0 }, 2)).toEqual({ lower: -1, upper: 1 })
  })
  it('more comparisons need a larger z', () => {
    expect(sidakZ(0.95, 1)).toBeCloseTo(1.959963984540054, 12)
    expect(sidakZ(0.95, 10)).toBeCloseTo(2.7995, 3)
  })
})
