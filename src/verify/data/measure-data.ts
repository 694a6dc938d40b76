// Answers data checks over Parquet, CSV and JSON files: one pass for all cheap aggregates, one more for each key,
// and a look at examples only where a rule is broken.
import { quoteName, type Tables, tableOf } from '../../build/tables/duckdb.ts'
import { sentenceOf } from '../../foundation/errors.ts'
import { didYouMean } from '../../project/problems.ts'
import { type AggregatePlan, allowedSql, planAggregate } from './aggregates.ts'
import { columnsOf, type DataCheck, type DataStatistics } from './data-check.ts'

export interface TableColumn {
  readonly name: string
  /** DuckDB's name of its type. */
  readonly type: string
}

/** One statistic per check, in the order of the checks. A check that cannot be answered says why; it never throws. */
export async function measureData(
  tables: Tables,
  paths: string | readonly string[],
  checks: readonly DataCheck[],
): Promise<readonly DataStatistics[]> {
  let columns: readonly TableColumn[]
  try {
    columns = await describeTable(tables, paths)
  } catch (error) {
    return checks.map(() => ({ method: 'unreadable', because: sentenceOf(error) }))
  }
  const from = tableOf(paths)
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const absent = checks.map((check) => absentColumn(check, columns))
  const plans = checks.map((check, at) =>
    absent[at] === undefined
      ? planAggregate(check, (column) => types.get(column) ?? '')
      : undefined,
  )
  const values = await evaluate(tables, from, plans)
  const measured: DataStatistics[] = []
  for (const [at, check] of checks.entries()) {
    const plan = plans[at]
    const because = absent[at]
    if (because !== undefined) measured.push({ method: 'unreadable', because })
    else if (plan !== undefined) {
      const found =
        typeof values === 'string'
          ? unreadable(values)
          : plan.read(plan.expressions.map((sql) => values.get(sql)))
      measured.push(await withExamples({ tables, from, check, found, types }))
    } else measured.push(await measureApart(tables, from, check, columns))
  }
  return measured
}

export async function describeTable(
  tables: Tables,
  paths: string | readonly string[],
): Promise<readonly TableColumn[]> {
  const rows = await tables.query<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${tableOf(paths)}`,
  )
  return rows.map((row) => ({ name: row.column_name, type: row.column_type }))
}

/** Why a column cannot be read, with the nearest name; undefined when all are there. */
export function absentColumn(
  check: DataCheck,
  columns: readonly TableColumn[],
): string | undefined {
  const names = columns.map(({ name }) => name)
  const missing = columnsOf(check).find((column) => !names.includes(column))
  if (missing === undefined) return undefined
  const near = didYouMean(missing, names)
  const hint = near === undefined ? `columns: ${names.join(', ')}` : `did you mean ${near}?`
  return `there is no column ${missing} (${hint})`
}

/** Values by expression, or the sentence of the engine when the pass failed. */
async function evaluate(
  tables: Tables,
  from: string,
  plans: readonly (AggregatePlan | undefined)[],
): Promise<ReadonlyMap<string, unknown> | string> {
  const expressions = [...new Set(plans.flatMap((plan) => plan?.expressions ?? []))]
  if (expressions.length === 0) return new Map()
  const list = expressions.map((sql, at) => `${sql} AS a${at}`).join(', ')
  try {
    const [row = {}] = await tables.query(`SELECT ${list} FROM ${from}`)
    return new Map(expressions.map((sql, at) => [sql, row[`a${at}`]]))
  } catch (error) {
    return sentenceOf(error)
  }
}

async function measureApart(
  tables: Tables,
  from: string,
  check: DataCheck,
  columns: readonly TableColumn[],
): Promise<DataStatistics> {
  const names = columns.map(({ name }) => name)
  try {
    switch (check.rule) {
      case 'columns':
        return { method: 'columns', present: names }
      case 'type':
        return {
          method: 'type',
          type: columns.find(({ name }) => name === check.column)?.type ?? '',
        }
      case 'unique':
        return await countDuplicates(tables, from, check.columns, 'key')
      case 'duplicates':
        return await countDuplicates(tables, from, names, 'row')
      default:
        return unreadable(`${check.rule} is not a check of its own pass`)
    }
  } catch (error) {
    return unreadable(sentenceOf(error))
  }
}

/**
 * Rows beyond the first of their kind. A 64-bit hash finds candidates (it never misses one); only those are compared
 * value by value, so the count is exact and the common case, no duplicate, stays cheap.
 */
async function countDuplicates(
  tables: Tables,
  from: string,
  columns: readonly string[],
  what: 'key' | 'row',
): Promise<DataStatistics> {
  const list = columns.map(quoteName).join(', ')
  const anyMissing =
    what === 'key' ? columns.map((column) => `${quoteName(column)} IS NULL`).join(' OR ') : 'false'
  const suspects = `SELECT hash(${list}) AS h FROM ${from} GROUP BY h HAVING count(*) > 1`
  const [size] = await tables.query<{ rows: number; missing: number; suspects: number }>(
    `SELECT count(*) AS rows, count_if(${anyMissing}) AS missing, (SELECT count(*) FROM (${suspects})) AS suspects FROM ${from}`,
  )
  const rows = Number(size?.rows ?? 0)
  const missing = Number(size?.missing ?? 0)
  if (Number(size?.suspects ?? 0) === 0) {
    return { method: 'duplicates', duplicates: 0, missing, rows }
  }
  const [exact] = await tables.query<{ duplicates: number }>(
    `SELECT coalesce(sum(n - 1), 0)::BIGINT AS duplicates FROM (SELECT count(*) AS n FROM ${from} WHERE hash(${list}) IN (${suspects}) GROUP BY ${list})`,
  )
  return { method: 'duplicates', duplicates: Number(exact?.duplicates ?? 0), missing, rows }
}

/** Which values were not allowed, most frequent first: what a person needs to act. */
async function withExamples(asked: {
  readonly tables: Tables
  readonly from: string
  readonly check: DataCheck
  readonly found: DataStatistics
  readonly types: ReadonlyMap<string, string>
}): Promise<DataStatistics> {
  const { tables, from, check, found, types } = asked
  if (check.rule !== 'allowed' || found.method !== 'share' || found.count === 0) return found
  const { tested, list } = allowedSql(check, types.get(check.column) ?? '')
  const rows = await tables.query<{ value: string }>(
    `SELECT CAST(${quoteName(check.column)} AS VARCHAR) AS value FROM ${from} WHERE ${tested} NOT IN (${list}) GROUP BY value ORDER BY count(*) DESC, value LIMIT 5`,
  )
  return { ...found, seen: rows.map(({ value }) => value) }
}

function unreadable(because: string): DataStatistics {
  return { method: 'unreadable', because }
}
