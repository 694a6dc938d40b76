// How the values of a column are written in SQL: what stands for a missing value becomes NULL, and text is read as
// numbers only where a rule needs numbers.
import { quoteName, quoteText } from '../../build/tables/duckdb.ts'
import { isNumeric, isTime } from './data-check.ts'

/** Names and DuckDB types of the columns that are there. */
export type ColumnTypes = ReadonlyMap<string, string>

export type Placeholders = readonly (string | number)[] | undefined

export function isFloating(type: string): boolean {
  return /^(FLOAT|REAL|DOUBLE)$/.test(type)
}

export function isText(type: string): boolean {
  return type === 'VARCHAR' || type.startsWith('ENUM')
}

/** The column, NULL where it holds one of the placeholders. */
export function presentSql(name: string, type: string, placeholders: Placeholders): string {
  const column = quoteName(name)
  const test = placeholderSql(name, type, placeholders)
  return test === undefined ? column : `CASE WHEN ${test} THEN NULL ELSE ${column} END`
}

/** Whether the column holds a placeholder; undefined when none can occur in such a column. */
export function placeholderSql(
  name: string,
  type: string,
  placeholders: Placeholders,
): string | undefined {
  const list = placeholderList(type, placeholders ?? [])
  return list.length === 0 ? undefined : `${quoteName(name)} IN (${list.join(', ')})`
}

function placeholderList(type: string, placeholders: readonly (string | number)[]): string[] {
  if (isText(type)) return placeholders.map((value) => quoteText(String(value)))
  if (isNumeric(type)) {
    return placeholders.flatMap((value) => {
      const number = Number(value)
      return String(value).trim() === '' || !Number.isFinite(number) ? [] : [numberSql(number)]
    })
  }
  if (!isTime(type)) return []
  return placeholders.map((value) => `TRY_CAST(${quoteText(String(value))} AS ${type})`)
}

/** The column as numbers; text that is no number becomes NULL. Undefined for columns that never hold numbers. */
export function numbersSql(
  name: string,
  type: string,
  placeholders: Placeholders,
): string | undefined {
  const value = presentSql(name, type, placeholders)
  if (isNumeric(type)) return value
  return isText(type) ? `TRY_CAST(${value} AS DOUBLE)` : undefined
}

/** 1e21 and beyond would be read as decimals otherwise. */
export function numberSql(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : `${value}::DOUBLE`
}

/** A newline first, so that a comment at the end of a condition ends there. */
export function conditionSql(condition: string): string {
  return `(${condition}\n)`
}

export function both(one: string, where: string | undefined): string {
  return where === undefined ? one : `(${one}) AND ${conditionSql(where)}`
}
