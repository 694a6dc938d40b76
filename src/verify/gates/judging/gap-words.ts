// How a fairness judgement is said: which groups, their rates and sizes, the bound against the limit, and which rows would help.
import type { BoundedComparison, BoundedGroups } from '../../fairness/bound-groups.ts'
import {
  type Aggregate,
  estimateOf,
  type FairnessStatistics,
  isValue,
  type MeasuredGroup,
} from '../../fairness/group-statistics.ts'
import type { RowsNeeded } from '../../fairness/rows-to-decide.ts'
import { formatCount, formatOp, formatRate } from '../../statistics/number-words.ts'
import type { GateSettings } from '../check-result.ts'
import type { GapCheckSpec } from '../check-spec.ts'
import { listed, metricWordsOf, mostTimes } from './metric-words.ts'

export function subjectWords({
  aggregate,
  metrics,
  by,
  intersect,
  reference,
  text,
}: GapCheckSpec): string {
  const names = metrics.map((name) => metricWordsOf(name).words)
  const of = metrics.length > 1 ? titleOf(text) : (names[0] ?? '')
  const columns = by.join(intersect ? ' x ' : ' and ')
  return `${aggregateWords(aggregate, of, reference)} by ${columns}`
}

function aggregateWords(aggregate: Aggregate, of: string, reference: string | null): string {
  switch (aggregate) {
    case 'gap':
      return `${of} gap`
    case 'ratio':
      return `${of} ratio`
    case 'gap_to_overall':
      return `largest gap in ${of} to all rows`
    case 'ratio_to_overall':
      return `lowest ratio of ${of} to all rows`
    case 'gap_to':
      return `largest gap in ${of} to ${reference}`
    case 'ratio_to':
      return `lowest ratio of ${of} to ${reference}`
    case 'group_min':
      return `lowest ${of}`
    case 'group_max':
      return `highest ${of}`
  }
}

/** `equalized_odds <= 0.1` → `equalized odds`. */
function titleOf(text: string): string {
  const [name = ''] = text.split(' ')
  return name.replace(/_(difference|ratio)$/, '').replaceAll('_', ' ')
}

export function requirementWords({ op, limit }: GapCheckSpec): string {
  const word = op.startsWith('>') ? 'required' : 'allowed'
  return `${word} ${formatOp(op)} ${formatRate(limit)}`
}

export function boundsWords(
  { estimate, lower, upper }: Pick<BoundedGroups, 'estimate' | 'lower' | 'upper'>,
  { confidence }: GateSettings,
): string {
  const percent = Number((confidence * 100).toPrecision(4))
  const show = (value: number) => (Number.isFinite(value) ? formatRate(value) : 'unknown')
  const number = estimate === undefined ? 'undefined (0 / 0)' : formatRate(estimate)
  return `${number} (${percent} % bounds ${show(lower)} to ${show(upper)})`
}

/** `Male 0.491 of 2,247, Female 0.443 of 612`, the larger value first. */
export function groupWords(
  { panels }: FairnessStatistics,
  { panel, metric, group, other }: BoundedComparison,
  { aggregate, metrics, given, by, intersect }: GapCheckSpec,
): string {
  const own = panels[panel]
  if (own === undefined) return ''
  const ofWhole = isValue(aggregate) ? [] : [{ ...own.overall, group: 'all rows' }]
  const second = other === null ? ofWhole : [own.groups[other]]
  const shown = [own.groups[group], ...second].filter((one) => one !== undefined)
  const value = (one: MeasuredGroup) => estimateOf(one.values[metric]) ?? Number.NEGATIVE_INFINITY
  const pair = shown
    .toSorted((a, b) => value(b) - value(a))
    .map((one) => valueWords(one, metric, metrics[metric] ?? ''))
    .join(', ')
  const parts = [
    metrics.length > 1 ? metricWordsOf(metrics[metric] ?? '').words : '',
    by.length > 1 && !intersect ? `by ${own.by}` : '',
    given.length > 0 ? `in ${own.stratum}` : '',
  ].filter((part) => part !== '')
  return parts.length > 0 ? `${parts.join(' ')} ${pair}` : pair
}

function valueWords({ group, values }: MeasuredGroup, metric: number, name: string): string {
  const value = values[metric]
  const estimate = estimateOf(value)
  const shown = estimate === undefined ? 'undefined' : formatRate(estimate)
  const size = formatCount(value?.trials ?? 0)
  // A share is "of" its denominator; other metrics are computed from rows.
  if (value !== undefined && 'successes' in value) return `${group} ${shown} of ${size}`
  return `${group} ${shown} (${size} ${metricWordsOf(name).counted})`
}

export function rowsWords(
  rows: readonly RowsNeeded[] | undefined,
  { panels }: FairnessStatistics,
  metric: string,
): string {
  if (rows === undefined) return ''
  if (rows.some(({ has, needs }) => needs > mostTimes * has))
    return '; the estimate is so near the limit that more rows will hardly decide it'
  const { counted } = metricWordsOf(metric)
  const parts = rows.map(({ panel, group, has, needs }) => {
    const name = panels[panel]?.groups[group]?.group ?? ''
    return `${formatCount(needs)} ${counted} in ${name} (there are ${formatCount(has)})`
  })
  return `; about ${parts.join(' and ')} would decide it`
}

/** A group that is too small in the denominator of a metric. */
export interface SmallGroup {
  readonly group: string
  readonly stratum: string | null
  readonly metric: string
  readonly trials: number
  /** Its rows. */
  readonly n: number
}

/** `; fewer than 30 positives: Other 12; no rows: A x B`. */
export function smallWords(
  { metrics }: GapCheckSpec,
  small: readonly SmallGroup[],
  { minSupport }: GateSettings,
): string {
  const name = ({ group, stratum }: SmallGroup) =>
    stratum === null ? group : `${group} in ${stratum}`
  const perMetric = metrics.map((metric) => {
    const few = small.filter((one) => one.metric === metric && one.n > 0)
    const list = few.map((one) => `${name(one)} ${one.trials}`)
    return few.length === 0
      ? ''
      : `; fewer than ${minSupport} ${metricWordsOf(metric).counted}: ${listed(list)}`
  })
  const empty = small.filter((one) => one.n === 0 && one.metric === metrics[0])
  const none = empty.length === 0 ? '' : `; no rows: ${listed(empty.map(name))}`
  return [...new Set(perMetric)].join('') + none
}

export function methodWords(
  { aggregate }: GapCheckSpec,
  { resampled }: FairnessStatistics,
): string {
  if (resampled !== undefined) return `bootstrap max-|T|, ${resampled.replicates} replicates`
  if (isValue(aggregate)) return 'Wilson score, Šidák'
  return aggregate.startsWith('ratio') ? 'Koopman pairs, Šidák' : 'Newcombe pairs, Šidák'
}
