// The number Fairlearn prints for the same question, by its rules (gates.md 2.2): every group counts however small, rows
// without a group are left out of the groups, a rate without a denominator is 0, and NaN is skipped or not by position.
import {
  type Aggregate,
  estimateOf,
  type FairnessStatistics,
  type GroupValue,
  isRatio,
  type MeasuredPanel,
} from './group-statistics.ts'

/** Rates of the row-normalised confusion matrix, where an empty row becomes 0; precision is scikit-learn's 0. */
const zeroWithoutRows: readonly string[] = ['recall', 'specificity', 'fpr', 'fnr', 'precision']

export interface FairlearnQuestion {
  readonly aggregate: Aggregate
  readonly metrics: readonly string[]
}

/** NaN where Fairlearn prints that; undefined where it has no such number. Of several strata the worst. */
export function fairlearnNumber(
  { panels }: FairnessStatistics,
  { aggregate, metrics }: FairlearnQuestion,
): number | undefined {
  if (aggregate === 'gap_to' || aggregate === 'ratio_to') return undefined
  if (new Set(panels.map(({ by }) => by)).size !== 1) return undefined
  const numbers = panels.map((panel) => {
    const own = metrics.map((name, at) => aggregateOf(aggregate, panel, { name, at }))
    // Python's min and max keep the first of two when the comparison with NaN is false.
    return own.reduce((first, next) =>
      isLow(aggregate) ? (next < first ? next : first) : next > first ? next : first,
    )
  })
  const known = numbers.filter((number) => !Number.isNaN(number))
  if (known.length === 0) return Number.NaN
  return isLow(aggregate) ? Math.min(...known) : Math.max(...known)
}

/** Why it may differ from ours. */
export function fairlearnReasons(
  { panels }: FairnessStatistics,
  { metrics }: FairlearnQuestion,
  minSupport: number,
): readonly string[] {
  const groups = panels.flatMap((panel) => panel.groups)
  const present = groups.filter(({ n, isMissing }) => n > 0 && !isMissing)
  const some = (test: (value: GroupValue) => boolean) =>
    present.some(({ values }) => values.some(test))
  const reasons: string[] = []
  if (metrics.some((name) => zeroWithoutRows.includes(name)) && some(({ trials }) => trials === 0))
    reasons.push('a rate without a denominator counts as 0')
  if (some((value) => 'estimate' in value && value.compat !== undefined))
    reasons.push("scikit-learn's number stands where the metric is undefined")
  if (some(({ trials }) => trials > 0 && trials < minSupport))
    reasons.push('groups below the minimum support count')
  if (groups.some(({ n, isMissing }) => n > 0 && isMissing))
    reasons.push('rows without a group do not count')
  return reasons
}

function aggregateOf(
  aggregate: Aggregate,
  { groups, overall }: MeasuredPanel,
  metric: { readonly name: string; readonly at: number },
): number {
  const values = groups
    .filter(({ n, isMissing }) => n > 0 && !isMissing)
    .map(({ values }) => numberOf(values[metric.at], metric.name))
    .filter((value) => !Number.isNaN(value))
  if (values.length === 0) return Number.NaN
  const most = Math.max(...values)
  const least = Math.min(...values)
  const all = numberOf(overall.values[metric.at], metric.name)
  switch (aggregate) {
    case 'gap':
      return most - least
    case 'ratio':
      return least / most
    case 'gap_to_overall':
      return Math.max(...values.map((value) => Math.abs(value - all)))
    case 'ratio_to_overall':
      return Math.min(...values.map((value) => toOne(value / all)))
    case 'group_min':
      return least
    case 'group_max':
      return most
    default:
      return Number.NaN
  }
}

function toOne(ratio: number): number {
  return ratio > 1 ? 1 / ratio : ratio
}

function numberOf(value: GroupValue | undefined, metric: string): number {
  const estimate = estimateOf(value)
  if (estimate !== undefined) return estimate
  const instead = value !== undefined && 'estimate' in value ? value.compat : undefined
  return instead ?? (zeroWithoutRows.includes(metric) ? 0 : Number.NaN)
}

function isLow(aggregate: Aggregate): boolean {
  return isRatio(aggregate) || aggregate === 'group_min'
}
