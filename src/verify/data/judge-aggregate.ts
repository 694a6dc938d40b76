// One number about a column against its limits, and the age of the newest row.
import { formatDuration } from '../../foundation/duration.ts'
import { formatCount, formatNumber, formatOp, formatShare } from '../statistics/number-words.ts'
import { isHeld } from '../statistics/verdict.ts'
import type { AggregateCheck, Bound, DataCheck } from './data-check.ts'
import type { DataJudgement } from './data-judgement.ts'
import type { DataStatistics } from './data-statistics.ts'

export function judgeAggregate(
  check: AggregateCheck,
  { value, of, leftOut }: DataStatistics & { method: 'aggregate' },
): DataJudgement {
  const where = check.where === undefined ? '' : ` where ${check.where}`
  const name = `the ${aggregateWords(check)} of ${check.column}${where}`
  const others = leftOut > 0 ? `, without ${formatCount(leftOut)} that are no finite number` : ''
  if (value === null) {
    const why =
      of === 0
        ? 'there are no values'
        : of === 1
          ? 'one value has none'
          : 'it is not a finite number, or all values are the same'
    return { verdict: 'insufficient', because: `${name} does not exist: ${why}${others}`, n: of }
  }
  const broken = check.limits.find((limit) => !holds(value, limit))
  if (broken === undefined && leftOut > 0) return notOfAll(check, name, { of, leftOut })
  const limit = broken ?? check.limits[0]
  const isShare = check.what === 'mode_share' || check.what === 'unique_share'
  const shown =
    typeof value !== 'number' ? value : isShare ? formatShare(value) : precise(value, check.limits)
  return {
    verdict: broken === undefined ? 'pass' : 'fail',
    because: `${name} is ${shown} (${formatCount(of)} values${others}), allowed ${check.limits.map((one) => limitWords(one, isShare)).join(' and ')}`,
    ...(typeof value === 'number' ? { estimate: value } : {}),
    ...(typeof limit?.value === 'number' ? { limit: limit.value } : {}),
    n: of,
  }
}

/** With an infinity among its values a sum has no value, and one over the others was not asked for: no pass. */
function notOfAll(
  { column, where }: AggregateCheck,
  name: string,
  { of, leftOut }: { readonly of: number; readonly leftOut: number },
): DataJudgement {
  const finite = `isfinite(${column})${where === undefined ? '' : ` and (${where})`}`
  return {
    verdict: 'error',
    because: `${name} cannot be told: ${formatCount(leftOut)} of ${formatCount(of + leftOut)} values are no finite number (nonfinite(${column}) = 0 shows the rows; {where: "${finite}"} leaves them out)`,
    n: of,
  }
}

function aggregateWords({ what, level }: AggregateCheck): string {
  if (what === 'quantile') return `${formatNumber(level ?? 0.5)} quantile`
  return words[what]
}

const words: Readonly<Record<AggregateCheck['what'], string>> = {
  mean: 'mean',
  median: 'median',
  stdev: 'standard deviation',
  sum: 'sum',
  quantile: 'quantile',
  mode_share: 'share of the commonest value',
  skew: 'skewness',
  distinct: 'number of distinct values',
  unique_share: 'share of distinct values',
  min: 'least value',
  max: 'greatest value',
}

/** Times are compared as instants; a date is its first moment in UTC. */
function holds(value: number | string, { op, value: limit }: Bound): boolean {
  if (typeof value === 'number') return isHeld(value, op, Number(limit))
  return isHeld(Date.parse(value), op, Date.parse(String(limit)))
}

/** As many digits as it takes to see on which side of the limit it is. */
function precise(value: number, limits: readonly Bound[]): string {
  const short = formatNumber(value)
  const isHidden = limits.some(
    (limit) =>
      typeof limit.value === 'number' &&
      limit.value !== value &&
      formatNumber(limit.value) === short,
  )
  return isHidden ? String(value) : short
}

function limitWords({ op, value }: Bound, isShare: boolean): string {
  const number = isShare ? formatShare : formatNumber
  return `${formatOp(op)} ${typeof value === 'number' ? number(value) : value}`
}

/** A clock may be off, and a time without a zone may be of any zone; a day ahead is neither. */
const mostAheadMs = 24 * 3_600_000

export function judgeFreshness(
  { op, limitMs }: DataCheck & { rule: 'freshness' },
  { column, newest, now, rows }: DataStatistics & { method: 'freshness' },
): DataJudgement {
  if (newest === null) {
    return { verdict: 'insufficient', because: `there are no values in ${column} to look at`, n: 0 }
  }
  const age = Date.parse(now) - Date.parse(newest)
  if (!Number.isFinite(age)) {
    return {
      verdict: 'error',
      because: `${newest}, the newest ${column}, is no time that can be compared`,
    }
  }
  const limit = `allowed ${formatOp(op)} ${formatDuration(limitMs)}`
  if (age < -mostAheadMs) {
    return {
      verdict: 'fail',
      because: `the newest ${column} is ${newest}, ${formatDuration(-age)} in the future: it says nothing about freshness, ${limit}`,
      estimate: age,
      limit: limitMs,
      n: rows,
    }
  }
  return {
    verdict: isHeld(Math.max(0, age), op, limitMs) ? 'pass' : 'fail',
    because: `the newest ${column} is ${newest}, ${formatDuration(Math.max(0, age))} old, ${limit}`,
    estimate: Math.max(0, age),
    limit: limitMs,
    n: rows,
  }
}
