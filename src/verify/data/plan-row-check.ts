// Checks of single rows: how many values were looked at, how many break the rule, and a few of those, only when it fails.
import { quoteName } from '../../build/tables/duckdb.ts'
import {
  type Asking,
  type CheckPlan,
  type PlanContext,
  placeholdersOf,
  unlessEmpty,
} from './check-plan.ts'
import { type RowCheck, toleratedOf } from './data-check.ts'
import type { DataStatistics, ExampleRow } from './data-statistics.ts'
import { ifWithin } from './foresee.ts'
import { type RowConditions, rowConditions } from './row-conditions.ts'
import { both, conditionSql } from './sql-values.ts'

const mostExamples = 5

export function planRows(check: RowCheck, context: PlanContext): CheckPlan {
  const column = 'column' in check ? check.column : undefined
  const missing = column === undefined ? undefined : placeholdersOf(check, column, context)
  const conditions = rowConditions(
    missing === undefined ? check : { ...check, missingValues: missing },
    context.types,
  )
  if (typeof conditions === 'string') {
    return unlessEmpty({ column: column ?? ('left' in check ? check.left : '') }, conditions)
  }
  const { present, broken, readable, interval } = conditions
  const { where } = check
  const count = `count_if(${both(broken, where)})`
  return {
    expressions: [
      where === undefined
        ? `count(${present})`
        : `count_if(${both(`${present} IS NOT NULL`, where)})`,
      interval === undefined || where !== undefined
        ? count
        : ifWithin(interval.of, { sql: count, held: interval.held }),
      ...(readable === undefined ? [] : [`count(${readable.value})`]),
    ],
    finish: async ([of, count, numbers], asking) => {
      if (readable !== undefined && Number(of) > 0 && Number(numbers) === 0)
        return { method: 'unreadable', because: readable.because }
      const found = { method: 'share' as const, count: Number(count), of: Number(of), seen: [] }
      if (found.count <= toleratedOf(check.mostly, found.of)) return found
      return withExamples({ found, check, conditions, context, asking })
    },
  }
}

interface Broken {
  readonly found: DataStatistics & { readonly method: 'share' }
  readonly check: RowCheck
  readonly conditions: RowConditions
  readonly context: PlanContext
  readonly asking: Asking
}

async function withExamples({
  found,
  check,
  conditions,
  context,
  asking,
}: Broken): Promise<DataStatistics> {
  const { broken, shown } = conditions
  const where = both(broken, check.where)
  const examples = await exampleRows(asking, where, shown, context)
  if (context.facts.redact === true || conditions.seen === 'none') return { ...found, examples }
  return { ...found, examples, seen: await seenOf({ check, conditions, asking }, where) }
}

async function seenOf(
  { check, conditions, asking }: Pick<Broken, 'check' | 'conditions' | 'asking'>,
  where: string,
): Promise<readonly (string | number)[]> {
  const { seen, value } = conditions
  if (seen === 'range') {
    const looked = check.where === undefined ? '' : ` WHERE ${conditionSql(check.where)}`
    const [row] = await asking.rows<{ least: unknown; most: unknown }>(
      `SELECT min(${value}) AS least, max(${value}) AS most FROM this${looked}`,
    )
    return [row?.least, row?.most].flatMap((one) =>
      one === null || one === undefined ? [] : [typeof one === 'string' ? one : Number(one)],
    )
  }
  const rows = await asking.rows<{ value: string }>(
    `SELECT left(${value}, ${longestShown}) AS value FROM this WHERE ${where} GROUP BY value ORDER BY count(*) DESC, value LIMIT ${mostExamples}`,
  )
  return rows.map((row) => row.value)
}

const longestShown = 80

/** The first rows, in the order of the file, with the key where there is one; with redaction their places only. */
export async function exampleRows(
  asking: Asking,
  where: string,
  columns: readonly string[],
  { facts, types }: PlanContext,
): Promise<readonly ExampleRow[]> {
  const key = (facts.key ?? []).filter((name) => types.has(name))
  const names = facts.redact === true ? [] : [...new Set([...key, ...columns])]
  const list = names.map(
    (name, at) => `left(CAST(${quoteName(name)} AS VARCHAR), ${longestShown}) AS v${at}`,
  )
  const rows = await asking.rows(
    `SELECT ${['place', ...list].join(', ')} FROM (SELECT *, row_number() OVER () AS place FROM this) WHERE ${where} ORDER BY place LIMIT ${mostExamples}`,
  )
  return rows.map((row) => ({
    row: Number(row.place),
    values: Object.fromEntries(
      names.map((name, at) => [name, (row[`v${at}`] ?? null) as string | null]),
    ),
  }))
}
