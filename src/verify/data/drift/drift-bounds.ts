// What a drift score says about the two distributions behind the rows: an estimate and one-sided bounds of the true distance.
// A histogram of a few rows is never equal to its reference; the bounds are what remains after that is taken into account.
//
// psi, js and chi2 are quadratic near equality: n·m/(n+m) times the score follows a non-central chi-square law with bins − 1
// degrees (for PSI: Yurdakul 2018), whose noncentrality is the true distance. Far from equality the variance is larger than that
// law says: the bounds are stretched by the ratio of the delta method's standard deviation to the local one.
// tvd, ks and Wasserstein are suprema of linear functionals. The one that is largest at the truth bounds the score from below,
// which gives the upper bound; by the triangle inequality and concentration of Gaussian suprema (Borell; median ≤ mean for convex
// functions) the noise is at most its mean + z · its largest standard deviation, which gives the lower bound.
import { noncentralityBounds } from '../../statistics/chi-square.ts'
import { betaQuantile } from '../../statistics/distributions.ts'
import type { Bounds, Count } from '../../statistics/proportion-bounds.ts'
import { normalQuantile } from '../../statistics/special-functions.ts'
import {
  balancedChiSquare,
  jensenShannonDivergence,
  kolmogorovSmirnov,
  largestDifference,
  type Pair,
  pairTotals,
  type Stretch,
  stabilityIndex,
  totalVariation,
  wassersteinOf,
} from './drift-scores.ts'

export interface DriftScore {
  readonly estimate: number
  /** One-sided bounds of the true distance. */
  readonly lower: number
  readonly upper: number
  /** What the estimate would be on average without any drift. */
  readonly noise: number
}

/** Error probabilities of the two bounds; the lower one's is smaller where many columns are looked at. */
export interface Tails {
  readonly lower: number
  readonly upper: number
}

export type QuadraticMethod = 'psi' | 'js_divergence' | 'chi2'

/** `bins` without rare ones. chi2 is bounded as V², js as the divergence; the caller takes the root of all numbers. */
export function quadraticScore(
  method: QuadraticMethod,
  bins: readonly Pair[],
  tails: Tails,
): DriftScore {
  const { reference: n, live: m } = pairTotals(bins)
  const degrees = bins.length - 1
  if (degrees < 1 || n === 0 || m === 0) return { estimate: 0, lower: 0, upper: 0, noise: 0 }
  const { estimate, perStatistic, gradient, tested = estimate } = quadratic(method, bins)
  const local = noncentralityBounds(tested / perStatistic, degrees, tails)
  const noise = degrees * perStatistic
  const spread = Math.sqrt(
    varianceOf(gradient.reference, bins, 'reference') / n +
      varianceOf(gradient.live, bins, 'live') / m,
  )
  // Near equality the local law's standard deviation is 2 √(score · unit); farther out the delta method's is larger.
  const stretch = Math.max(1, spread / (2 * Math.sqrt(estimate * perStatistic) || 1))
  const excess = Math.max(0, estimate - noise)
  const lower = local.lower * perStatistic
  const upper = local.upper * perStatistic
  return {
    estimate,
    lower: lower === 0 ? 0 : Math.max(0, excess - stretch * (excess - lower)),
    upper: upper === 0 ? 0 : Math.max(0, excess + stretch * (upper - excess)),
    noise,
  }
}

interface Quadratic {
  readonly estimate: number
  /** What one unit of the chi-square statistic is worth in the score. */
  readonly perStatistic: number
  /** What is compared with the law where that is not the estimate itself. */
  readonly tested?: number
  /** Derivatives of the score by each share. */
  readonly gradient: Readonly<Record<'reference' | 'live', readonly number[]>>
}

function quadratic(method: QuadraticMethod, bins: readonly Pair[]): Quadratic {
  const { reference: n, live: m } = pairTotals(bins)
  const shares = bins.map(({ reference, live }) => ({
    p: (reference + 0.5) / (n + bins.length / 2),
    q: (live + 0.5) / (m + bins.length / 2),
  }))
  const both = (of: (p: number, q: number) => number) => ({
    reference: shares.map(({ p, q }) => of(p, q)),
    live: shares.map(({ p, q }) => of(q, p)),
  })
  const sampling = 1 / n + 1 / m
  if (method === 'psi')
    return {
      estimate: stabilityIndex(bins),
      perStatistic: sampling,
      gradient: both((p, q) => Math.log(p / q) + 1 - q / p),
    }
  if (method === 'js_divergence')
    return {
      estimate: jensenShannonDivergence(bins),
      // Without half a count more in each bin it follows its law only from about 20 rows in each, and alarms too often below.
      tested: jensenShannonDivergence(
        bins.map(({ reference, live }) => ({ reference: reference + 0.5, live: live + 0.5 })),
      ),
      perStatistic: sampling / (8 * Math.LN2),
      gradient: both((p, q) => Math.log2((2 * p) / (p + q)) / 2),
    }
  return {
    estimate: balancedChiSquare(bins),
    perStatistic: sampling / 4,
    gradient: both((p, q) => {
      const ratio = (p - q) / (p + q)
      return ratio - (ratio * ratio) / 2
    }),
  }
}

/** Variance of a function of the bin under the observed shares. */
function varianceOf(values: readonly number[], bins: readonly Pair[], side: keyof Pair): number {
  const total = pairTotals(bins)[side]
  let mean = 0
  let square = 0
  for (const [at, bin] of bins.entries()) {
    const value = values[at] ?? 0
    const share = bin[side] / total
    mean += share * value
    square += share * value * value
  }
  return Math.max(0, square - mean * mean)
}

/** √ of a score and of its bounds. */
export function rootOf({ estimate, lower, upper, noise }: DriftScore): DriftScore {
  return {
    estimate: Math.sqrt(estimate),
    lower: Math.sqrt(lower),
    upper: Math.sqrt(upper),
    noise: Math.sqrt(noise),
  }
}

interface Supremum {
  readonly estimate: number
  /** Mean of the noise without drift. */
  readonly noise: number
  /** Largest standard deviation of the functionals. */
  readonly spread: number
  readonly most: number
}

function supremumScore({ estimate, noise, spread, most }: Supremum, tails: Tails): DriftScore {
  return {
    estimate,
    lower: Math.max(0, estimate - noise - normalQuantile(1 - tails.lower) * spread),
    upper: Math.min(most, estimate + normalQuantile(1 - tails.upper) * spread),
    noise,
  }
}

/** E|Z| of a standard normal. */
const meanAbsolute = Math.sqrt(2 / Math.PI)

export function totalVariationScore(bins: readonly Pair[], tails: Tails): DriftScore {
  const { reference: n, live: m } = pairTotals(bins)
  const sampling = 1 / n + 1 / m
  const noise = pooledShares(bins).reduce((sum, p) => sum + Math.sqrt(p * (1 - p) * sampling), 0)
  // A functional of signs ±½ has a variance of at most ¼ on each side.
  const spread = Math.sqrt(sampling) / 2
  const estimate = totalVariation(bins)
  return supremumScore({ estimate, noise: (meanAbsolute * noise) / 2, spread, most: 1 }, tails)
}

/** At the edges of bins; without drift the law is Kolmogorov's or, on few bins, below it (Smirnov 1948). */
export function kolmogorovScore(bins: readonly Pair[], tails: Tails): DriftScore {
  const { reference: n, live: m } = pairTotals(bins)
  const root = Math.sqrt(1 / n + 1 / m)
  const estimate = kolmogorovSmirnov(bins)
  const critical = Math.sqrt(-Math.log(tails.lower / 2) / 2) * root
  return {
    estimate,
    lower: Math.max(0, estimate - critical),
    upper: Math.min(1, estimate + (normalQuantile(1 - tails.upper) * root) / 2),
    // √(π/2) ln 2: the mean of Kolmogorov's law.
    noise: Math.sqrt(Math.PI / 2) * Math.LN2 * root,
  }
}

/**
 * Every bin's difference bounded by Clopper-Pearson limits of both shares, combined as Newcombe does: a normal approximation is too
 * bold in the far tails that 20 bins of 50 columns need. The lower bounds hold for all bins together (Šidák).
 */
export function largestDifferenceScore(bins: readonly Pair[], tails: Tails): DriftScore {
  const { reference: n, live: m } = pairTotals(bins)
  const each = (1 - (1 - tails.lower) ** (1 / bins.length)) / 2
  let lower = 0
  let upper = 0
  for (const { reference, live } of bins) {
    const first = { successes: reference, trials: n }
    const second = { successes: live, trials: m }
    const far = exactDifference(first, second, each)
    const near = exactDifference(first, second, tails.upper / 2)
    lower = Math.max(lower, far.lower, -far.upper)
    upper = Math.max(upper, Math.abs(near.lower), Math.abs(near.upper))
  }
  const widest = Math.max(0, ...pooledShares(bins).map((p) => p * (1 - p)))
  const noise = Math.sqrt(2 * Math.log(2 * bins.length) * widest * (1 / n + 1 / m))
  return { estimate: largestDifference(bins), lower, upper: Math.min(1, upper), noise }
}

/** Bounds of p₁ − p₂, each with error probability `tail`. */
function exactDifference(first: Count, second: Count, tail: number): Bounds {
  const [one, two] = [clopperPearson(first, tail), clopperPearson(second, tail)]
  const p1 = first.successes / first.trials
  const p2 = second.successes / second.trials
  return {
    lower: p1 - p2 - Math.hypot(p1 - one.lower, two.upper - p2),
    upper: p1 - p2 + Math.hypot(one.upper - p1, p2 - two.lower),
  }
}

/** Clopper & Pearson (1934). */
function clopperPearson({ successes, trials }: Count, tail: number): Bounds {
  const failures = trials - successes
  return {
    lower: successes === 0 ? 0 : betaQuantile(tail, successes, failures + 1),
    upper: failures === 0 ? 1 : betaQuantile(1 - tail, successes + 1, failures),
  }
}

export interface WassersteinRequest {
  readonly stretches: readonly Stretch[]
  readonly rows: { readonly reference: number; readonly live: number }
  /** Standard deviations; the score is in units of the reference's. */
  readonly std: { readonly reference: number; readonly live: number }
}

/** In reference standard deviations. A 1-Lipschitz function varies at most as much as the value itself (Kantorovich's dual). */
export function wassersteinScore(request: WassersteinRequest, tails: Tails): DriftScore {
  const { stretches, rows, std } = request
  const unit = std.reference
  const sampling = 1 / rows.reference + 1 / rows.live
  const noise = stretches.reduce(
    (sum, { width, level }) => sum + width * Math.sqrt(Math.max(0, level * (1 - level)) * sampling),
    0,
  )
  const spread = Math.hypot(
    std.reference / Math.sqrt(rows.reference),
    std.live / Math.sqrt(rows.live),
  )
  return supremumScore(
    {
      estimate: wassersteinOf(stretches) / unit,
      noise: (meanAbsolute * noise) / unit,
      spread: spread / unit,
      most: Number.POSITIVE_INFINITY,
    },
    tails,
  )
}

function pooledShares(bins: readonly Pair[]): number[] {
  const { reference: n, live: m } = pairTotals(bins)
  return bins.map(({ reference, live }) => (reference + live) / (n + m))
}
