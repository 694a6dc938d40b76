// How many rows in which group would decide a comparison that its bounds leave open, if its estimate stayed: variances
// shrink with the rows of their own group, so the smaller group is asked first.
import { oneSidedZ, sidakOneSidedZ, sidakZ } from '../statistics/proportion-bounds.ts'
import { type BoundedComparison, valuesOf } from './bound-groups.ts'
import {
  type Aggregate,
  type ComparedGroups,
  type FairnessStatistics,
  type GroupValue,
  isRatio,
  isValue,
  type ResampledComparison,
  worstIsMost,
} from './group-statistics.ts'
import { without } from './overlap-bounds.ts'

export interface RowsQuestion {
  readonly aggregate: Aggregate
  readonly limit: number
  readonly confidence: number
  readonly power: number
  /** How many bounds hold together when one shall show that the limit is crossed. */
  readonly comparisons: number
}

export interface RowsNeeded {
  readonly panel: number
  readonly group: number
  readonly has: number
  readonly needs: number
}

/** One entry, or two when both groups are too small; undefined when no amount of rows is advice. */
export function rowsToDecide(
  statistics: FairnessStatistics,
  comparison: BoundedComparison,
  question: RowsQuestion,
): readonly RowsNeeded[] | undefined {
  const { estimate, panel } = comparison
  const { aggregate, limit, confidence, power } = question
  const recorded = recordedOf(statistics, comparison)
  if (estimate === undefined) return undefined
  const parts = partsOf(statistics, comparison, aggregate)
  const distance = isRatio(aggregate) ? Math.log(estimate) - Math.log(limit) : estimate - limit
  const isWithin = worstIsMost(aggregate) ? distance <= 0 : distance >= 0
  const together = isWithin ? 1 : question.comparisons
  const counted = isValue(aggregate)
    ? sidakOneSidedZ(confidence, together)
    : sidakZ(confidence, together)
  const z = (isWithin ? recorded?.single : recorded?.simultaneous) ?? counted
  const target = (distance / (z + oneSidedZ(power))) ** 2
  if (!Number.isFinite(target) || target === 0) return undefined
  const [most, least] = parts.toSorted((a, b) => b.variance - a.variance)
  if (most === undefined) return undefined
  const alone = growing(most, target - (least?.variance ?? 0))
  const grown =
    alone !== undefined && (least === undefined || alone <= 20 * most.n)
      ? [{ part: most, needs: alone }]
      : parts.map((part) => ({
          part,
          needs: growing(part, (target * part.variance) / sumOf(parts)),
        }))
  const rows = grown.flatMap(({ part, needs }) =>
    needs === undefined || needs <= part.n || part.group === null
      ? []
      : [{ panel, group: part.group, has: part.n, needs }],
  )
  return rows.length === 0 || rows.some(({ needs }) => needs > 1e9) ? undefined : rows
}

interface Part {
  /** null: the rows outside the group. */
  readonly group: number | null
  readonly n: number
  readonly variance: number
}

function growing({ n, variance }: Part, target: number): number | undefined {
  return target > 0 ? Math.ceil((n * variance) / target) : undefined
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { variance }) => sum + variance, 0)
}

/** The variance of the compared number, by the group it comes from. */
function partsOf(
  statistics: FairnessStatistics,
  comparison: BoundedComparison,
  aggregate: Aggregate,
): readonly Part[] {
  const { group, other } = comparison
  const { value, other: second } = valuesOf(statistics.panels, comparison)
  const n = value?.trials ?? 0
  const recorded = recordedOf(statistics, comparison)
  if (recorded !== undefined) {
    const variance = (recorded.se ?? 0) ** 2
    const own = { group, n, variance: variance * recorded.share }
    if (other === null) return [own]
    return [
      own,
      { group: other, n: second?.trials ?? 0, variance: variance * (1 - recorded.share) },
    ]
  }
  const part = (of: GroupValue | undefined, at: number | null, factor: number): Part => ({
    group: at,
    n: of?.trials ?? 0,
    variance: factor * countVariance(of, isRatio(aggregate)),
  })
  if (isValue(aggregate)) return [part(value, group, 1)]
  if (other !== null) return [part(value, group, 1), part(second, other, 1)]
  if (
    value === undefined ||
    second === undefined ||
    !('successes' in value) ||
    !('successes' in second)
  )
    return []
  const factor = (1 - value.trials / Math.max(1, second.trials)) ** 2
  return [part(value, group, factor), part(without(second, value), null, factor)]
}

function recordedOf(
  { resampled }: FairnessStatistics,
  { panel, metric, group, other }: ComparedGroups,
): ResampledComparison | undefined {
  return resampled?.comparisons.find(
    (one) =>
      one.panel === panel && one.metric === metric && one.group === group && one.other === other,
  )
}

/** Agresti & Coull (1998): two successes and two failures added; of the logarithm by the delta method. */
function countVariance(value: GroupValue | undefined, isLog: boolean): number {
  if (value === undefined || !('successes' in value)) return 0
  const n = value.trials + 4
  const p = (value.successes + 2) / n
  return isLog ? (1 - p) / (n * p) : (p * (1 - p)) / n
}
