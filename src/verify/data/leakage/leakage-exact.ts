// The exact, tie-correct area of one column against one class, in SQL. All sums are of whole numbers, so they are the same at any
// number of threads.
import { quoteName, quoteText, type Tables } from '../../../build/tables/duckdb.ts'
import { aucOfSums, type GroupedAuc } from './leakage-auc.ts'
import type { LeakageBy } from './leakage-check.ts'

export interface FeatureSql {
  /** A numeric expression, or the column of a category. */
  readonly value: string
  readonly by: Exclude<LeakageBy, 'missing'>
}

export interface ExactRequest {
  readonly from: string
  readonly label: string
  /** The class against all others. */
  readonly side: string
  readonly feature: FeatureSql
}

/** Undefined when one side has no rows. */
export async function exactAuc(
  tables: Tables,
  request: ExactRequest,
): Promise<Omit<GroupedAuc, 'within'> | undefined> {
  const [row] = await tables.query<
    Record<'positives' | 'negatives' | 'wins' | 'wins2' | 'losses2', number | null>
  >(
    `WITH ${groupsSql(request)},
ranked AS (SELECT p, n, sum(n) OVER up - n AS below, sum(p) OVER () - sum(p) OVER up AS above FROM grouped WINDOW up AS (ORDER BY score ROWS UNBOUNDED PRECEDING)),
placed AS (SELECT p::HUGEINT AS p, n::HUGEINT AS n, (2 * below + n)::HUGEINT AS a, (2 * above + p)::HUGEINT AS b FROM ranked)
SELECT sum(p)::DOUBLE AS positives, sum(n)::DOUBLE AS negatives, sum(p * a)::DOUBLE AS wins, sum(p * a * a)::DOUBLE AS wins2, sum(n * b * b)::DOUBLE AS losses2 FROM placed`,
  )
  const positives = row?.positives ?? 0
  const negatives = row?.negatives ?? 0
  if (row === undefined || positives === 0 || negatives === 0) return undefined
  return aucOfSums({
    positives,
    negatives,
    wins: row.wins ?? 0,
    winSquares: row.wins2 ?? 0,
    lossSquares: row.losses2 ?? 0,
  })
}

/** `grouped(score, p, n)`: the rows of the class and the others by score. */
function groupsSql({ from, label, side, feature }: ExactRequest): string {
  const y = `(CAST(${quoteName(label)} AS VARCHAR) = ${quoteText(side)})::INT`
  const known = `${quoteName(label)} IS NOT NULL`
  if (feature.by === 'value')
    return `grouped AS (SELECT ${feature.value} AS score, sum(${y})::BIGINT AS p, count(*) - sum(${y})::BIGINT AS n FROM ${from} WHERE ${known} AND score IS NOT NULL GROUP BY score)`
  const read = feature.by === 'category' ? [quoteName(label), feature.value] : [quoteName(label)]
  const numbered = `numbered AS (SELECT ${read.join(', ')}, row_number() OVER () AS "lockstep row" FROM ${from})`
  if (feature.by === 'row number')
    return `${numbered}, grouped AS (SELECT "lockstep row" AS score, ${y}::BIGINT AS p, (1 - ${y})::BIGINT AS n FROM numbered WHERE ${known})`
  return `${numbered}, ${crossFitted(feature.value, y, known)}`
}

/**
 * A category is worth what rows of the other half of the table say about it: its own rows would make every identifier look like a
 * perfect predictor. One row of the overall share is added, so that what was never seen there counts as average.
 */
function crossFitted(value: string, y: string, known: string): string {
  return `halves AS (SELECT CAST(${value} AS VARCHAR) AS value, hash("lockstep row", 'lockstep leakage') % 2 AS half, sum(${y})::BIGINT AS p, count(*) - sum(${y})::BIGINT AS n FROM numbered WHERE ${known} AND ${value} IS NOT NULL GROUP BY ALL),
average AS (SELECT sum(p)::DOUBLE / sum(p + n)::DOUBLE AS share FROM halves),
scored AS (SELECT round((coalesce(other.p, 0) + (SELECT share FROM average)) / (coalesce(other.p + other.n, 0) + 1), 12) AS score, own.p, own.n FROM halves own LEFT JOIN halves other ON own.value = other.value AND own.half <> other.half),
grouped AS (SELECT score, sum(p)::BIGINT AS p, sum(n)::BIGINT AS n FROM scored GROUP BY score)`
}
