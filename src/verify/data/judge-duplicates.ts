// Keys, repeated rows and contradicting labels, from their counts.
import { formatCount, formatNumber, formatOp, formatShare } from '../statistics/number-words.ts'
import { isHeld } from '../statistics/verdict.ts'
import type { DataCheck } from './data-check.ts'
import type { DataJudgement } from './data-judgement.ts'
import type { DataStatistics } from './data-statistics.ts'

export function judgeUnique(
  check: DataCheck & { rule: 'unique' },
  { duplicates, missing, rows }: DataStatistics & { method: 'duplicates' },
): DataJudgement {
  const key = check.columns.join(' + ')
  if (rows === 0) return { verdict: 'insufficient', because: 'there are no rows', n: 0 }
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

export function judgeDuplicates(
  check: DataCheck & { rule: 'duplicates' },
  { duplicates, rows }: DataStatistics & { method: 'duplicates' },
): DataJudgement {
  if (rows === 0) return { verdict: 'insufficient', because: 'there are no rows', n: 0 }
  const scope =
    check.scope === 'features'
      ? ' in all features'
      : check.scope === 'features_label'
        ? ' in all features and the label'
        : ''
  return judgeCount(check, duplicates, rows, `repeat an earlier one${scope}`)
}

export function judgeConflicts(
  check: DataCheck & { rule: 'conflicting_labels' },
  { conflicting, rows }: DataStatistics & { method: 'conflicts' },
): DataJudgement {
  if (rows === 0) return { verdict: 'insufficient', because: 'there are no rows', n: 0 }
  return judgeCount(check, conflicting, rows, 'have the features of a row with another label')
}

function judgeCount(
  { limit, unit }: DataCheck & { rule: 'duplicates' | 'conflicting_labels' },
  count: number,
  rows: number,
  what: string,
): DataJudgement {
  const value = unit === 'share' ? count / rows : count
  const words = unit === 'share' ? ` (${formatShare(value)})` : ''
  const shown = unit === 'share' ? formatShare(limit.value) : formatNumber(limit.value)
  return {
    verdict: isHeld(value, limit.op, limit.value) ? 'pass' : 'fail',
    because: `${formatCount(count)} of ${formatCount(rows)} rows ${what}${words}, allowed ${formatOp(limit.op)} ${shown}`,
    estimate: value,
    limit: limit.value,
    n: rows,
  }
}
