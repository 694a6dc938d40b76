// Leakage into a label of numbers: Spearman's coefficient of every column with it, from whole-number ranks. Of more than 200 000 rows
// a part is looked at, chosen by a hash of the row's number; the bounds know how many rows that are.
import { quoteName, type Tables } from '../../../build/tables/duckdb.ts'
import { isNumeric, isTime, logicalTypeOf } from '../data-check.ts'
import type { RankFeature } from './leakage-check.ts'

const mostRows = 200_000

export interface RankRequest {
  readonly tables: Tables
  readonly from: string
  readonly label: string
  readonly columns: readonly (readonly [name: string, type: string])[]
}

let kept = 0

export async function rankFeatures({
  tables,
  from,
  label,
  columns,
}: RankRequest): Promise<{ rows: number; features: RankFeature[] }> {
  const y = `CASE WHEN isfinite(${quoteName(label)}::DOUBLE) THEN ${quoteName(label)}::DOUBLE END`
  const [size] = await tables.query<{ rows: number }>(`SELECT count(${y}) AS rows FROM ${from}`)
  const part = Math.max(1, Math.ceil((size?.rows ?? 0) / mostRows))
  const sample = `lockstep_leakage_sample_${++kept}`
  await tables.query(
    `CREATE TEMP TABLE ${sample} AS SELECT * FROM (SELECT *, ${y} AS "lockstep y", row_number() OVER () AS "lockstep row" FROM ${from}) WHERE "lockstep y" IS NOT NULL AND hash("lockstep row", 'lockstep leakage') % ${part} = 0`,
  )
  try {
    const [counted] = await tables.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${sample}`)
    const features: RankFeature[] = []
    const add = async (name: string, by: RankFeature['by'], pairs: string) => {
      const own = await spearman(tables, pairs)
      if (own !== undefined) features.push({ kind: 'spearman', name, by, ...own })
    }
    for (const [name, type] of columns) {
      const raw = quoteName(name)
      const logical = logicalTypeOf(type)
      if (isNumeric(type) || isTime(type)) {
        const value = isTime(type) ? `epoch(${raw})::DOUBLE` : `${raw}::DOUBLE`
        await add(
          name,
          'value',
          `SELECT ${value} AS x, "lockstep y" AS y FROM ${sample} WHERE isfinite(${value})`,
        )
      } else if (logical === 'text' || logical === 'boolean') {
        await add(name, 'category', crossFitted(sample, raw))
      }
      await add(
        name,
        'missing',
        `SELECT (${raw} IS NULL)::INT AS x, "lockstep y" AS y FROM ${sample}`,
      )
    }
    await add('', 'row number', `SELECT "lockstep row" AS x, "lockstep y" AS y FROM ${sample}`)
    return { rows: counted?.rows ?? 0, features }
  } finally {
    await tables.query(`DROP TABLE ${sample}`)
  }
}

/** The mean label of the same category in the other half, one row of the overall mean added. */
function crossFitted(sample: string, raw: string): string {
  const half = `hash("lockstep row", 'lockstep half') % 2`
  return `SELECT round((coalesce(other.total, 0) + (SELECT round(avg("lockstep y"), 9) FROM ${sample})) / (coalesce(other.rows, 0) + 1), 9) AS x, own."lockstep y" AS y FROM (SELECT *, ${half} AS half FROM ${sample}) own LEFT JOIN (SELECT CAST(${raw} AS VARCHAR) AS value, ${half} AS half, round(sum("lockstep y"), 9) AS total, count(*) AS rows FROM ${sample} GROUP BY ALL) other ON CAST(own.${raw} AS VARCHAR) = other.value AND own.half <> other.half WHERE own.${raw} IS NOT NULL`
}

/** Undefined when one side is constant. Twice the mean rank is the rank from below plus that from above. */
async function spearman(
  tables: Tables,
  pairs: string,
): Promise<{ rows: number; rho: number } | undefined> {
  const rank = (of: string) =>
    `(rank() OVER (ORDER BY ${of}) - rank() OVER (ORDER BY ${of} DESC))::HUGEINT`
  const [row] = await tables.query<{
    rows: number
    xy: number | null
    xx: number | null
    yy: number | null
  }>(
    `SELECT count(*) AS rows, sum(a * b)::DOUBLE AS xy, sum(a * a)::DOUBLE AS xx, sum(b * b)::DOUBLE AS yy FROM (SELECT ${rank('x')} AS a, ${rank('y')} AS b FROM (${pairs}))`,
  )
  if (row === undefined || !row.xx || !row.yy) return undefined
  // Ranks from below minus ranks from above are centred at 0 already.
  return {
    rows: row.rows,
    rho: Number(((row.xy ?? 0) / Math.sqrt(row.xx * row.yy)).toPrecision(9)),
  }
}
