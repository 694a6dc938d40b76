// Bounds for the ratio of an unordered pair, and for a group against the whole it is part of.
import { type Bounds, type Count, newcombeDifference } from '../statistics/proportion-bounds.ts'
import { koopmanRatio } from '../statistics/ratio-bounds.ts'

/** Of the unordered pair: the smaller over the larger, between 0 and 1. */
export function foldRatio({ lower, upper }: Bounds): Bounds {
  if (upper <= 1) return { lower, upper }
  if (lower >= 1) return { lower: 1 / upper, upper: 1 / lower }
  return { lower: Math.min(lower, 1 / upper), upper: 1 }
}

/** p − p_whole = (1 − share) (p − p_rest): the overlap of a group with the whole is taken out before the bounds. */
export function differenceToWhole(group: Count, whole: Count, z: number): Bounds {
  const rest = without(whole, group)
  const left = rest.trials / whole.trials
  const { lower, upper } = newcombeDifference(group, rest, z)
  return { lower: left * lower, upper: left * upper }
}

/** p / p_whole = 1 / (share + (1 − share) p_rest / p). */
export function ratioToWhole(group: Count, whole: Count, z: number): Bounds {
  const rest = without(whole, group)
  const share = group.trials / whole.trials
  const toGroup = koopmanRatio(rest, group, z)
  const at = (ratio: number) => 1 / (share + (1 - share) * ratio)
  return { lower: at(toGroup.upper), upper: at(toGroup.lower) }
}

export function without(whole: Count, part: Count): Count {
  return { successes: whole.successes - part.successes, trials: whole.trials - part.trials }
}
