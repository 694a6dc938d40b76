// From recorded counts to a verdict and a sentence; pure, so that it can be replayed without the data.
import { formatDuration } from '../../foundation/duration.ts'
import { formatCount, formatNumber, formatOp } from '../statistics/number-words.ts'
import { isHeld } from '../statistics/verdict.ts'
import { type DataCheck, logicalTypeOf } from './data-check.ts'
import { allowed, type DataJudgement } from './data-judgement.ts'
import type { DataStatistics } from './data-statistics.ts'
import { judgeAggregate, judgeFreshness } from './judge-aggregate.ts'
import { judgeColumns, judgeFoundColumns, judgeType } from './judge-columns.ts'
import { judgeConflicts, judgeDuplicates, judgeUnique } from './judge-duplicates.ts'
import { judgeMissing, judgeRowCheck, judgeShareOf } from './judge-rows.ts'

export function judgeDataCheck(check: DataCheck, found: DataStatistics): DataJudgement {
  if (found.method === 'unreadable') return { verdict: 'error', because: found.because }
  if (found.method === 'skipped') return { verdict: 'skipped', because: found.because }
  return judgeFound(check, found) ?? mismatch(check)
}

/** Undefined when the statistics are those of another kind of check. */
function judgeFound(check: DataCheck, found: DataStatistics): DataJudgement | undefined {
  switch (check.rule) {
    case 'rows':
      return found.method === 'rows' ? judgeRowCount(check, found) : undefined
    case 'columns':
      return found.method === 'columns' ? judgeColumns(check, found.present) : undefined
    case 'type':
    case 'physical_type':
      return found.method === 'type' ? judgeType(check, found.type, logicalTypeOf) : undefined
    case 'binary':
      return found.method === 'binary' ? judgeBinary(check, found) : undefined
    case 'unique':
      return found.method === 'duplicates' ? judgeUnique(check, found) : undefined
    case 'duplicates':
      return found.method === 'duplicates' ? judgeDuplicates(check, found) : undefined
    case 'conflicting_labels':
      return found.method === 'conflicts' ? judgeConflicts(check, found) : undefined
    case 'aggregate':
      return found.method === 'aggregate' ? judgeAggregate(check, found) : undefined
    case 'freshness':
      return found.method === 'freshness' ? judgeFreshness(check, found) : undefined
    case 'constant_columns':
    case 'all_unique_columns':
      return found.method === 'found_columns' ? judgeFoundColumns(check, found) : undefined
    // With bounds, which need a confidence: drift-judge.ts and leakage-judge.ts.
    case 'drift':
    case 'leakage':
      return undefined
    case 'sql':
      return found.method === 'sql' ? judgeSql(check, found) : undefined
    case 'missing':
    case 'nonfinite':
    case 'infinite':
      return found.method === 'share' ? judgeMissing(check, found) : undefined
    case 'share':
      return found.method === 'share' ? judgeShareOf(check, found) : undefined
    default:
      return found.method === 'share' ? judgeRowCheck(check, found) : undefined
  }
}

type Of<M extends DataStatistics['method']> = DataStatistics & { readonly method: M }

function judgeRowCount(check: DataCheck & { rule: 'rows' }, found: Of<'rows'>): DataJudgement {
  const { rows } = found
  const many = rows === 1 ? 'there is 1 row' : `there are ${formatCount(rows)} rows`
  const counted = check.where === undefined ? many : `${many} where ${check.where}`
  if (check.past !== undefined) return judgeAgainstPast(check.past, found, counted)
  const broken = check.limits.find(({ op, value }) => !isHeld(rows, op, value))
  const shown = broken ?? check.limits[0]
  return {
    verdict: broken === undefined ? 'pass' : 'fail',
    because: `${counted}, ${allowed(check.limits)}`,
    estimate: rows,
    ...(shown === undefined ? {} : { limit: shown.value }),
    n: rows,
  }
}

function judgeAgainstPast(
  { op, factor, of, over }: NonNullable<(DataCheck & { rule: 'rows' })['past']>,
  { rows, past = [] }: Of<'rows'>,
  counted: string,
): DataJudgement {
  if (past.length === 0) {
    const because = of === 'champion' ? 'no champion yet' : 'no earlier release has this dataset'
    return { verdict: 'skipped', because: `${because}; ${counted}` }
  }
  const mean = past.reduce((sum, one) => sum + one.rows, 0) / past.length
  const limit = factor * mean
  const releases = past.map(({ release }) => release)
  const earlier =
    of === 'champion'
      ? `release ${releases[0]} serves with ${formatCount(mean)}`
      : `the last ${past.length === 1 ? 'release' : `${past.length} releases`}${past.length < over ? ` (of ${over} asked)` : ''} had ${formatCount(mean)}${past.length === 1 ? '' : ' on average'}`
  return {
    verdict: isHeld(rows, op, limit) ? 'pass' : 'fail',
    because: `${counted}; ${earlier}, allowed ${formatOp(op)} ${formatCount(limit)} (${formatNumber(factor)} × that)`,
    estimate: rows,
    limit,
    n: rows,
  }
}

function judgeBinary(check: DataCheck & { rule: 'binary' }, found: Of<'binary'>): DataJudgement {
  const { zeros, ones, rows } = found
  const others = rows - zeros - ones
  const counts = `${formatCount(ones)} ones and ${formatCount(zeros)} zeros in ${formatCount(rows)} rows`
  if (rows === 0) return { verdict: 'insufficient', because: 'there are no rows', n: 0 }
  if (others > 0) {
    return {
      verdict: 'fail',
      because: `${check.column} has ${formatCount(others)} values that are neither 0 nor 1 (missing included): ${counts}`,
      estimate: others,
      n: rows,
    }
  }
  if (ones === 0 || zeros === 0) {
    return { verdict: 'fail', because: `${check.column} has one class only: ${counts}`, n: rows }
  }
  return { verdict: 'pass', because: `${check.column} has ${counts}`, n: rows }
}

function judgeSql(check: DataCheck & { rule: 'sql' }, found: Of<'sql'>): DataJudgement {
  const name = check.name ?? 'the SQL'
  const time = formatDuration(check.timeLimitMs)
  if (check.expects === 'value' && found.value === null) {
    return { verdict: 'insufficient', because: `${name} answers nothing (NULL) within ${time}` }
  }
  const value = check.expects === 'value' ? (found.value ?? 0) : found.rows
  const broken = check.limits.find(({ op, value: limit }) => !isHeld(value, op, limit))
  const [example] = found.examples
  const shown =
    broken === undefined || example === undefined
      ? ''
      : `, the first: ${Object.entries(example.values)
          .slice(0, mostShown)
          .map(([column, one]) => `${column} = ${JSON.stringify(one)}`)
          .join(', ')}`
  const answer =
    check.expects === 'value' ? `is ${formatNumber(value)}` : `finds ${formatCount(value)} rows`
  return {
    verdict: broken === undefined ? 'pass' : 'fail',
    because: `${name} ${answer}, ${allowed(check.limits)}${shown}`,
    estimate: value,
    ...(check.limits[0] === undefined ? {} : { limit: (broken ?? check.limits[0]).value }),
    n: found.rows,
  }
}

const mostShown = 6

function mismatch(check: DataCheck): DataJudgement {
  const because = `the recorded statistics do not belong to a ${check.rule} check`
  return { verdict: 'error', because }
}
