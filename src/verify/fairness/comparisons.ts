// Which groups a check compares with which: every pair, each with a reference, each with the whole, or each alone.
import {
  type Aggregate,
  type ComparedGroups,
  isSupported,
  isValue,
  type MeasuredPanel,
} from './group-statistics.ts'

export interface ComparisonQuestion {
  readonly aggregate: Aggregate
  /** Name of the reference group; null unless the aggregate is `gap_to` or `ratio_to`. */
  readonly reference: string | null
  readonly minSupport: number
}

/** Groups with fewer than the minimum in a metric's own denominator are not compared in it. */
export function comparisonsOf(
  panels: readonly MeasuredPanel[],
  question: ComparisonQuestion,
): readonly ComparedGroups[] {
  return panels.flatMap((panel, at) =>
    panel.overall.values.flatMap((_, metric) =>
      pairsIn(panel, metric, question).map(([group, other]) => ({
        panel: at,
        metric,
        group,
        other,
      })),
    ),
  )
}

function pairsIn(
  { groups, overall }: MeasuredPanel,
  metric: number,
  { aggregate, reference, minSupport }: ComparisonQuestion,
): readonly (readonly [number, number | null])[] {
  const supported = groups.flatMap(({ values }, at) =>
    isSupported(values[metric], minSupport) ? [at] : [],
  )
  if (isValue(aggregate)) return supported.map((group) => [group, null])
  if (aggregate === 'gap' || aggregate === 'ratio') {
    return supported.flatMap((group, at) =>
      supported.slice(at + 1).map((other): [number, number] => [group, other]),
    )
  }
  if (aggregate === 'gap_to' || aggregate === 'ratio_to') {
    const other = supported.find((at) => groups[at]?.group === reference)
    if (other === undefined) return []
    return supported.filter((group) => group !== other).map((group) => [group, other])
  }
  // A group that is everybody does not differ from everybody.
  const all = overall.values[metric]?.trials ?? 0
  return supported
    .filter((group) => (groups[group]?.values[metric]?.trials ?? 0) < all)
    .map((group) => [group, null])
}
