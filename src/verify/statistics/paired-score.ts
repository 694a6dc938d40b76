// Tango's score interval (1998) for the difference of paired proportions: at no difference it is McNemar's test. As gates use it, it
// is corrected for skewness and for whole rows, so that it holds its level where hardly any row differs as well.
import { rootOf } from './distributions.ts'
import type { Bounds, Discordance } from './proportion-bounds.ts'
import { normalCdf } from './special-functions.ts'

/** Tango's own score: its level is missed by up to 4 points where few rows differ and most of them one way. */
export function pairedScore(counts: Discordance, delta: number): number {
  const { excess, variance } = standing(counts, delta)
  return excess / Math.sqrt(variance) || 0
}

/** Tango's interval as published, to compare with other programs. */
export function pairedScoreBounds(counts: Discordance, z: number): Bounds {
  return boundsBy(pairedScore, counts, z)
}

/**
 * The score less its skewness (Cornish & Fisher 1937; for proportions Gart & Nam 1988, Laud 2017), and moved to 0 by 0.3 rows,
 * somewhat more than half of Yates' correction. Over all rates from 0 to 0.2 and 30 to 1,000 rows no side is wrong in more than 6 % of holdouts,
 * where Tango's own is in up to 8.7 % (exact probabilities, see the test).
 */
export function correctedPairedScore(counts: Discordance, delta: number): number {
  const { excess, variance, third } = standing(counts, delta)
  const moved = Math.sign(excess) * Math.max(0, Math.abs(excess) - wholeRow)
  const score = moved / Math.sqrt(variance) || 0
  return Number.isFinite(score) ? unskewed(score, third / variance ** 1.5) : score
}

/** The differences not refuted, each side one-sided at the confidence of `z`; without a trial nothing is known. */
export function correctedPairedBounds(counts: Discordance, z: number): Bounds {
  return boundsBy(correctedPairedScore, counts, z)
}

/** P(a difference as large or larger | the true difference is `delta`): small speaks for more than delta. */
export function pairedScoreUpperP(counts: Discordance, delta: number): number {
  if (counts.trials <= 0) return 1
  return normalCdf(-pairedScore(counts, delta))
}

const tiny = 1e-12
const wholeRow = 0.3
/** Beyond it three moments no longer describe a distribution: less than one row is expected to differ. */
const mostSkewed = 1

/**
 * Gained − lost − n·δ with its variance and third moment where the true difference is δ; the nuisance share is its
 * maximum-likelihood value under that δ (Tango 1998, eq. 4).
 */
function standing({ gained, lost, trials }: Discordance, delta: number) {
  const a = 2 * trials
  const b = -gained - lost + (2 * trials - gained + lost) * delta
  const c = -lost * delta * (1 - delta)
  const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a)
  const differing = 2 * share + delta
  const variance = trials * (differing - delta * delta)
  const third = trials * (delta - 3 * delta * differing + 2 * delta ** 3)
  const isFixed = variance <= tiny * trials
  return { excess: gained - lost - trials * delta, variance: isFixed ? 0 : variance, third }
}

/** s − γ (s² − 1) / 6, continued as a straight line where the parabola would turn back. */
function unskewed(score: number, skewness: number): number {
  const bend = Math.min(mostSkewed, Math.abs(skewness))
  const along = score * Math.sign(skewness)
  const knee = 1.5 / bend
  const inside = Math.min(along, knee)
  const z = inside - (bend * (inside * inside - 1)) / 6 + Math.max(0, along - knee) / 2
  return bend < 1e-9 ? score : z * Math.sign(skewness)
}

type Score = (counts: Discordance, delta: number) => number

function boundsBy(score: Score, counts: Discordance, z: number): Bounds {
  const { gained, lost, trials } = counts
  if (trials <= 0) return { lower: -1, upper: 1 }
  const estimate = (gained - lost) / trials
  const edge = (low: number, high: number, level: number) =>
    // The score falls as δ rises.
    rootOf((delta) => level - score(counts, delta), { low, high })
  // Near a level of one half the corrected score may cross beyond the estimate.
  return {
    lower: lost === trials ? -1 : Math.min(estimate, edge(-1 + tiny, estimate, z)),
    upper: gained === trials ? 1 : Math.max(estimate, edge(estimate, 1 - tiny, -z)),
  }
}
