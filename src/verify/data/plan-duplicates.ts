// Keys, repeated rows and labels that contradict each other. A 64-bit hash finds candidates (it never misses one); only those
// are compared value by value, so the count is exact and the common case, no duplicate, stays cheap.
import { quoteName } from '../../build/tables/duckdb.ts'
import { type Asking, type CheckPlan, type PlanContext, unanswerable } from './check-plan.ts'
import type { DataCheck, Scope } from './data-check.ts'
import { conditionSql } from './sql-values.ts'

export function planUnique({ columns, where }: DataCheck & { rule: 'unique' }): CheckPlan {
  const rows = where === undefined ? 'count(*)' : `count_if${conditionSql(where)}`
  const anyMissing = `(${columns.map((column) => `${quoteName(column)} IS NULL`).join(' OR ')})`
  const missing = where === undefined ? anyMissing : `(${anyMissing} AND ${conditionSql(where)})`
  return {
    expressions: [rows, `count_if${missing}`],
    again: true,
    finish: async ([all, absent], asking) => ({
      method: 'duplicates',
      duplicates: await countDuplicates(asking, columns, where),
      missing: Number(absent),
      rows: Number(all),
    }),
  }
}

export function planDuplicates(
  check: DataCheck & { rule: 'duplicates' },
  context: PlanContext,
): CheckPlan {
  const columns = columnsOfScope(check, check.scope ?? 'row', context)
  if (typeof columns === 'string') return unanswerable(columns)
  return {
    expressions: ['count(*)'],
    again: true,
    finish: async ([rows], asking) => ({
      method: 'duplicates',
      duplicates: await countDuplicates(asking, columns),
      missing: 0,
      rows: Number(rows),
    }),
  }
}

export function planConflicts(
  check: DataCheck & { rule: 'conflicting_labels' },
  context: PlanContext,
): CheckPlan {
  const label = check.label ?? context.facts.label
  if (label === undefined) return unanswerable(labelNeeded('conflicting_labels'))
  const columns = columnsOfScope(check, 'features', context)
  if (typeof columns === 'string') return unanswerable(columns)
  return {
    expressions: ['count(*)'],
    again: true,
    finish: async ([rows], asking) => ({
      method: 'conflicts',
      conflicting: await countConflicts(asking, columns, label),
      rows: Number(rows),
    }),
  }
}

/** Features are what is neither key, time nor label, nor excepted. */
export function columnsOfScope(
  { except = [], label: own }: { readonly except?: readonly string[]; readonly label?: string },
  scope: Scope,
  { types, facts }: PlanContext,
): readonly string[] | string {
  const label = own ?? facts.label
  if (scope !== 'row' && label === undefined) return labelNeeded('duplicates of features')
  if (label !== undefined && scope !== 'row' && !types.has(label))
    return `there is no column ${label}, which is declared as the label`
  const left = new Set(except)
  if (scope !== 'row') {
    for (const name of facts.key ?? []) left.add(name)
    if (facts.time !== undefined) left.add(facts.time)
    if (scope === 'features' && label !== undefined) left.add(label)
  }
  const columns = [...types.keys()].filter((name) => !left.has(name))
  return columns.length > 0 ? columns : 'no column is left to compare rows by'
}

function labelNeeded(what: string): string {
  return `${what} needs the label: declare label: for the dataset, or give the option label`
}

/** Rows beyond the first of their kind. */
async function countDuplicates(
  asking: Asking,
  columns: readonly string[],
  where?: string,
): Promise<number> {
  const list = columns.map(quoteName).join(', ')
  const rows = where === undefined ? '' : ` WHERE ${conditionSql(where)}`
  const suspects = `SELECT hash(${list}) AS h FROM this${rows} GROUP BY h HAVING count(*) > 1`
  const [size] = await asking.rows<{ n: number }>(`SELECT count(*) AS n FROM (${suspects})`)
  if (Number(size?.n ?? 0) === 0) return 0
  const of = where === undefined ? '' : ` AND ${conditionSql(where)}`
  const [exact] = await asking.rows<{ n: number }>(
    `SELECT coalesce(sum(n - 1), 0)::BIGINT AS n FROM (SELECT count(*) AS n FROM this WHERE hash(${list}) IN (${suspects})${of} GROUP BY ${list} HAVING count(*) > 1)`,
  )
  return Number(exact?.n ?? 0)
}

/** Rows with a label whose features occur with another label too. */
async function countConflicts(
  asking: Asking,
  columns: readonly string[],
  label: string,
): Promise<number> {
  const list = columns.map(quoteName).join(', ')
  const name = quoteName(label)
  const differ = `min(${name}) IS DISTINCT FROM max(${name})`
  const suspects = `SELECT hash(${list}) AS h FROM this WHERE ${name} IS NOT NULL GROUP BY h HAVING ${differ}`
  const [size] = await asking.rows<{ n: number }>(`SELECT count(*) AS n FROM (${suspects})`)
  if (Number(size?.n ?? 0) === 0) return 0
  const [exact] = await asking.rows<{ n: number }>(
    `SELECT coalesce(sum(n), 0)::BIGINT AS n FROM (SELECT count(*) AS n FROM this WHERE ${name} IS NOT NULL AND hash(${list}) IN (${suspects}) GROUP BY ${list} HAVING ${differ})`,
  )
  return Number(exact?.n ?? 0)
}
