// Which columns are there, of which types, and which of them say nothing or too much.
import { formatCount, formatNumber, formatOp, formatShare } from '../statistics/number-words.ts'
import { isHeld } from '../statistics/verdict.ts'
import type { DataCheck, LogicalType } from './data-check.ts'
import type { DataJudgement } from './data-judgement.ts'
import type { DataStatistics } from './data-statistics.ts'

export function judgeColumns(
  check: DataCheck & { rule: 'columns' },
  present: readonly string[],
): DataJudgement {
  const { columns, isClosed, isOrdered = false, optional = [] } = check
  const absent = columns.filter((one) => !present.includes(one) && !optional.includes(one))
  const extra = isClosed ? present.filter((one) => !columns.includes(one)) : []
  const declared = columns.filter((one) => present.includes(one))
  const seen = present.filter((one) => columns.includes(one))
  const moved = isOrdered ? declared.find((one, at) => seen[at] !== one) : undefined
  if (absent.length + extra.length === 0 && moved === undefined) {
    const which = optional.length > 0 ? 'declared' : String(columns.length)
    return {
      verdict: 'pass',
      because: `all ${which} columns are there${isOrdered ? ', in order' : ''}`,
    }
  }
  const parts = [
    absent.length > 0 ? `missing: ${absent.join(', ')}` : '',
    extra.length > 0 ? `not declared: ${extra.join(', ')}` : '',
    moved === undefined ? '' : `${seen[declared.indexOf(moved)]} stands where ${moved} is declared`,
  ]
  return {
    verdict: 'fail',
    because: `the columns differ from what is declared (${parts.filter(Boolean).join('; ')})`,
  }
}

export function judgeType(
  check: DataCheck & { rule: 'type' | 'physical_type' },
  type: string,
  logicalTypeOf: (type: string) => LogicalType | undefined,
): DataJudgement {
  const { column } = check
  if (check.rule === 'physical_type') {
    const fits = type.replaceAll(' ', '') === check.type.replaceAll(' ', '')
    return {
      verdict: fits ? 'pass' : 'fail',
      because: `${column} is stored as ${type}${fits ? '' : `, declared ${check.type}`}`,
    }
  }
  const found = logicalTypeOf(type)
  const fits = found === check.type || (check.type === 'number' && found === 'integer')
  return {
    verdict: fits ? 'pass' : 'fail',
    because: `${column} is ${found ?? type}${fits ? '' : ` (${type}), declared ${check.type}`}`,
  }
}

export function judgeFoundColumns(
  { rule, limit, share }: DataCheck & { rule: 'constant_columns' | 'all_unique_columns' },
  { found, of, rows }: DataStatistics & { method: 'found_columns' },
): DataJudgement {
  if (rows < 2) {
    const because = `there ${rows === 1 ? 'is one row' : 'are no rows'}: nothing can vary`
    return { verdict: 'insufficient', because, n: rows }
  }
  const what =
    rule === 'all_unique_columns'
      ? 'have a value of their own in every row'
      : share === undefined
        ? 'have one value only'
        : `have one value in at least ${formatShare(share)} of their rows`
  const names = found.length > 0 ? ` (${found.join(', ')})` : ''
  return {
    verdict: isHeld(found.length, limit.op, limit.value) ? 'pass' : 'fail',
    because: `${formatCount(found.length)} of ${formatCount(of)} columns ${what}${names}, allowed ${formatOp(limit.op)} ${formatNumber(limit.value)}`,
    estimate: found.length,
    limit: limit.value,
    n: rows,
  }
}
