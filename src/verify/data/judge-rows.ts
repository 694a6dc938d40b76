// Shares: how many values break a rule, are missing, or have a property, of those that were looked at.
import { formatCount, formatNumber, formatOp, formatShare } from '../statistics/number-words.ts'
import { isHeld, type Op } from '../statistics/verdict.ts'
import {
  type Bound,
  type DataCheck,
  type MissingCheck,
  type RowCheck,
  type ShareCondition,
  toleratedOf,
} from './data-check.ts'
import { allowedShare, type DataJudgement } from './data-judgement.ts'
import type { DataStatistics, ExampleRow } from './data-statistics.ts'

type Share = DataStatistics & { readonly method: 'share' }

export function judgeRowCheck(check: RowCheck, found: Share): DataJudgement {
  const { count, of } = found
  const subject = subjectOf(check)
  const where = check.where === undefined ? '' : ` where ${check.where}`
  if (of === 0) {
    const column = 'column' in check ? ` in ${check.column}` : ''
    return {
      verdict: 'insufficient',
      because: `there are no values${column}${where} to look at`,
      n: 0,
    }
  }
  const tolerated = 1 - check.mostly
  const tolerance = check.mostly < 1 ? `, tolerated ${formatShare(tolerated)}` : ''
  return {
    verdict: count <= toleratedOf(check.mostly, of) ? 'pass' : 'fail',
    because: `${formatCount(count)} of ${formatCount(of)} ${subject}${where} ${faultWords(check)}${seenWords(check, found)}${tolerance}`,
    estimate: count / of,
    limit: tolerated,
    n: of,
  }
}

function subjectOf(check: RowCheck): string {
  return 'column' in check ? `values of ${check.column}` : 'rows'
}

function faultWords(check: RowCheck): string {
  switch (check.rule) {
    case 'range':
      return `are outside ${check.limits.map(boundWords).join(' and ')}`
    case 'allowed':
      return 'are not allowed'
    case 'matches':
      return `do not match ${check.pattern}`
    case 'format':
      return `are no ${formatWords[check.format] ?? check.format.replace('_', ' ')}`
    case 'length':
      return `have a length outside ${check.limits.map(boundWords).join(' and ')}`
    case 'compare':
      return `have not ${check.left} ${formatOp(check.op)} ${check.right}`
    case 'holds':
      return `break ${check.condition}`
  }
}

const formatWords: Readonly<Record<string, string>> = {
  email: 'email address',
  url: 'URL',
  uuid: 'UUID',
  iban: 'IBAN (its check digits included)',
  ipv4: 'IPv4 address',
  ipv6: 'IPv6 address',
  json: 'JSON',
  iso_date: 'ISO date (2026-01-31)',
  iso_datetime: 'ISO date and time (2026-01-31T12:00:00Z)',
}

function boundWords({ op, value }: Bound): string {
  return `${formatOp(op as Op)} ${typeof value === 'number' ? formatNumber(value) : value}`
}

function seenWords(check: RowCheck, { seen, examples = [] }: Share): string {
  if (check.rule === 'range') {
    const range = seen
      .map((one) => (typeof one === 'number' ? formatNumber(one) : one))
      .join(' to ')
    return range === '' ? placeWords(examples) : ` (seen ${range})`
  }
  if (seen.length > 0) return ` (${seen.map((value) => JSON.stringify(value)).join(', ')})`
  return placeWords(examples)
}

/** The first row that breaks the rule, with its values where they may be shown. */
function placeWords([first]: readonly ExampleRow[]): string {
  if (first === undefined) return ''
  const values = Object.entries(first.values).map(([name, value]) => `${name} = ${value}`)
  return ` (the first is row ${formatCount(first.row)}${values.length > 0 ? `: ${values.join(', ')}` : ''})`
}

const kindWords: Readonly<Record<string, string>> = {
  null: 'NULL',
  nan: 'NaN',
  empty: 'empty text',
  placeholder: 'placeholders',
}

export function judgeMissing(check: MissingCheck, found: Share): DataJudgement {
  const { column, rule, limit, only } = check
  const { count, of } = found
  const where = check.where === undefined ? '' : ` where ${check.where}`
  if (of === 0) {
    const because = `there are no values in ${column}${where} to look at`
    return { verdict: 'insufficient', because, n: 0 }
  }
  const share = count / of
  const present = Object.entries(found.kinds ?? {}).filter(([, n]) => n > 0)
  const kinds =
    present.length > 1 || (present[0] !== undefined && present[0][0] !== 'null')
      ? `: ${present.map(([kind, n]) => `${formatCount(n)} ${kindWords[kind] ?? kind}`).join(', ')}`
      : ''
  const words =
    rule === 'missing'
      ? only === undefined
        ? 'missing'
        : (kindWords[only] ?? only)
      : rule === 'infinite'
        ? 'infinite'
        : 'NaN or infinite'
  return {
    verdict: isHeld(share, limit.op, limit.value) ? 'pass' : 'fail',
    because: `${column}${where} is ${words} in ${formatCount(count)} of ${formatCount(of)} (${formatShare(share)}${only === undefined ? kinds : ''}), allowed ${formatOp(limit.op)} ${formatShare(limit.value)}`,
    estimate: share,
    limit: limit.value,
    n: of,
  }
}

export function judgeShareOf(check: DataCheck & { rule: 'share' }, found: Share): DataJudgement {
  const { count, of } = found
  const where = check.where === undefined ? '' : ` where ${check.where}`
  if (of === 0) return { verdict: 'insufficient', because: `there are no rows${where}`, n: 0 }
  const share = count / of
  const broken = check.limits.find(({ op, value }) => !isHeld(share, op, value))
  const limit = broken ?? check.limits[0]
  return {
    verdict: broken === undefined ? 'pass' : 'fail',
    because: `${conditionWords(check.condition)} in ${formatCount(count)} of ${formatCount(of)} rows${where} (${formatShare(share)}), ${allowedShare(check.limits)}`,
    estimate: share,
    ...(limit === undefined ? {} : { limit: limit.value }),
    n: of,
  }
}

export function conditionWords(condition: ShareCondition): string {
  if ('sql' in condition) return condition.sql
  if ('values' in condition) return `${condition.column} in [${condition.values.join(', ')}]`
  return `${condition.column} ${formatOp(condition.op)} ${condition.value}`
}
