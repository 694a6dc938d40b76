// The largest difference of a rate between groups, with bounds that hold for all pairs of groups together. The plain
// bootstrap of max − min never covers equality (gates.md 3.4); simultaneous pairwise intervals do.
import { type Bounds, newcombeDifference, sidakZ } from '../statistics/proportion-bounds.ts'
import type { GroupCount } from './group-counts.ts'

export interface GapQuestion {
  /** Probability that all pairwise intervals hold together. */
  readonly confidence: number
  /** A group with fewer in its denominator can neither pass nor fail. */
  readonly minSupport: number
}

export interface GapEstimate extends Bounds {
  readonly estimate: number
  readonly highest: GroupCount
  readonly lowest: GroupCount
}

export interface GapFinding {
  /** Undefined with fewer than two supported groups. */
  readonly gap: GapEstimate | undefined
  readonly supported: readonly GroupCount[]
  readonly unsupported: readonly GroupCount[]
}

/**
 * Newcombe intervals with Šidák's z over all pairs of supported groups. The gap is at most the farthest end of any
 * interval, and at least the largest distance of an interval from 0.
 */
export function findGap(groups: readonly GroupCount[], question: GapQuestion): GapFinding {
  const supported = groups.filter(({ trials }) => trials >= question.minSupport)
  const unsupported = groups.filter(({ trials }) => trials < question.minSupport)
  const ranked = supported.toSorted((a, b) => rateOf(b) - rateOf(a))
  const highest = ranked[0]
  const lowest = ranked.at(-1)
  if (highest === undefined || lowest === undefined || ranked.length < 2) {
    return { gap: undefined, supported, unsupported }
  }
  const z = sidakZ(question.confidence, (ranked.length * (ranked.length - 1)) / 2)
  let lower = 0
  let upper = 0
  for (const [at, one] of ranked.entries()) {
    for (const two of ranked.slice(at + 1)) {
      const bounds = newcombeDifference(one, two, z)
      lower = Math.max(lower, bounds.lower, -bounds.upper)
      upper = Math.max(upper, bounds.upper, -bounds.lower)
    }
  }
  const estimate = rateOf(highest) - rateOf(lowest)
  return { gap: { estimate, lower, upper, highest, lowest }, supported, unsupported }
}

export function rateOf({ successes, trials }: GroupCount): number {
  return successes / trials
}
