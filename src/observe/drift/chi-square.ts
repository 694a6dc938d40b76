// The upper tail of the chi-square law, by the regularised incomplete gamma function.
import { assert } from '../../foundation/assert.ts'
import { logGamma } from '../../verify/statistics/special-functions.ts'

/** P(X > x) for X ~ chi-square with `degrees` of freedom. */
export function chiSquareUpperTail(x: number, degrees: number): number {
  assert(degrees > 0, `a chi-square law needs at least one degree of freedom, not ${degrees}`)
  return x <= 0 ? 1 : upperGamma(degrees / 2, x / 2)
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
