// From recorded statistics to the number a check compares with its limit, and its bounds. To be within a limit every
// comparison must be shown to be, each at full confidence (an intersection-union test needs no correction); to be beyond
// it one must be, after a correction for all of them. Pure: the same today and in a replay.
import {
  type Bounds,
  newcombeDifference,
  oneSidedZ,
  sidakOneSidedZ,
  sidakZ,
  wilson,
} from '../statistics/proportion-bounds.ts'
import { koopmanRatio } from '../statistics/ratio-bounds.ts'
import { type ComparisonQuestion, comparisonsOf } from './comparisons.ts'
import {
  type Aggregate,
  type ComparedGroups,
  estimateOf,
  type FairnessStatistics,
  type GroupValue,
  isRatio,
  isValue,
  type MeasuredPanel,
  type ResampledComparison,
  worstIsMost,
} from './group-statistics.ts'
import { differenceToWhole, foldRatio, ratioToWhole } from './overlap-bounds.ts'

export interface BoundQuestion extends ComparisonQuestion {
  /** Two-sided for differences and ratios, one-sided for `group_min` and `group_max`. */
  readonly confidence: number
}

export interface BoundedComparison extends ComparedGroups, Bounds {
  /** Undefined for 0 / 0. */
  readonly estimate: number | undefined
}

export interface BoundedGroups extends Bounds {
  /** Of the worst comparison. */
  readonly estimate: number | undefined
  readonly worst: BoundedComparison
  /** The comparison that holds back a pass: its bound is the farthest out. */
  readonly doubtful: BoundedComparison
  readonly comparisons: readonly BoundedComparison[]
}

/** Undefined when there is nothing to compare. */
export function boundGroups(
  statistics: FairnessStatistics,
  question: BoundQuestion,
): BoundedGroups | undefined {
  const comparisons = boundComparisons(statistics, question)
  const isMost = worstIsMost(question.aggregate)
  const least = (of: (one: BoundedComparison) => number) => best(comparisons, (one) => -of(one))
  const most = (of: (one: BoundedComparison) => number) => best(comparisons, of)
  const doubtful = isMost ? most(({ upper }) => upper) : least(({ lower }) => lower)
  const beyond = isMost ? most(({ lower }) => lower) : least(({ upper }) => upper)
  if (doubtful === undefined || beyond === undefined) return undefined
  const known = comparisons.filter((one) => one.estimate !== undefined)
  const sign = isMost ? 1 : -1
  const worst = best(known, ({ estimate = 0 }) => sign * estimate) ?? doubtful
  const [lower, upper] = isMost ? [beyond.lower, doubtful.upper] : [doubtful.lower, beyond.upper]
  return { estimate: worst.estimate, lower, upper, worst, doubtful, comparisons }
}

function boundComparisons(
  statistics: FairnessStatistics,
  question: BoundQuestion,
): readonly BoundedComparison[] {
  const { resampled, panels } = statistics
  if (resampled !== undefined) {
    return resampled.comparisons.map((one) => boundResampled(one, question.aggregate))
  }
  const compared = comparisonsOf(panels, question)
  const { confidence, aggregate } = question
  const [alone, together] = isValue(aggregate)
    ? [oneSidedZ(confidence), sidakOneSidedZ(confidence, compared.length)]
    : [sidakZ(confidence, 1), sidakZ(confidence, compared.length)]
  return compared.map((one) => {
    const { value, other } = valuesOf(panels, one)
    const bound = (z: number) =>
      boundCounts(value, other, { aggregate, isWhole: one.other === null, z })
    return {
      ...one,
      estimate: contrast(aggregate, value, other),
      ...joined(aggregate, bound(alone), bound(together)),
    }
  })
}

/** The bound towards the limit alone at its own confidence, the other one for all comparisons together. */
function joined(aggregate: Aggregate, alone: Bounds, together: Bounds): Bounds {
  return worstIsMost(aggregate)
    ? { lower: Math.min(together.lower, alone.upper), upper: alone.upper }
    : { lower: alone.lower, upper: Math.max(together.upper, alone.lower) }
}

interface CountBounds {
  readonly aggregate: Aggregate
  readonly isWhole: boolean
  readonly z: number
}

const nothing: GroupValue = { successes: 0, trials: 0 }

function boundCounts(
  value: GroupValue = nothing,
  other: GroupValue = nothing,
  { aggregate, isWhole, z }: CountBounds,
): Bounds {
  if (!('successes' in value) || !('successes' in other)) return { lower: 0, upper: 1 }
  if (isValue(aggregate)) return wilson(value, z)
  if (isRatio(aggregate)) {
    return foldRatio(isWhole ? ratioToWhole(value, other, z) : koopmanRatio(value, other, z))
  }
  return foldDifference(
    isWhole ? differenceToWhole(value, other, z) : newcombeDifference(value, other, z),
  )
}

function boundResampled(
  { panel, metric, group, other, estimate, se, single, simultaneous }: ResampledComparison,
  aggregate: Aggregate,
): BoundedComparison {
  const place = { panel, metric, group, other }
  if (estimate === null || se === null) {
    const unknown = isRatio(aggregate)
      ? { lower: 0, upper: 1 }
      : isValue(aggregate)
        ? { lower: -Infinity, upper: Infinity }
        : { lower: 0, upper: Infinity }
    return { ...place, estimate: undefined, ...unknown }
  }
  const around = (multiple: number) => ({
    lower: estimate - multiple * se,
    upper: estimate + multiple * se,
  })
  const onScale = (bounds: Bounds) => {
    if (isValue(aggregate)) return bounds
    if (!isRatio(aggregate)) return foldDifference(bounds)
    return foldRatio({ lower: Math.exp(bounds.lower), upper: Math.exp(bounds.upper) })
  }
  const shown = isRatio(aggregate)
    ? Math.exp(-Math.abs(estimate))
    : isValue(aggregate)
      ? estimate
      : Math.abs(estimate)
  return {
    ...place,
    estimate: shown,
    ...joined(aggregate, onScale(around(single)), onScale(around(simultaneous))),
  }
}

/** Of the size of a difference. */
function foldDifference({ lower, upper }: Bounds): Bounds {
  return { lower: Math.max(0, lower, -upper), upper: Math.max(upper, -lower) }
}

/** What the aggregate makes of two estimates. */
function contrast(
  aggregate: Aggregate,
  value: GroupValue | undefined,
  other: GroupValue | undefined,
): number | undefined {
  const first = estimateOf(value)
  if (first === undefined || isValue(aggregate)) return first
  const second = estimateOf(other)
  if (second === undefined) return undefined
  if (!isRatio(aggregate)) return Math.abs(first - second)
  if (first === 0 && second === 0) return undefined
  return Math.min(first, second) / Math.max(first, second)
}

export function valuesOf(
  panels: readonly MeasuredPanel[],
  { panel, metric, group, other }: ComparedGroups,
): { readonly value: GroupValue | undefined; readonly other: GroupValue | undefined } {
  const own = panels[panel]
  const second = other === null ? own?.overall : own?.groups[other]
  return { value: own?.groups[group]?.values[metric], other: second?.values[metric] }
}

/** The first with the largest number. */
function best<T>(of: readonly T[], size: (one: T) => number): T | undefined {
  return of.reduce<T | undefined>(
    (best, one) => (best === undefined || size(one) > size(best) ? one : best),
    undefined,
  )
}
