// A check of single rows as two SQL conditions: which rows are looked at, and which of these break it.
import { quoteName, quoteText } from '../../build/tables/duckdb.ts'
import type { Op } from '../statistics/verdict.ts'
import { type Bound, isNumeric, isTime, type RowCheck, type ShareCondition } from './data-check.ts'
import { hasFormatSql } from './formats.ts'
import {
  type ColumnTypes,
  conditionSql,
  isFloating,
  isText,
  numberSql,
  numbersSql,
  presentSql,
} from './sql-values.ts'

export interface RowConditions {
  /** Not NULL for a row that is looked at. */
  readonly present: string
  /** True for a row that breaks the rule; NULL counts as no. */
  readonly broken: string
  /** What to show of a row that does. */
  readonly shown: readonly string[]
  /** What `seen` is made of: the least and greatest value, or the commonest broken ones. */
  readonly seen: 'range' | 'values' | 'none'
  /** Of `seen`. */
  readonly value: string
  /** An interval that `value` must lie in: whether one of its values does. */
  readonly interval?: { readonly of: string; readonly held: (value: string) => string }
  /** Text is read as numbers or times: not NULL where that works, and what is said when it works nowhere. */
  readonly readable?: { readonly value: string; readonly because: string }
}

/** A sentence when such a column cannot be asked. */
export function rowConditions(check: RowCheck, types: ColumnTypes): RowConditions | string {
  switch (check.rule) {
    case 'compare':
      return compareColumns(check, types)
    case 'holds':
      return {
        present: conditionSql(check.condition),
        broken: `NOT ${conditionSql(check.condition)}`,
        shown: [],
        seen: 'none',
        value: 'NULL',
      }
    case 'range':
      return rangeConditions(check, types)
    default:
      return valueConditions(check, types)
  }
}

function valueConditions(
  check: RowCheck & { rule: 'allowed' | 'matches' | 'format' | 'length' },
  types: ColumnTypes,
): RowConditions {
  const { column, missingValues } = check
  const type = types.get(column) ?? ''
  const value = presentSql(column, type, missingValues)
  const text = isText(type) ? value : `CAST(${value} AS VARCHAR)`
  const shared = { present: value, shown: [column], value: text, seen: 'values' as const }
  switch (check.rule) {
    case 'allowed':
      return { ...shared, broken: notAmong(value, text, type, check.values) }
    case 'matches':
      return { ...shared, broken: `NOT ${matchesSql(text, check.pattern)}` }
    case 'format':
      return { ...shared, broken: `NOT ${hasFormatSql(check.format, text)}` }
    case 'length': {
      const held = check.limits.map(({ op, value: limit }) => `length(${text}) ${op} ${limit}`)
      return { ...shared, broken: `NOT (${held.join(' AND ')})` }
    }
  }
}

/** Text comparison unless both the column and all values are numbers. */
function notAmong(
  value: string,
  text: string,
  type: string,
  values: readonly (string | number)[],
): string {
  const byNumber = isNumeric(type) && values.every((one) => typeof one === 'number')
  const list = values.map((one) => (byNumber ? String(one) : quoteText(String(one))))
  // A function is called once per entry of a column's dictionary, an IN for every row; a long list is searched faster by IN.
  if (type === 'VARCHAR' && list.length > 0 && list.length <= longestList)
    return `NOT list_contains([${list.join(', ')}], ${text})`
  return `${byNumber ? value : text} NOT IN (${list.join(', ')})`
}

const longestList = 32

/** The same as `regexp_matches`; a pattern that can only match from end to end is asked in the form that is called once per entry. */
function matchesSql(text: string, pattern: string): string {
  const match = matchesWhole(pattern) ? 'regexp_full_match' : 'regexp_matches'
  return `${match}(${text}, ${quoteText(pattern)})`
}

/** From `^` to `$`, neither of them in one of several alternatives; false when in doubt. */
export function matchesWhole(pattern: string): boolean {
  if (/\(\?(?!:)|\\Q|\[:/.test(pattern)) return false
  let bare = pattern.replace(/\\./gs, 'x').replace(/\[\^?\]?[^\]]*\]/g, 'x')
  for (let before = ''; before !== bare; ) {
    before = bare
    bare = bare.replace(/\([^()]*\)/g, 'x')
  }
  return /^\^[^|()]*\$$/s.test(bare)
}

function rangeConditions(
  check: RowCheck & { rule: 'range' },
  types: ColumnTypes,
): RowConditions | string {
  const { column, limits, missingValues } = check
  const type = types.get(column) ?? ''
  const present = presentSql(column, type, missingValues)
  const isDates = limits.some(({ value }) => typeof value === 'string')
  if (isDates) return dateRange(check, type, present)
  const value = numbersSql(column, type, missingValues)
  if (value === undefined) return `${column} is ${type}, and a range needs numbers`
  // NaN is larger than everything in DuckDB: it must not satisfy `>= 0`.
  const bounded = limits.some(({ op }) => op !== '>' && op !== '>=')
  const mayBeNan = isFloating(type) || isText(type)
  const held = (one: string) =>
    [
      ...limits.map(({ op, value: limit }) => `${one} ${op} ${numberSql(Number(limit))}`),
      ...(mayBeNan && !bounded ? [`NOT isnan(${one})`] : []),
    ].join(' AND ')
  const broken = `NOT (${held(value)})`
  return {
    present,
    // Text that is no number breaks every range.
    broken: isText(type) ? `${present} IS NOT NULL AND coalesce(${broken}, true)` : broken,
    shown: [column],
    seen: 'range',
    value: mayBeNan ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value,
    ...(isText(type)
      ? { readable: { value, because: `${column} is ${type}, and a range needs numbers` } }
      : { interval: { of: value, held } }),
  }
}

function dateRange(
  { column, limits }: { column: string; limits: readonly Bound[] },
  type: string,
  present: string,
): RowConditions | string {
  if (!isTime(type) && !isText(type)) return `${column} is ${type}, and this range is one of dates`
  const target = type.includes('TIME ZONE') ? 'TIMESTAMPTZ' : 'TIMESTAMP'
  const value = isTime(type) ? present : `TRY_CAST(${present} AS ${target})`
  const held = limits.map(
    ({ op, value: limit }) => `${value} ${op} CAST(${quoteText(String(limit))} AS ${target})`,
  )
  const broken = `NOT (${held.join(' AND ')})`
  return {
    present,
    broken: isText(type) ? `${present} IS NOT NULL AND coalesce(${broken}, true)` : broken,
    shown: [column],
    seen: 'range',
    value,
    ...(isText(type)
      ? { readable: { value, because: `${column} is ${type}, and no value of it is a date` } }
      : {}),
  }
}

function compareColumns(
  { left, op, right, missingValues }: RowCheck & { rule: 'compare' },
  types: ColumnTypes,
): RowConditions | string {
  const [one = '', other = ''] = [types.get(left), types.get(right)]
  const family = (type: string) => (isNumeric(type) ? 'numbers' : isTime(type) ? 'times' : type)
  if (family(one) !== family(other))
    return `${left} is ${one} and ${right} is ${other}: they cannot be compared`
  const a = presentSql(left, one, missingValues)
  const b = presentSql(right, other, missingValues)
  const nan = [isFloating(one) ? `isnan(${a})` : '', isFloating(other) ? `isnan(${b})` : '']
  const notNan = nan.filter(Boolean).map((test) => ` AND NOT ${test}`)
  return {
    present: `(${a} IS NOT NULL AND ${b} IS NOT NULL) OR NULL`,
    broken: `NOT (${a} ${op} ${b}${notNan.join('')})`,
    shown: [left, right],
    seen: 'none',
    value: 'NULL',
  }
}

/** True for the rows whose share is asked. */
export function shareSql(condition: ShareCondition, types: ColumnTypes): string {
  if ('sql' in condition) return conditionSql(condition.sql)
  const type = types.get(condition.column) ?? ''
  const column = quoteName(condition.column)
  if ('values' in condition) {
    return `NOT (${notAmong(column, `CAST(${column} AS VARCHAR)`, type, condition.values)})`
  }
  const { op, value } = condition
  if (typeof value === 'number') {
    const numbers = numbersSql(condition.column, type, undefined)
    if (numbers !== undefined) return `${numbers} ${op} ${numberSql(value)}`
  }
  return comparedText(column, type, op, String(value))
}

function comparedText(column: string, type: string, op: Op, value: string): string {
  if (isTime(type)) return `${column} ${op} TRY_CAST(${quoteText(value)} AS ${type})`
  return `CAST(${column} AS VARCHAR) ${op} ${quoteText(value)}`
}
