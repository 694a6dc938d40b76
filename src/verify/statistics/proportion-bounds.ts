// Fixed-sample bounds for proportions and their differences: Wilson, Newcombe, and the z that keeps many of them true at once.
import { betaQuantile } from './distributions.ts'
import { normalQuantile } from './special-functions.ts'

export interface Bounds {
  readonly lower: number
  readonly upper: number
}

export interface Count {
  readonly successes: number
  readonly trials: number
}

/** z for a one-sided bound: 0.95 → 1.645. */
export function oneSidedZ(confidence: number): number {
  return normalQuantile(confidence)
}

/** z for `comparisons` two-sided intervals that hold together with `confidence` (Šidák 1967). */
export function sidakZ(confidence: number, comparisons: number): number {
  const each = 1 - confidence ** (1 / Math.max(1, comparisons))
  return normalQuantile(1 - each / 2)
}

/** z for `comparisons` one-sided bounds that hold together with `confidence` (Šidák 1967). */
export function sidakOneSidedZ(confidence: number, comparisons: number): number {
  return normalQuantile(confidence ** (1 / Math.max(1, comparisons)))
}

/** Wilson's score interval (1927); nothing is known without a trial: 0 to 1. */
export function wilson({ successes, trials }: Count, z: number): Bounds {
  if (trials <= 0) return { lower: 0, upper: 1 }
  const share = successes / trials
  const squared = (z * z) / trials
  const centre = (share + squared / 2) / (1 + squared)
  const half =
    (z / (1 + squared)) * Math.sqrt((share * (1 - share)) / trials + squared / trials / 4)
  return {
    lower: successes === 0 ? 0 : Math.max(0, centre - half),
    upper: successes === trials ? 1 : Math.min(1, centre + half),
  }
}

/** Clopper & Pearson (1934): never below the stated confidence, each side at `confidence`; for when a guarantee is wanted. */
export function clopperPearson({ successes, trials }: Count, confidence: number): Bounds {
  if (trials <= 0) return { lower: 0, upper: 1 }
  return {
    lower: successes === 0 ? 0 : betaQuantile(1 - confidence, successes, trials - successes + 1),
    upper: successes === trials ? 1 : betaQuantile(confidence, successes + 1, trials - successes),
  }
}

/** Bounds for p₁ − p₂ of independent samples: Newcombe's hybrid score interval (1998, method 10). */
export function newcombeDifference(first: Count, second: Count, z: number): Bounds {
  if (first.trials <= 0 || second.trials <= 0) return { lower: -1, upper: 1 }
  const p1 = first.successes / first.trials
  const p2 = second.successes / second.trials
  const one = wilson(first, z)
  const two = wilson(second, z)
  return {
    lower: p1 - p2 - Math.hypot(p1 - one.lower, two.upper - p2),
    upper: p1 - p2 + Math.hypot(one.upper - p1, p2 - two.lower),
  }
}

export interface Discordance {
  /** Rows where only the challenger counts as a success. */
  readonly gained: number
  /** Rows where only the reference does. */
  readonly lost: number
  readonly trials: number
}

/** Bounds for the difference of paired proportions: Bonett & Price (2012), which stays honest with few discordant rows. */
export function pairedDifference({ gained, lost, trials }: Discordance, z: number): Bounds {
  if (trials <= 0) return { lower: -1, upper: 1 }
  const up = (gained + 1) / (trials + 2)
  const down = (lost + 1) / (trials + 2)
  const half = z * Math.sqrt((up + down - (up - down) ** 2) / (trials + 2))
  return { lower: Math.max(-1, up - down - half), upper: Math.min(1, up - down + half) }
}
