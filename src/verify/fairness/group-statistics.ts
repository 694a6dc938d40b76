// What is recorded of a comparison between groups: counts, or estimates with their spread. Plain JSON, enough to judge
// again without the rows.

/** How the values of groups become one number. */
export type Aggregate =
  /** Highest − lowest. */
  | 'gap'
  /** Lowest / highest. */
  | 'ratio'
  /** Largest distance of a group from all rows together. */
  | 'gap_to_overall'
  | 'ratio_to_overall'
  /** Largest distance of a group from the reference group. */
  | 'gap_to'
  | 'ratio_to'
  | 'group_min'
  | 'group_max'

export const aggregates: readonly Aggregate[] = [
  'gap',
  'ratio',
  'gap_to_overall',
  'ratio_to_overall',
  'gap_to',
  'ratio_to',
  'group_min',
  'group_max',
]

export interface FairnessStatistics {
  readonly method: 'groups'
  readonly panels: readonly MeasuredPanel[]
  /** There when a bound comes from resampling, not from counts. */
  readonly resampled?: ResampledComparisons
}

/** Groups that are compared with each other: those of one column (or crossing), inside one stratum. */
export interface MeasuredPanel {
  /** `sex`, or `sex x race`. */
  readonly by: string
  /** `region=north`; null without conditioning. */
  readonly stratum: string | null
  readonly groups: readonly MeasuredGroup[]
  /** All rows of the stratum. */
  readonly overall: MeasuredGroup
}

export interface MeasuredGroup {
  readonly group: string
  readonly isMissing: boolean
  readonly n: number
  /** Only for a binary model. */
  readonly positives?: number
  readonly negatives?: number
  readonly selected?: number
  /** In the order of the check's metrics. */
  readonly values: readonly GroupValue[]
}

export type GroupValue =
  /** A share of rows that count once each: everything else follows from the counts. */
  | { readonly successes: number; readonly trials: number }
  | {
      /** Rows in the denominator. */
      readonly trials: number
      /** null where it is undefined. */
      readonly estimate: number | null
      /** What scikit-learn prints instead of undefined. */
      readonly compat?: number
      /** Over the replicates; only of groups that are compared. */
      readonly se?: number
    }

export interface ResampledComparisons {
  readonly confidence: number
  readonly replicates: number
  readonly seed: string
  readonly comparisons: readonly ResampledComparison[]
}

/** On the scale of the aggregate: a difference, the logarithm of a ratio, or a value. */
export interface ResampledComparison extends ComparedGroups {
  /** null where it is undefined. */
  readonly estimate: number | null
  /** null where too few replicates could be evaluated: no bound can be had. */
  readonly se: number | null
  /** Of the variance, the part of `group`; the rest is the other's. */
  readonly share: number
  /** The bound of this comparison alone lies this many standard errors away. */
  readonly single: number
  /** The same when all comparisons shall hold together (max-|T|). */
  readonly simultaneous: number
}

export interface ComparedGroups {
  readonly panel: number
  readonly metric: number
  readonly group: number
  /** null: all rows of the panel, or nothing for `group_min` and `group_max`. */
  readonly other: number | null
}

export function estimateOf(value: GroupValue | undefined): number | undefined {
  if (value === undefined) return undefined
  if ('estimate' in value) return value.estimate ?? undefined
  return value.trials > 0 ? value.successes / value.trials : undefined
}

export function isSupported(value: GroupValue | undefined, minSupport: number): boolean {
  return value !== undefined && value.trials >= minSupport && estimateOf(value) !== undefined
}

/** Whether the worst group is the one with the largest number. */
export function worstIsMost(aggregate: Aggregate): boolean {
  return ['gap', 'gap_to_overall', 'gap_to', 'group_max'].includes(aggregate)
}

export function isRatio(aggregate: Aggregate): boolean {
  return aggregate.startsWith('ratio')
}

/** A bound on one group's value, not on how two differ. */
export function isValue(aggregate: Aggregate): boolean {
  return aggregate === 'group_min' || aggregate === 'group_max'
}
