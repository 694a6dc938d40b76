// The chi-square law, central by the regularised incomplete gamma function and non-central as its Poisson mixture, and what a
// chi-square statistic says about the distance behind it.
import { assert } from '../../foundation/assert.ts'
import { logGamma, normalCdf } from './special-functions.ts'

/** P(X > x) for X ~ chi-square with `degrees` of freedom. */
export function chiSquareUpperTail(x: number, degrees: number): number {
  assert(degrees > 0, `a chi-square law needs at least one degree of freedom, not ${degrees}`)
  return x <= 0 ? 1 : upperGamma(degrees / 2, x / 2)
}

/** P(X <= x) for X ~ non-central chi-square: Poisson(noncentrality / 2) mixes central laws of degrees + 2j. */
export function noncentralLowerTail(x: number, degrees: number, noncentrality: number): number {
  if (x <= 0) return 0
  if (noncentrality <= 0) return 1 - chiSquareUpperTail(x, degrees)
  if (noncentrality > largestMixed) return sankaran(x, degrees, noncentrality)
  const rate = noncentrality / 2
  const half = x / 2
  const start = Math.floor(rate)
  const shape = degrees / 2 + start
  const weight = Math.exp(start * Math.log(rate) - rate - logGamma(start + 1))
  const lower = 1 - upperGamma(shape, half)
  // g = x^a e^-x / Γ(a + 1): what the lower tail loses from one term to the next.
  const step = Math.exp(shape * Math.log(half) - half - logGamma(shape + 1))
  let sum = weight * lower
  for (let j = start, w = weight, p = lower, g = step; w > precision; j++) {
    p -= g
    g *= half / (degrees / 2 + j + 1)
    w *= rate / (j + 1)
    sum += w * Math.max(0, p)
  }
  for (let j = start, w = weight, p = lower, g = step; j > 0 && w > precision; j--) {
    g *= (degrees / 2 + j) / half
    p += g
    w *= j / rate
    sum += w * Math.min(1, p)
  }
  return Math.min(1, sum)
}

/**
 * The noncentralities that agree with a statistic: below `lower` it would be larger with probability < `tail`, above
 * `upper` smaller. One-sided each; both are 0 where even no distance at all would give more.
 */
export function noncentralityBounds(
  statistic: number,
  degrees: number,
  tails: { readonly lower: number; readonly upper: number },
): { readonly lower: number; readonly upper: number } {
  const solve = (wanted: number) => {
    if (noncentralLowerTail(statistic, degrees, 0) <= wanted) return 0
    let high = Math.max(1, statistic)
    while (noncentralLowerTail(statistic, degrees, high) > wanted) high *= 2
    let low = 0
    for (let round = 0; round < 80 && high - low > 1e-9 * (1 + high); round++) {
      const middle = (low + high) / 2
      if (noncentralLowerTail(statistic, degrees, middle) > wanted) low = middle
      else high = middle
    }
    return (low + high) / 2
  }
  return { lower: solve(1 - tails.lower), upper: solve(tails.upper) }
}

const largestMixed = 5000

/** Sankaran's normal approximation (1963), for noncentralities where the mixture would be long and the law is nearly normal. */
function sankaran(x: number, k: number, l: number): number {
  const h = 1 - (2 * (k + l) * (k + 3 * l)) / (3 * (k + 2 * l) ** 2)
  const p = (k + 2 * l) / (k + l) ** 2
  const m = (h - 1) * (1 - 3 * h)
  const mean = 1 + h * p * (h - 1 - 0.5 * (2 - h) * m * p)
  return normalCdf(((x / (k + l)) ** h - mean) / (h * Math.sqrt(2 * p) * (1 + 0.5 * m * p)))
}

/** Q(a, x): a series below the mean, a continued fraction above it (Numerical Recipes, 3rd ed., 6.2). */
function upperGamma(a: number, x: number): number {
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? 1 - front * lowerSeries(a, x) : front * upperFraction(a, x)
}

const precision = 1e-15

function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; term > sum * precision; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** Modified Lentz. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < 10_000; n++) {
    const term = -n * (n - a)
    b += 2
    d = 1 / avoidZero(term * d + b, tiny)
    c = avoidZero(b + term / c, tiny)
    fraction *= d * c
    if (Math.abs(d * c - 1) < precision) break
  }
  return fraction
}

function avoidZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value
}
