// Before any run: what the groups of a holdout can show about a gap, planned for groups that are equal and for the rate that is
// hardest to bound, one half.
import { formatCount, formatRate } from '../../statistics/number-words.ts'
import { powerOf, spanOf } from '../../statistics/power.ts'
import type { GapCheckSpec } from '../check-spec.ts'
import type { Outlook } from './planned-check.ts'

export interface PlannedGroup {
  readonly name: string
  readonly rows: number
  /** Null for other tasks than binary. */
  readonly positives: number | null
}

export interface GapPlan {
  readonly spec: GapCheckSpec
  readonly groups: ReadonlyMap<string, readonly PlannedGroup[]>
  readonly confidence: number
  readonly power: number
  readonly minSupport: number
}

const hardestVariance = 0.25

/** Undefined where this cannot be planned: other aggregates, crossings, metrics that are no rate of labels. */
export function planGap({ spec, groups, ...plan }: GapPlan): Outlook | undefined {
  if (spec.aggregate !== 'gap' || spec.intersect || spec.given.length > 0) return undefined
  const panels = spec.by.flatMap((column) =>
    spec.metrics.map((metric) => {
      const counted = groups.get(column)?.map((group) => sizeFor(metric, group))
      return { column, sizes: counted }
    }),
  )
  const worst = panels.map(({ column, sizes }) =>
    sizes === undefined || sizes.some((one) => one === undefined)
      ? undefined
      : planPanel(column, sizes as readonly Size[], { spec, ...plan }),
  )
  if (worst.length === 0 || worst.some((one) => one === undefined)) return undefined
  const order = ['cannot_decide', 'may_not_decide', 'decides']
  return (worst as readonly Outlook[]).toSorted(
    (a, b) => order.indexOf(a.outlook) - order.indexOf(b.outlook),
  )[0]
}

interface Size {
  readonly name: string
  readonly n: number
}

function sizeFor(metric: string, { name, rows, positives }: PlannedGroup): Size | undefined {
  if (['accuracy', 'selection_rate'].includes(metric)) return { name, n: rows }
  if (positives === null) return undefined
  if (['recall', 'fnr'].includes(metric)) return { name, n: positives }
  return ['specificity', 'fpr'].includes(metric) ? { name, n: rows - positives } : undefined
}

function planPanel(
  column: string,
  sizes: readonly Size[],
  { spec, confidence, power, minSupport }: Omit<GapPlan, 'groups'>,
): Outlook {
  const small = sizes.filter(({ n }) => n < minSupport)
  const rest = sizes.filter(({ n }) => n >= minSupport).toSorted((a, b) => a.n - b.n)
  const [least, next] = rest
  const listed = small.map(({ name, n }) => `${name} ${formatCount(n)}`).join(', ')
  const tooSmall = small.length === 0 ? '' : `; fewer than ${minSupport}: ${listed}`
  if (least === undefined || next === undefined) {
    const because = `fewer than two groups of ${column} have ${minSupport} in the denominator${tooSmall}`
    return { outlook: 'cannot_decide', because, detectable: null, neededRows: minSupport }
  }
  // The whole interval must lie within the limit on both sides.
  const assurance = { confidence: (1 + confidence) / 2, power }
  const se = Math.sqrt(hardestVariance * (1 / least.n + 1 / next.n))
  const detectable = spanOf(assurance) * se
  const chance = powerOf(spec.limit, se, assurance.confidence)
  const sized = `${least.name} with ${formatCount(least.n)} and ${next.name} with ${formatCount(next.n)} are the smallest groups of ${column}`
  const shown = `${sized}: equal groups are shown to be within ${formatRate(detectable)}`
  const because = `${shown}${tooSmall}`
  const isHeldBack = small.length > 0 && spec.smallGroups === 'insufficient'
  if (chance >= power && !isHeldBack)
    return { outlook: 'decides', because, detectable, neededRows: null }
  const neededRows = Math.ceil((2 * hardestVariance * spanOf(assurance) ** 2) / spec.limit ** 2)
  return {
    outlook: chance < 0.5 || isHeldBack ? 'cannot_decide' : 'may_not_decide',
    because:
      spec.limit > 0 && chance < power
        ? `${shown}, and the limit is ${formatRate(spec.limit)}; about ${formatCount(neededRows)} in each would do${tooSmall}`
        : because,
    detectable,
    neededRows: Number.isFinite(neededRows) ? neededRows : null,
  }
}
