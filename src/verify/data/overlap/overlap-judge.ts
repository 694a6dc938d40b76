// From the counts of two datasets to a verdict and a sentence; pure, so that it can be replayed without the data.
import {
  formatCount,
  formatNumber,
  formatOp,
  formatRate,
  formatShare,
} from '../../statistics/number-words.ts'
import { isHeld, judgeBounds } from '../../statistics/verdict.ts'
import { largestDifferenceScore } from '../drift/drift-bounds.ts'
import type { DriftJudgement } from '../drift/drift-judge.ts'
import type { BetweenCheck, BetweenStatistics, LabelCheck, OverlapCheck } from './overlap-check.ts'

const counted = 'all rows counted'

/** Undefined when the statistics are those of another kind of check. */
export function judgeBetween(
  check: BetweenCheck,
  found: BetweenStatistics,
  confidence: number,
): DriftJudgement | undefined {
  switch (check.rule) {
    case 'overlap':
      if (found.method === 'times') return judgeEarlyRows(check, found)
      return found.method === 'common_rows' ? judgeCommon(check, found) : undefined
    case 'order':
      return found.method === 'times' ? judgeOrder(check, found) : undefined
    case 'ratio':
      return found.method === 'row_counts' ? judgeRatio(check, found) : undefined
    case 'new_labels':
      return found.method === 'class_counts' ? judgeNewLabels(check, found) : undefined
    case 'balance':
      return found.method === 'class_counts' ? judgeBalance(check, found, confidence) : undefined
  }
}

type Of<M extends BetweenStatistics['method']> = BetweenStatistics & { readonly method: M }

function judgeCommon(check: OverlapCheck, found: Of<'common_rows'>): DriftJudgement {
  const { common, rows, unkeyed, columns } = found
  const empty = emptySide(check, rows)
  if (empty !== undefined) return empty
  const by =
    check.by === 'features' || check.by === 'rows'
      ? `all ${columns.length} ${check.by === 'rows' ? 'columns' : 'features'}`
      : columns.join(' + ')
  if (unkeyed >= rows.right) {
    const because = `no row of ${check.right} has its ${by} to look for`
    return { verdict: 'insufficient', because, method: counted, n: 0 }
  }
  const without =
    unkeyed === 0
      ? ''
      : `; ${formatCount(unkeyed)} rows of ${check.right} have no ${by} to look for`
  const told = `${countWords(common, rows.right)} rows of ${check.right} are also in ${check.left} (same ${by})`
  return countJudgement(check, common, rows.right, told, without)
}

function judgeEarlyRows(check: OverlapCheck, found: Of<'times'>): DriftJudgement {
  const empty = emptySide(check, found.rows) ?? undated(check, found)
  if (empty !== undefined) return empty
  const told = `${countWords(found.before, found.rows.right)} rows of ${check.right} are not later than the last of ${check.left} (${shortTime(found.last)})`
  return countJudgement(check, found.before, found.rows.right, told, '')
}

function countJudgement(
  { limit, unit }: OverlapCheck,
  count: number,
  of: number,
  told: string,
  more: string,
): DriftJudgement {
  const value = unit === 'share' ? count / Math.max(1, of) : count
  const shown = unit === 'share' ? formatShare(limit.value) : formatNumber(limit.value)
  return {
    verdict: isHeld(value, limit.op, limit.value) ? 'pass' : 'fail',
    because: `${told}, allowed ${formatOp(limit.op)} ${shown}${more}`,
    method: counted,
    estimate: value,
    limit: limit.value,
    n: of,
  }
}

function judgeOrder(check: BetweenCheck & { rule: 'order' }, found: Of<'times'>): DriftJudgement {
  const empty = emptySide(check, found.rows) ?? undated(check, found)
  if (empty !== undefined) return empty
  const early = check.op === '<' ? found.before : found.before - found.equal
  const ends = `${check.left} ends ${shortTime(found.last)}, ${check.right} begins ${shortTime(found.first)}`
  const because =
    early === 0
      ? ends
      : `${ends}: ${countWords(early, found.rows.right)} rows of ${check.right} are ${check.op === '<' ? 'not later' : 'earlier'}`
  return {
    verdict: early === 0 ? 'pass' : 'fail',
    because,
    method: counted,
    estimate: early,
    limit: 0,
    n: found.rows.right,
  }
}

function judgeRatio(
  check: BetweenCheck & { rule: 'ratio' },
  { left, right }: Of<'row_counts'>,
): DriftJudgement {
  const limit = check.factor * right
  const share = right === 0 ? '' : ` (${formatNumber(left / right)} times)`
  return {
    verdict: left + right === 0 ? 'insufficient' : isHeld(left, check.op, limit) ? 'pass' : 'fail',
    because: `${check.left} has ${formatCount(left)} rows and ${check.right} ${formatCount(right)}${share}, allowed ${formatOp(check.op)} ${formatNumber(check.factor)} times`,
    method: counted,
    estimate: left,
    limit,
    n: left,
  }
}

function judgeNewLabels(check: LabelCheck, { classes }: Of<'class_counts'>): DriftJudgement {
  const empty = emptySide(check, totals(classes))
  if (empty !== undefined) return empty
  const fresh = classes.filter(({ left, right }) => left === 0 && right > 0)
  const named = fresh
    .slice(0, 5)
    .map(({ value, right }) => `${value} in ${formatCount(right)} rows`)
    .join(', ')
  const list = fresh.length === 0 ? '' : `: ${named}${fresh.length > 5 ? ' …' : ''}`
  return {
    verdict: isHeld(fresh.length, check.limit.op, check.limit.value) ? 'pass' : 'fail',
    because: `${formatCount(fresh.length)} of ${classes.length} labels are in ${check.right} and not in ${check.left}${list}; allowed ${formatOp(check.limit.op)} ${formatNumber(check.limit.value)}`,
    method: counted,
    estimate: fresh.length,
    limit: check.limit.value,
    n: totals(classes).right,
  }
}

function judgeBalance(
  check: LabelCheck,
  { classes }: Of<'class_counts'>,
  confidence: number,
): DriftJudgement {
  const rows = totals(classes)
  const empty = emptySide(check, rows)
  if (empty !== undefined) return empty
  const tails = { lower: 1 - confidence, upper: 1 - confidence }
  const bins = classes.map(({ left, right }) => ({ reference: left, live: right }))
  const { estimate, lower, upper } = largestDifferenceScore(bins, tails)
  const { op, value: limit } = check.limit
  const verdict = judgeBounds({ lower, upper, limit, op })
  const shift = ({ left, right }: (typeof classes)[number]) =>
    Math.abs(left / rows.left - right / rows.right)
  const most = classes.reduce((far, one) => (shift(one) > shift(far) ? one : far))
  const percent = Number((confidence * 100).toPrecision(4))
  const needed = verdict === 'insufficient' ? neededFor(bins, rows, check, tails) : undefined
  const more =
    verdict !== 'insufficient'
      ? ''
      : needed === undefined
        ? '; the bounds do not decide it'
        : `; the bounds do not decide it; about ${formatCount(needed)} rows in the smaller dataset would`
  return {
    verdict,
    because: `label ${most.value} is ${formatShare(most.left / rows.left)} of ${check.left} and ${formatShare(most.right / rows.right)} of ${check.right}, a change of ${formatRate(estimate)} (${percent} % bounds ${formatRate(lower)} to ${formatRate(upper)}), allowed ${formatOp(op)} ${formatRate(limit)}${more}`,
    method: 'Clopper-Pearson by class, Šidák',
    ...{ estimate, lower, upper, limit, n: Math.min(rows.left, rows.right) },
    denominators: classes
      .slice(0, 20)
      .map(({ value, left, right }) => ({ name: value, n: left + right })),
    ...(needed === undefined ? {} : { neededRows: needed }),
  }
}

function neededFor(
  bins: readonly { readonly reference: number; readonly live: number }[],
  rows: Rows,
  { limit }: LabelCheck,
  tails: { readonly lower: number; readonly upper: number },
): number | undefined {
  for (let times = 1.5; times < 1e6; times *= 1.5) {
    const grown = bins.map(({ reference, live }) => ({
      reference: reference * times,
      live: live * times,
    }))
    const bounds = largestDifferenceScore(grown, tails)
    if (judgeBounds({ ...bounds, limit: limit.value, op: limit.op }) !== 'insufficient')
      return Number((Math.min(rows.left, rows.right) * times).toPrecision(2))
  }
  return undefined
}

interface Rows {
  readonly left: number
  readonly right: number
}

function totals(classes: readonly Rows[]): Rows {
  return {
    left: classes.reduce((sum, one) => sum + one.left, 0),
    right: classes.reduce((sum, one) => sum + one.right, 0),
  }
}

function emptySide({ left, right }: BetweenCheck, rows: Rows): DriftJudgement | undefined {
  if (rows.left > 0 && rows.right > 0) return undefined
  const because = `${rows.left === 0 ? left : right} has no rows`
  return { verdict: 'insufficient', because, method: counted, n: 0 }
}

function undated(
  { left, right }: BetweenCheck,
  { last, first }: Of<'times'>,
): DriftJudgement | undefined {
  if (last !== null && first !== null) return undefined
  const because = `${last === null ? left : right} has no row with a time, or its time column holds none`
  return { verdict: 'insufficient', because, method: counted, n: 0 }
}

function countWords(count: number, of: number): string {
  const share = count > 0 ? ` (${formatShare(count / of)})` : ''
  return `${formatCount(count)} of ${formatCount(of)}${share}`
}

/** `2024-01-01 00:00:00+00` → `2024-01-01`; a time of day stays. */
function shortTime(time: string | null): string {
  return (time ?? 'never').replace(/\+00(:00)?$/, '').replace(/ 00:00:00$/, '')
}
