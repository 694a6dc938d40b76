// What is asked of a table after the shared pass: each question once, exact quantiles within a bounded memory.
import type { GuardedTables } from '../../build/tables/duckdb.ts'
import type { Asking, CheckPlan } from './check-plan.ts'

/** Beyond it a quantile is found by a sort that spills, not by an aggregate that keeps every value in memory. */
const mostHeldByDefault = 16_000_000

export interface AskingSettings {
  readonly mostHeld?: number
  /** Makes the table cheap to read again, for when more than two things are asked. */
  readonly keep?: () => Promise<void>
}

export function askingOf(
  tables: GuardedTables,
  plans: readonly CheckPlan[],
  { mostHeld = mostHeldByDefault, keep }: AskingSettings = {},
): Asking {
  const answers = new Map<string, Promise<readonly unknown[]>>()
  let kept: Promise<void> | undefined
  const prepared = async () => {
    if (keep === undefined || answers.size < 2) return
    // Where it cannot be kept it is read again.
    kept ??= keep().catch(() => undefined)
    await kept
  }
  const once = <Row>(sql: string, ask: () => Promise<readonly Row[]>) => {
    const before = answers.get(sql)
    const answer = before ?? prepared().then(ask)
    if (before === undefined) answers.set(sql, answer)
    return answer as Promise<readonly Row[]>
  }
  const rows = <Row>(sql: string) => once<Row>(sql, () => tables.query<Row>(sql))
  const levels = levelsByValue(plans)
  return {
    tables,
    rows,
    within: (sql, limitMs) => once(sql, () => tables.queryWithin(sql, limitMs)),
    requireSelect: (sql) => tables.requireSelect(sql),
    async quantile(value, level, count) {
      if (count > mostHeld) return sortedQuantile(rows, value, level, count)
      const asked = levels.get(value) ?? [level]
      const [row] = await rows<{ found: readonly (number | null)[] | null }>(
        `SELECT quantile_cont((${value})::DOUBLE, [${asked.join(', ')}]) AS found FROM this`,
      )
      return row?.found?.[asked.indexOf(level)] ?? null
    },
  }
}

function levelsByValue(plans: readonly CheckPlan[]): ReadonlyMap<string, readonly number[]> {
  const levels = new Map<string, number[]>()
  for (const { quantile } of plans) {
    if (quantile === undefined) continue
    const own = levels.get(quantile.value) ?? []
    if (!own.includes(quantile.level)) own.push(quantile.level)
    levels.set(quantile.value, own)
  }
  return levels
}

/** Linear between the two neighbours of (n − 1) · level, as numpy and the engine's own quantile do. */
async function sortedQuantile(
  rows: Asking['rows'],
  value: string,
  level: number,
  count: number,
): Promise<number | null> {
  const place = (count - 1) * level
  const below = Math.floor(place)
  const found = await rows<{ value: number }>(
    `SELECT value FROM (SELECT (${value})::DOUBLE AS value FROM this) WHERE value IS NOT NULL ORDER BY value LIMIT 2 OFFSET ${below}`,
  )
  const [low, high = low] = found.map((row) => row.value)
  if (low === undefined || high === undefined) return null
  return low + (high - low) * (place - below)
}
