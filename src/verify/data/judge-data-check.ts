// From recorded counts to a verdict and a sentence; pure, so that it can be replayed without the data.
import { assertNever } from '../../foundation/assert.ts'
import { formatCount, formatNumber, formatOp, formatShare } from '../statistics/number-words.ts'
import { isHeld, type Verdict } from '../statistics/verdict.ts'
import { type DataCheck, type DataStatistics, type Limit, logicalTypeOf } from './data-check.ts'

export interface DataJudgement {
  readonly verdict: Verdict
  readonly because: string
  readonly estimate?: number
  readonly limit?: number
  readonly n?: number
}

export function judgeDataCheck(check: DataCheck, found: DataStatistics): DataJudgement {
  if (found.method === 'unreadable') return { verdict: 'error', because: found.because }
  switch (found.method) {
    case 'rows':
      return judgeRows(found.rows, check.rule === 'rows' ? check.limits : [])
    case 'columns':
      return check.rule === 'columns' ? judgeColumns(check, found.present) : mismatch(check)
    case 'type':
      return check.rule === 'type' ? judgeType(check, found.type) : mismatch(check)
    case 'binary':
      return check.rule === 'binary' ? judgeBinary(check, found) : mismatch(check)
    case 'duplicates':
      return judgeDuplicates(check, found)
    case 'share':
      return judgeShare(check, found)
    default:
      return assertNever(found)
  }
}

function judgeRows(rows: number, limits: readonly Limit[]): DataJudgement {
  const broken = limits.find(({ op, value }) => !isHeld(rows, op, value))
  const shown = broken ?? limits[0]
  return {
    verdict: broken === undefined ? 'pass' : 'fail',
    because: `there are ${formatCount(rows)} rows, ${allowed(limits)}`,
    estimate: rows,
    ...(shown === undefined ? {} : { limit: shown.value }),
    n: rows,
  }
}

function judgeColumns(
  check: DataCheck & { rule: 'columns' },
  present: readonly string[],
): DataJudgement {
  const absent = check.columns.filter((column) => !present.includes(column))
  const extra = check.isClosed ? present.filter((column) => !check.columns.includes(column)) : []
  if (absent.length + extra.length === 0) {
    return { verdict: 'pass', because: `all ${check.columns.length} columns are there` }
  }
  const parts = [
    absent.length > 0 ? `missing: ${absent.join(', ')}` : '',
    extra.length > 0 ? `not declared: ${extra.join(', ')}` : '',
  ]
  return {
    verdict: 'fail',
    because: `the columns differ from what is declared (${parts.filter(Boolean).join('; ')})`,
  }
}

function judgeType(check: DataCheck & { rule: 'type' }, type: string): DataJudgement {
  const found = logicalTypeOf(type)
  const fits = found === check.type || (check.type === 'number' && found === 'integer')
  return {
    verdict: fits ? 'pass' : 'fail',
    because: `${check.column} is ${found ?? type}${fits ? '' : ` (${type}), declared ${check.type}`}`,
  }
}

function judgeBinary(
  check: DataCheck & { rule: 'binary' },
  found: DataStatistics & { method: 'binary' },
): DataJudgement {
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

function judgeDuplicates(
  check: DataCheck,
  found: DataStatistics & { method: 'duplicates' },
): DataJudgement {
  const { duplicates, missing, rows } = found
  if (check.rule === 'duplicates') {
    const value = check.unit === 'share' ? duplicates / Math.max(1, rows) : duplicates
    const words = check.unit === 'share' ? ` (${formatShare(value)})` : ''
    return {
      verdict: isHeld(value, check.limit.op, check.limit.value) ? 'pass' : 'fail',
      because: `${formatCount(duplicates)} of ${formatCount(rows)} rows repeat an earlier one${words}, ${allowed([check.limit])}`,
      estimate: value,
      limit: check.limit.value,
      n: rows,
    }
  }
  if (check.rule !== 'unique') return mismatch(check)
  const key = check.columns.join(' + ')
  if (duplicates === 0 && missing === 0) {
    return {
      verdict: 'pass',
      because: `${key} is unique in ${formatCount(rows)} rows`,
      estimate: 0,
      limit: 0,
      n: rows,
    }
  }
  return {
    verdict: 'fail',
    because: `${key} is no key: ${formatCount(duplicates)} rows repeat an earlier one and ${formatCount(missing)} have a missing part, of ${formatCount(rows)}`,
    estimate: duplicates + missing,
    limit: 0,
    n: rows,
  }
}

function judgeShare(check: DataCheck, found: DataStatistics & { method: 'share' }): DataJudgement {
  const { count, of, seen } = found
  if (of === 0) {
    const column = 'column' in check ? ` in ${check.column}` : ''
    return { verdict: 'insufficient', because: `there are no values${column} to look at`, n: 0 }
  }
  const share = count / of
  const counted = `${formatCount(count)} of ${formatCount(of)}`
  if (check.rule === 'missing' || check.rule === 'nonfinite') {
    const words = check.rule === 'missing' ? 'missing' : 'NaN or infinite'
    return {
      verdict: isHeld(share, check.limit.op, check.limit.value) ? 'pass' : 'fail',
      because: `${check.column} is ${words} in ${counted} (${formatShare(share)}), allowed ${formatOp(check.limit.op)} ${formatShare(check.limit.value)}`,
      estimate: share,
      limit: check.limit.value,
      n: of,
    }
  }
  if (check.rule !== 'range' && check.rule !== 'allowed') return mismatch(check)
  const tolerated = 1 - check.mostly
  // 1 − mostly is not exact in binary; a violation count decides, not a float in the last bit.
  const verdict = count <= Math.floor(tolerated * of + 1e-9) ? 'pass' : 'fail'
  const tolerance = check.mostly < 1 ? `, tolerated ${formatShare(tolerated)}` : ''
  const what =
    check.rule === 'range'
      ? `are outside ${rangeWords(check.limits)} (seen ${seen.map((value) => formatNumber(Number(value))).join(' to ')})`
      : `are not allowed${seen.length > 0 ? ` (${seen.map((value) => JSON.stringify(value)).join(', ')})` : ''}`
  return {
    verdict,
    because: `${counted} values of ${check.column} ${what}${tolerance}`,
    estimate: share,
    limit: tolerated,
    n: of,
  }
}

function rangeWords(limits: readonly Limit[]): string {
  return limits.map(({ op, value }) => `${formatOp(op)} ${formatNumber(value)}`).join(' and ')
}

function allowed(limits: readonly Limit[]): string {
  return `allowed ${limits.map(({ op, value }) => `${formatOp(op)} ${formatNumber(value)}`).join(' and ')}`
}

function mismatch(check: DataCheck): DataJudgement {
  return {
    verdict: 'error',
    because: `the recorded statistics do not belong to a ${check.rule} check`,
  }
}
