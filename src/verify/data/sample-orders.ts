// A small table whose faults are known by heart, for the tests of data checks.
import { openTables, quoteText } from '../../build/tables/duckdb.ts'
import type { TableFacts } from './check-plan.ts'
import type { AggregateName, DataCheck, RowCheck } from './data-check.ts'
import { judgeDataCheck } from './judge-data-check.ts'
import { measureData } from './measure-data.ts'

export const testedAt = '2026-07-01T12:00:00.000Z'

export async function writeOrders(orders: string): Promise<void> {
  const tables = await openTables()
  await tables.query(`COPY (SELECT i AS id, i // 2 AS pair, (i % 100)::DOUBLE AS amount, (i % 10)::INT AS grade,
    CASE WHEN i % 10 = 0 THEN NULL WHEN i % 10 = 1 THEN 'N/A' WHEN i % 10 = 2 THEN '' ELSE 'name ' || i END AS name,
    CASE WHEN i = 3 THEN 'nan'::DOUBLE WHEN i = 4 THEN -999 ELSE i::DOUBLE END AS score,
    DATE '2026-01-01' + (i % 30)::INT AS start_day, DATE '2026-01-10' + (i % 30)::INT - (i = 7)::INT * 20 AS end_day,
    TIMESTAMPTZ '2026-07-01 00:00:00+00' - INTERVAL (i) HOUR AS seen_at, 'US' AS country, (i % 5 = 0)::INT AS label,
    i::DECIMAL(18,3) AS price FROM range(1000) t(i)) TO ${quoteText(orders)}`)
  tables.close()
}

export async function judgeOne(check: DataCheck, path: string, facts: TableFacts = {}) {
  const [found] = await measureData(path, { checks: [check], facts, now: testedAt })
  if (found === undefined) throw new Error('one statistic per check')
  return { ...judgeDataCheck(check, found), found }
}

export const row = (check: Omit<RowCheck, 'mostly'> & Record<string, unknown>): DataCheck =>
  ({ mostly: 1, ...check }) as RowCheck

export const aggregate = (what: AggregateName, column: string, more: object = {}): DataCheck => ({
  rule: 'aggregate',
  what,
  column,
  limits: [{ op: '<=', value: -1 }],
  ...more,
})
