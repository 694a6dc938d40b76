// Student's t, chi-square, the beta and the Poisson distribution, from the special functions; relative error below 1e-10.
import { incompleteBeta, logGamma, normalQuantile } from './special-functions.ts'

/** P(T ≤ t) for Student's t with `df` degrees of freedom. */
export function studentCdf(t: number, df: number): number {
  if (!(df > 0)) return Number.NaN
  if (t === 0) return 0.5
  const tail = incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/** The t below which a share `p` lies. */
export function studentQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN
  if (p === 0.5) return 0
  if (p > 0.5) return -studentQuantile(1 - p, df)
  return rootOf((t) => studentCdf(t, df) - p, { low: 2 * normalQuantile(p) - 1, high: 0 })
}

/** P(X ≤ x) for chi-square with `df` degrees of freedom. */
export function chiSquareCdf(x: number, df: number): number {
  return lowerGamma(df / 2, x / 2)
}

export function chiSquareQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? 0 : p === 1 ? Infinity : Number.NaN
  return rootOf((x) => chiSquareCdf(x, df) - p, { low: 0, high: df + 10 })
}

/** The x with I_x(a, b) = p. */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p <= 0) return 0
  if (p >= 1) return 1
  return rootOf((x) => incompleteBeta(x, a, b) - p, { low: 0, high: 1 })
}

/** P(X = k) for k = 0, 1, … until nothing is left; X is Poisson with mean 1. */
export const poissonOneTail: readonly number[] = (() => {
  const shares: number[] = []
  for (let k = 0, share = Math.exp(-1); k < 16; k++, share /= k) shares.push(share)
  return shares
})()

/** The regularised lower incomplete gamma P(a, x): its series below a + 1, Lentz's fraction above (Numerical Recipes §6.2). */
function lowerGamma(a: number, x: number): number {
  if (!(x > 0)) return 0
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 100_000 && term > 1e-17 * sum; n++) {
      term *= x / (a + n)
      sum += term
    }
    return front * sum
  }
  const floor = 1e-300
  let b = x + 1 - a
  let c = 1 / floor
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < 100_000; n++) {
    const step = -n * (n - a)
    b += 2
    d = 1 / (Math.abs(step * d + b) < floor ? floor : step * d + b)
    c = Math.abs(b + step / c) < floor ? floor : b + step / c
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return 1 - front * fraction
}

/**
 * The zero of an increasing function; the bracket is widened until it holds one (a `low` of 0 and a `high` of 1 stay where a
 * distribution ends). Illinois' false position, which keeps the bracket and needs about ten evaluations.
 */
export function rootOf(f: (x: number) => number, bracket: { low: number; high: number }): number {
  let { low, high } = bracket
  let atLow = f(low)
  let atHigh = f(high)
  for (let width = high - low; atLow > 0 && width < 1e300; width *= 2) {
    low -= width
    atLow = f(low)
  }
  for (let width = high - low; atHigh < 0 && width < 1e300; width *= 2) {
    high += width
    atHigh = f(high)
  }
  let side = 0
  for (let step = 0; step < 300; step++) {
    if (high - low <= 1e-15 * Math.max(Math.abs(low), Math.abs(high)) || atHigh === atLow) break
    // Every third step halves: false position alone creeps along a flat tail, and has no answer beside an infinite value.
    const falsePosition = (low * atHigh - high * atLow) / (atHigh - atLow)
    const middle =
      step % 3 === 2 || !Number.isFinite(falsePosition) ? (low + high) / 2 : falsePosition
    const value = f(middle)
    if (value === 0) return middle
    if (value < 0) {
      low = middle
      atLow = value
      if (side === -1) atHigh /= 2
      side = -1
    } else {
      high = middle
      atHigh = value
      if (side === 1) atLow /= 2
      side = 1
    }
  }
  return (low + high) / 2
}
