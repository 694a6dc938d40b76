// Forms of data checks that are written with a comparison or in words: columns, lengths, shares and numbers about a column.
import type { AggregateName, Bound } from '../../data/data-check.ts'
import type { Limit } from '../../data/limit.ts'
import type { CheckLine } from '../check-family.ts'
import { type Piece, parseList, parseShare, unquote } from './check-line.ts'
import { parseConditionOf } from './parse-data-condition.ts'
import {
  dataPart,
  isProblem,
  type ParsedData,
  rowPart,
  writeBounds,
  writeNames,
} from './parse-data-part.ts'
import { fail, writeName } from './parse-parts.ts'

export const aggregateNames: readonly AggregateName[] = [
  'mean',
  'median',
  'stdev',
  'sum',
  'quantile',
  'mode_share',
  'skew',
  'distinct',
  'unique_share',
  'min',
  'max',
]

/** `quantile(wage, 0.99)`, `mean(age)`; a bound on one side of the least or greatest value is a rule on every value. */
export function aggregatePart(name: string, argument: Piece, limits: readonly Bound[]): ParsedData {
  const what = aggregateNames.find((one) => one === name)
  if (what === undefined) return undefined
  const cut = argument.text.lastIndexOf(',')
  const level =
    what === 'quantile' && cut >= 0 ? parseShare(argument.text.slice(cut + 1))?.value : undefined
  if (what === 'quantile' && (level === undefined || level < 0 || level > 1))
    return fail(argument, 'quantile needs a column and a level', 'Write quantile(age, 0.99).')
  const column = unquote((level === undefined ? argument.text : argument.text.slice(0, cut)).trim())
  const [only] = limits
  const isRule =
    limits.length === 1 && (what === 'min' ? only?.op.startsWith('>') : only?.op.startsWith('<'))
  const call = `${what}(${writeName(column)}${level === undefined ? '' : `, ${level}`})`
  const asShare = what === 'mode_share' || what === 'unique_share'
  const text = `${call} ${writeBounds(limits, asShare)}`
  if ((what === 'min' || what === 'max') && isRule)
    return rowPart({ rule: 'range', column, limits }, text, `data.${what}(${column})`)
  return dataPart(
    { rule: 'aggregate', what, column, ...(level === undefined ? {} : { level }), limits },
    text,
  )
}

export function lengthPart(column: string, limits: readonly Limit[]): ParsedData {
  return rowPart(
    { rule: 'length', column, limits },
    `length(${writeName(column)}) ${writeBounds(limits)}`,
  )
}

/** `share(label = 1)`, `share("a > b and c < 3")`: quotes around the whole make it SQL. */
export function parseShareOf(
  { whole }: CheckLine,
  argument: Piece,
  limits: readonly Limit[],
): ParsedData {
  const raw = whole.text.slice(whole.text.indexOf('(') + 1).trimStart()
  const isSql = /^["']/.test(raw) && !/^["']/.test(argument.text)
  const condition = isSql ? { sql: argument.text } : parseConditionOf(argument)
  if (isProblem(condition)) return condition
  const shown =
    'sql' in condition ? JSON.stringify(condition.sql) : argument.text.replace(/\s+/g, ' ')
  const call = `share(${shown})`
  return dataPart(
    { rule: 'share', condition, limits },
    `${call} ${writeBounds(limits, true)}`,
    `data.${call}`,
  )
}

export type ColumnMode = 'has' | 'exact' | 'ordered' | 'closed'

const columnWords: Readonly<Record<ColumnMode, string>> = {
  has: 'has',
  exact: '=',
  ordered: 'ordered',
  closed: 'in',
}

export function parseColumnList(right: Piece, mode: ColumnMode): ParsedData {
  const columns = parseList(right)?.map((member) => member.text)
  if (columns === undefined || columns.length === 0)
    return fail(right, 'a list of columns is needed', 'Write [age, education].')
  return dataPart(
    {
      rule: 'columns',
      columns,
      isClosed: mode !== 'has',
      ...(mode === 'ordered' ? { isOrdered: true } : {}),
      ...(mode === 'closed' ? { optional: columns } : {}),
    },
    `columns ${columnWords[mode]} [${writeNames(columns)}]`,
  )
}
