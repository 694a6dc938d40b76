// A dataset's profile: counts on edges and categories fixed by the reference, so that two datasets can be compared and
// the evidence stays small. Drift is later computed from two profiles of the same shape.
import { quoteName, quoteText, type Tables, tableOf } from '../../build/tables/duckdb.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isFloating } from './aggregates.ts'
import { isNumeric, logicalTypeOf } from './data-check.ts'
import { describeTable } from './measure-data.ts'

export interface NumericProfile {
  readonly kind: 'numeric'
  /** Smallest value of the reference: below it is `under`. */
  readonly lowest: number
  /** Right-closed upper edges, strictly rising; bin i is (edges[i−1], edges[i]], bin 0 is [lowest, edges[0]]. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
  readonly under: number
  readonly over: number
  readonly missing: number
  /** NaN and ±Inf. */
  readonly nonfinite: number
  /** Over finite values; null without any. */
  readonly mean: number | null
  readonly std: number | null
  readonly min: number | null
  readonly max: number | null
}

export interface CategoryProfile {
  readonly kind: 'category'
  readonly categories: readonly string[]
  readonly counts: readonly number[]
  /** Values that are none of the categories. */
  readonly other: number
  readonly missing: number
}

export type ColumnProfile = NumericProfile | CategoryProfile

export interface DatasetProfile {
  readonly rows: number
  readonly columns: Readonly<Record<string, ColumnProfile>>
}

/** Files, or a SELECT statement. */
export type ProfileSource = string | readonly string[] | { readonly sql: string }

const quantileBins = 20
const fewestRestBins = 5
const mostCategories = 50

/** Profiles `columns` (default: every column of numbers, text or booleans) and fixes their edges. */
export async function profileTable(
  tables: Tables,
  source: ProfileSource,
  columns?: readonly string[],
): Promise<DatasetProfile> {
  const from = fromOf(source)
  const present = await columnsOfSource(tables, source)
  const chosen = columns ?? [...present.keys()].filter((name) => isProfiled(present.get(name)))
  const templates: Record<string, ColumnProfile> = {}
  for (const name of chosen) {
    const type = present.get(name)
    if (type === undefined || !isProfiled(type)) throw unprofilable(name, type, present)
    templates[name] = isNumeric(type)
      ? await numericTemplate(tables, from, name, type)
      : await categoryTemplate(tables, from, name)
  }
  return countOnProfile(tables, { rows: 0, columns: templates }, source)
}

/** Counts other data on the edges and categories of `reference`. Columns must be there; new columns are not looked at. */
export async function countOnProfile(
  tables: Tables,
  reference: DatasetProfile,
  source: ProfileSource,
): Promise<DatasetProfile> {
  const from = fromOf(source)
  const present = await columnsOfSource(tables, source)
  const counted: Record<string, ColumnProfile> = {}
  const expressions: string[] = []
  for (const [name, column] of Object.entries(reference.columns)) {
    const type = present.get(name)
    if (type === undefined) throw unprofilable(name, type, present)
    if (column.kind === 'numeric') expressions.push(...numericSql(name, type, column))
    else counted[name] = await countCategories(tables, from, name, column)
  }
  const { values } = await tables.columns(
    `SELECT ${['count(*)', ...expressions].map((sql, at) => `${sql} AS a${at}`).join(', ')} FROM ${from}`,
  )
  const results = values.map((column) => column[0])
  let at = 1
  for (const [name, column] of Object.entries(reference.columns)) {
    if (column.kind !== 'numeric') continue
    counted[name] = readNumeric(column, results.slice(at, at + numericFields))
    at += numericFields
  }
  const columns = Object.keys(reference.columns).flatMap((name) => {
    const column = counted[name]
    return column === undefined ? [] : [[name, column] as const]
  })
  return { rows: Number(results[0]), columns: Object.fromEntries(columns) }
}

const numericFields = 8

/** Mean and spread are rounded to 12 digits: sums of floats differ in the last bits with the number of threads. */
function numericSql(name: string, type: string, column: NumericProfile): readonly string[] {
  const raw = quoteName(name)
  const value = `TRY_CAST(${raw} AS DOUBLE)`
  const finite = isFloating(type)
    ? `CASE WHEN isfinite(${raw}) THEN ${raw}::DOUBLE END`
    : `CASE WHEN isfinite(${value}) THEN ${value} END`
  const edges = column.edges.map((edge) => `${edge}::DOUBLE`).join(', ')
  return [
    `map_values(histogram(${finite}, [${edges}]))`,
    `count_if(${finite} < ${column.lowest}::DOUBLE)`,
    `count_if(${raw} IS NULL)`,
    `count_if(${raw} IS NOT NULL AND ${finite} IS NULL)`,
    `avg(${finite})`,
    `stddev_samp(${finite})`,
    `min(${finite})`,
    `max(${finite})`,
  ]
}

function readNumeric(column: NumericProfile, results: readonly unknown[]): NumericProfile {
  const [bins, below, missing, nonfinite, mean, std, min, max] = results
  const counts = column.edges.map((_, at) => (Array.isArray(bins) ? Number(bins[at] ?? 0) : 0))
  const under = Number(below ?? 0)
  // The first bin of the engine is open to the left.
  counts[0] = (counts[0] ?? 0) - under
  return {
    kind: 'numeric',
    lowest: column.lowest,
    edges: column.edges,
    counts,
    under,
    over: Array.isArray(bins) ? Number(bins[column.edges.length] ?? 0) : 0,
    missing: Number(missing ?? 0),
    nonfinite: Number(nonfinite ?? 0),
    mean: rounded(mean),
    std: rounded(std),
    min: rounded(min),
    max: rounded(max),
  }
}

/**
 * Exact quantiles as edges. A value that holds several quantiles is an atom (the zeros of a capital gain): it gets a
 * bin of its own, and the rest is cut at its own quantiles.
 */
async function numericTemplate(
  tables: Tables,
  from: string,
  name: string,
  type: string,
): Promise<NumericProfile> {
  const raw = quoteName(name)
  const condition = isFloating(type) ? `isfinite(${raw})` : `${raw} IS NOT NULL`
  const quantilesOf = async (bins: number, where: string): Promise<readonly number[]> => {
    const levels = Array.from({ length: bins + 1 }, (_, at) => at / bins)
    const [row] = await tables.query<{ quantiles: number[] | null }>(
      `SELECT quantile_disc(${raw}::DOUBLE, [${levels.join(', ')}]) AS quantiles FROM ${from} WHERE ${where}`,
    )
    return row?.quantiles ?? []
  }
  const all = await quantilesOf(quantileBins, condition)
  const lowest = all[0] ?? 0
  const repeated = all.filter((value, at) => all[at + 1] === value)
  const atoms = [...new Set(repeated)]
  const restBins = Math.max(fewestRestBins, quantileBins - repeated.length)
  const rest =
    atoms.length === 0
      ? all
      : await quantilesOf(
          restBins,
          `${condition} AND ${raw}::DOUBLE NOT IN (${atoms.map((atom) => `${atom}::DOUBLE`).join(', ')})`,
        )
  const edges = new Set<number>([...rest.slice(1), ...atoms, all.at(-1) ?? 0])
  for (const atom of atoms) if (atom > lowest) edges.add(justBelow(atom))
  return {
    kind: 'numeric',
    lowest,
    edges: [...edges].sort((a, b) => a - b),
    counts: [],
    under: 0,
    over: 0,
    missing: 0,
    nonfinite: 0,
    mean: null,
    std: null,
    min: null,
    max: null,
  }
}

async function categoryTemplate(
  tables: Tables,
  from: string,
  name: string,
): Promise<CategoryProfile> {
  const raw = quoteName(name)
  const rows = await tables.query<{ value: string }>(
    `SELECT CAST(${raw} AS VARCHAR) AS value FROM ${from} WHERE ${raw} IS NOT NULL GROUP BY value ORDER BY count(*) DESC, value LIMIT ${mostCategories}`,
  )
  const categories = rows.map(({ value }) => value)
  return { kind: 'category', categories, counts: [], other: 0, missing: 0 }
}

async function countCategories(
  tables: Tables,
  from: string,
  name: string,
  { categories }: CategoryProfile,
): Promise<CategoryProfile> {
  const text = `CAST(${quoteName(name)} AS VARCHAR)`
  const list = categories.map(quoteText).join(', ')
  const known = categories.length === 0 ? 'NULL' : `CASE WHEN ${text} IN (${list}) THEN ${text} END`
  const rows = await tables.query<{ value: string | null; n: number; missing: number }>(
    `SELECT ${known} AS value, count(*) AS n, count_if(${text} IS NULL) AS missing FROM ${from} GROUP BY value`,
  )
  const counts = new Map(rows.map(({ value, n }) => [value, Number(n)]))
  const missing = Number(rows.find(({ value }) => value === null)?.missing ?? 0)
  return {
    kind: 'category',
    categories,
    counts: categories.map((category) => counts.get(category) ?? 0),
    other: (counts.get(null) ?? 0) - missing,
    missing,
  }
}

async function columnsOfSource(
  tables: Tables,
  source: ProfileSource,
): Promise<ReadonlyMap<string, string>> {
  if (typeof source === 'string' || !('sql' in source)) {
    const columns = await describeTable(tables, source)
    return new Map(columns.map(({ name, type }) => [name, type]))
  }
  const rows = await tables.query<{ column_name: string; column_type: string }>(
    `DESCRIBE ${source.sql}`,
  )
  return new Map(rows.map((row) => [row.column_name, row.column_type]))
}

function fromOf(source: ProfileSource): string {
  return typeof source === 'string' || !('sql' in source) ? tableOf(source) : `(${source.sql})`
}

function isProfiled(type: string | undefined): boolean {
  const logical = type === undefined ? undefined : logicalTypeOf(type)
  return logical !== undefined && logical !== 'date' && logical !== 'timestamp'
}

function unprofilable(
  name: string,
  type: string | undefined,
  present: ReadonlyMap<string, string>,
): LockstepError {
  return new LockstepError({
    code: 'profile.column',
    kind: 'invalid',
    message:
      type === undefined
        ? `Column ${name} cannot be profiled: it is not in the table.`
        : `Column ${name} cannot be profiled: it is ${type}; numbers, text and booleans can be.`,
    hint: `Columns present: ${[...present.keys()].join(', ')}.`,
  })
}

function justBelow(value: number): number {
  return value === 0 ? -1e-300 : value - Math.abs(value) * 2 ** -52
}

function rounded(value: unknown): number | null {
  if (value === null || value === undefined) return null
  return Number(Number(value).toPrecision(12))
}
