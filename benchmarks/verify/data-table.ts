// The table of the data benchmark, and the checks that every tool is given: 40 columns of numbers, 10 of text.
import { existsSync } from 'node:fs'
import { openTables, quoteText } from '../../src/build/tables/duckdb.ts'

const numbers = 40
const texts = 10
const categories = 20

/** One check in a form every tool can be told; a range of text is that of its length. */
export interface PlainCheck {
  readonly check:
    | 'rows'
    | 'columns'
    | 'missing'
    | 'finite'
    | 'range'
    | 'length'
    | 'pattern'
    | 'values'
    | 'mean'
    | 'stdev'
  readonly column?: string
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly values?: readonly string[]
  readonly columns?: readonly string[]
}

/** The same bytes of data for the same number of rows: every value is a hash of its place. */
export async function writeTable(path: string, rows: number): Promise<void> {
  if (existsSync(path)) return
  const tables = await openTables()
  const number = (at: number) =>
    `(CASE WHEN hash(i, ${at}) % 100 = 0 THEN NULL ELSE (hash(i, ${at + 100}) % 1000000) / 1000.0 END)::DOUBLE AS n${at}`
  const text = (at: number) =>
    `'v' || (hash(i, ${at + 200}) % ${at < texts / 2 ? categories : 100_000}) AS s${at}`
  const columns = [...places(numbers).map(number), ...places(texts).map(text)]
  await tables.query(
    `COPY (SELECT ${columns.join(', ')} FROM range(${rows}) t(i)) TO ${quoteText(path)} (FORMAT ${path.endsWith('.csv') ? 'csv, HEADER' : 'parquet'})`,
  )
  tables.close()
}

/** All hold, as in a table that is as it should be: nobody is measured on how fast they find the first fault. */
export function checksOf(rows: number): readonly PlainCheck[] {
  const names = [...places(numbers).map((at) => `n${at}`), ...places(texts).map((at) => `s${at}`)]
  const allowed = places(categories).map((at) => `v${at}`)
  return [
    { check: 'rows', min: rows, max: rows },
    { check: 'columns', columns: names },
    ...places(numbers).flatMap((at): PlainCheck[] => {
      const column = `n${at}`
      return [
        { check: 'missing', column, max: 0.02 },
        { check: 'finite', column },
        { check: 'range', column, min: 0, max: 1000 },
        { check: 'mean', column, min: 490, max: 510 },
        { check: 'stdev', column, min: 280, max: 300 },
      ]
    }),
    ...places(texts).flatMap((at): PlainCheck[] => {
      const column = `s${at}`
      const shared: PlainCheck[] = [
        { check: 'missing', column, max: 0 },
        { check: 'length', column, min: 2, max: 6 },
        { check: 'pattern', column, pattern: '^v[0-9]+$' },
      ]
      return at < texts / 2 ? [...shared, { check: 'values', column, values: allowed }] : shared
    }),
  ]
}

/** As a line of Lockstep's check language. */
export function lineOf({ check, column, min, max, pattern, values, columns }: PlainCheck): string {
  switch (check) {
    case 'rows':
      return `rows between ${min} and ${max}`
    case 'columns':
      return `columns = [${columns?.join(', ')}]`
    case 'missing':
      return `missing(${column}) <= ${max}`
    case 'finite':
      return `nonfinite(${column}) = 0`
    case 'range':
      return `${column} between ${min} and ${max}`
    case 'length':
      return `length(${column}) between ${min} and ${max}`
    case 'pattern':
      return `${column} matches "${pattern}"`
    case 'values':
      return `${column} in [${values?.join(', ')}]`
    default:
      return `${check}(${column}) between ${min} and ${max}`
  }
}

function places(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at)
}
