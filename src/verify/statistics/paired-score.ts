// Tango's score interval (1998) for the difference of paired proportions: at no difference it is McNemar's test, and it holds its
// level for rare discordance as well as for margins far from 0.
import { rootOf } from './distributions.ts'
import type { Bounds, Discordance } from './proportion-bounds.ts'
import { normalCdf } from './special-functions.ts'

/**
 * (gained − lost − n·δ) over its standard deviation where the true difference is δ; the nuisance share is its maximum-likelihood
 * value under that δ (Tango 1998, eq. 4).
 */
export function pairedScore({ gained, lost, trials }: Discordance, delta: number): number {
  const a = 2 * trials
  const b = -gained - lost + (2 * trials - gained + lost) * delta
  const c = -lost * delta * (1 - delta)
  const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a)
  const variance = trials * (2 * share + delta * (1 - delta))
  const excess = gained - lost - trials * delta
  if (variance <= 1e-12 * trials) return excess === 0 ? 0 : excess > 0 ? Infinity : -Infinity
  return excess / Math.sqrt(variance)
}

/** The differences not refuted, each side one-sided at the confidence of `z`; without a trial nothing is known. */
export function pairedScoreBounds(counts: Discordance, z: number): Bounds {
  const { gained, lost, trials } = counts
  if (trials <= 0) return { lower: -1, upper: 1 }
  const estimate = (gained - lost) / trials
  const edge = (low: number, high: number, level: number) =>
    // The score falls as δ rises.
    rootOf((delta) => level - pairedScore(counts, delta), { low, high })
  return {
    lower: lost === trials ? -1 : edge(-1 + tiny, estimate, z),
    upper: gained === trials ? 1 : edge(estimate, 1 - tiny, -z),
  }
}

/** P(a difference as large or larger | the true difference is `delta`): small speaks for more than delta. */
export function pairedScoreUpperP(counts: Discordance, delta: number): number {
  if (counts.trials <= 0) return 1
  return normalCdf(-pairedScore(counts, delta))
}

const tiny = 1e-12
