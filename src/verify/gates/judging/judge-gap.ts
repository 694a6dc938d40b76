// Fairness: pass when every difference is shown to be within the limit, fail when some is shown to be beyond it, and
// otherwise the groups, their sizes and the rows that would decide it.
import {
  type BoundedComparison,
  type BoundedGroups,
  boundGroups,
} from '../../fairness/bound-groups.ts'
import { fairlearnNumber, fairlearnReasons } from '../../fairness/fairlearn.ts'
import { intervalOf } from '../../fairness/group-interval.ts'
import {
  estimateOf,
  type FairnessStatistics,
  isSupported,
} from '../../fairness/group-statistics.ts'
import { rowsToDecide } from '../../fairness/rows-to-decide.ts'
import { formatRate } from '../../statistics/number-words.ts'
import { isHeld, judgeBounds } from '../../statistics/verdict.ts'
import type { Denominator, GateSettings, Judgement } from '../check-result.ts'
import type { GapCheckSpec } from '../check-spec.ts'
import {
  boundsWords,
  groupWords,
  methodWords,
  requirementWords,
  rowsWords,
  type SmallGroup,
  smallWords,
  subjectWords,
} from './gap-words.ts'
import { metricWordsOf } from './metric-words.ts'

interface Case {
  readonly spec: GapCheckSpec
  readonly statistics: FairnessStatistics
  readonly settings: GateSettings
}

export function judgeGap(
  spec: GapCheckSpec,
  statistics: FairnessStatistics,
  settings: GateSettings,
): Judgement {
  const asked: Case = { spec, statistics, settings }
  const { minSupport, confidence } = settings
  const bounded = boundGroups(statistics, { ...spec, minSupport, confidence })
  const small = smallGroups(asked)
  const shared = {
    method: methodWords(spec, statistics),
    limit: spec.limit,
    denominators: denominatorsOf(asked),
  }
  const aside = smallWords(spec, small, settings)
  if (bounded === undefined) {
    const because = `${nothingToCompare(asked)}${aside}`
    return { verdict: 'insufficient', because, ...shared, ...compatOf(asked, undefined) }
  }
  const numbers = { ...shared, ...numbersOf(statistics, bounded), ...compatOf(asked, bounded) }
  const measured = `${subjectWords(spec)} is ${boundsWords(bounded, settings)}, ${requirementWords(spec)}: ${groupWords(statistics, bounded.worst, spec)}`
  const { lower, upper } = bounded
  const verdict = judgeBounds({ lower, upper, limit: spec.limit, op: spec.op })
  const isHeldBack = spec.smallGroups === 'insufficient' && small.some(({ n }) => n > 0)
  if (verdict === 'pass' && isHeldBack) {
    const because = `${measured}${aside}; it waits for these groups (small_groups: ignore leaves them aside)`
    return { verdict: 'insufficient', because, ...numbers, neededRows: minSupport }
  }
  if (verdict !== 'insufficient') return { verdict, because: measured + aside, ...numbers }
  const { words, neededRows } = openWords(asked, bounded)
  const because = `${measured}; the bounds do not decide it${words}${aside}`
  return { verdict, because, ...numbers, ...(neededRows === undefined ? {} : { neededRows }) }
}

/** What is still open, and which rows would close it. */
function openWords(
  { spec, statistics, settings }: Case,
  { worst, doubtful, comparisons }: BoundedGroups,
): { readonly words: string; readonly neededRows?: number } {
  const isWithin = worst.estimate !== undefined && isHeld(worst.estimate, spec.op, spec.limit)
  const open = isWithin ? doubtful : worst
  const rows = rowsToDecide(statistics, open, {
    ...spec,
    ...settings,
    comparisons: comparisons.length,
  })
  const isOther = open !== worst && !isSame(open, worst)
  const least = isOther ? `; least sure are ${groupWords(statistics, open, spec)}` : ''
  const advice = rowsWords(rows, statistics, spec.metrics[open.metric] ?? '')
  const neededRows = advice.includes('would decide') ? rows?.[0]?.needs : undefined
  return { words: least + advice, ...(neededRows === undefined ? {} : { neededRows }) }
}

function isSame(one: BoundedComparison, two: BoundedComparison): boolean {
  return one.panel === two.panel && one.group === two.group && one.other === two.other
}

function nothingToCompare({ spec, statistics, settings }: Case): string {
  const { counted } = metricWordsOf(spec.metrics[0] ?? '')
  const supported = statistics.panels.flatMap(({ groups }) =>
    groups.filter(({ values }) => isSupported(values[0], settings.minSupport)),
  )
  const enough = `at least ${settings.minSupport} ${counted}`
  const found =
    spec.reference !== null && supported.every(({ group }) => group !== spec.reference)
      ? `the reference ${spec.reference} does not have ${enough}`
      : `${supported.length === 1 ? 'only one group has' : supported.length === 0 ? 'no group has' : 'no two groups together have'} ${enough}`
  return `${subjectWords(spec)} cannot be judged: ${found}`
}

function smallGroups({ spec, statistics, settings }: Case): readonly SmallGroup[] {
  return statistics.panels.flatMap(({ groups, stratum }) =>
    groups.flatMap(({ group, n, values }) =>
      spec.metrics.flatMap((metric, at): SmallGroup[] => {
        const value = values[at]
        if (isSupported(value, settings.minSupport)) return []
        return [{ group, stratum, metric, trials: value?.trials ?? 0, n }]
      }),
    ),
  )
}

function denominatorsOf({ spec, statistics, settings }: Case): readonly Denominator[] {
  const { panels } = statistics
  const isOne = new Set(panels.map(({ by }) => by)).size === 1
  return panels.flatMap((panel, at) =>
    spec.metrics.flatMap((metric, index) =>
      panel.groups.map((measured, group): Denominator => {
        const value = measured.values[index]
        const estimate = estimateOf(value)
        const place = [
          spec.metrics.length > 1 ? metric : '',
          isOne ? '' : panel.by,
          panel.stratum ?? '',
        ].filter((part) => part !== '')
        const name = [...place, measured.group].join(': ')
        const interval = intervalOf(statistics, { panel: at, metric: index, group }, settings)
        const numbers = estimate === undefined ? {} : { estimate, ...interval }
        return { name, n: value?.trials ?? 0, ...numbers }
      }),
    ),
  )
}

function numbersOf(
  { panels }: FairnessStatistics,
  { estimate, lower, upper, worst }: BoundedGroups,
) {
  const own = panels[worst.panel]
  const sizes = [worst.group, ...(worst.other === null ? [] : [worst.other])].map(
    (group) => own?.groups[group]?.values[worst.metric]?.trials ?? 0,
  )
  return {
    ...(estimate === undefined ? {} : { estimate }),
    ...(Number.isFinite(lower) ? { lower } : {}),
    ...(Number.isFinite(upper) ? { upper } : {}),
    n: Math.min(...sizes),
  }
}

/** Fairlearn's number where it is another one, with the rule that makes it so. */
function compatOf(
  { spec, statistics, settings }: Case,
  bounded: BoundedGroups | undefined,
): { readonly compat?: string } {
  const theirs = fairlearnNumber(statistics, spec)
  const ours = bounded?.estimate
  if (theirs === undefined || (Number.isNaN(theirs) && ours === undefined)) return {}
  if (ours !== undefined && Math.abs(ours - theirs) < 1e-9) return {}
  const reasons = fairlearnReasons(statistics, spec, settings.minSupport)
  const why = reasons.length > 0 ? ` (${reasons.join('; ')})` : ''
  return { compat: `Fairlearn: ${Number.isNaN(theirs) ? 'NaN' : formatRate(theirs)}${why}` }
}
