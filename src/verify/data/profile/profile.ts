// A dataset's profile: counts on edges and categories fixed by the reference, so that two datasets can be compared and
// the evidence stays small. Drift is later computed from two profiles of the same shape.
import { quoteName, quoteText, type Tables } from '../../../build/tables/duckdb.ts'
import { isNumeric } from '../data-check.ts'
import { isFloating } from '../sql-values.ts'
import {
  type FixedColumn,
  fixEdges,
  justBelow,
  mostCategories,
  writeDouble,
} from './profile-edges.ts'
import { fromOf, isProfiled, type ProfileSource, typesOf, unprofilable } from './profile-source.ts'

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

/** Plain JSON, as releases and evidence keep it. */
export interface DatasetProfile {
  readonly rows: number
  readonly columns: Readonly<Record<string, ColumnProfile>>
}

/** Profiles `columns` (default: every column of numbers, text or booleans) and fixes their edges. */
export async function profileTable(
  tables: Tables,
  source: ProfileSource,
  columns?: readonly string[],
): Promise<DatasetProfile> {
  const from = fromOf(source)
  const present = await typesOf(tables, source)
  const chosen = columns ?? [...present.keys()].filter((name) => isProfiled(present.get(name)))
  const types = new Map<string, string>()
  for (const name of chosen) {
    const type = present.get(name)
    if (!isProfiled(type)) throw unprofilable(name, type, present)
    types.set(name, type)
  }
  const [size] = await tables.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${from}`)
  const templates = await fixEdges(tables, { from, rows: size?.rows ?? 0, columns: types })
  const counted = await countColumns(tables, { from, present, columns: templates })
  const closed = Object.entries(counted.columns).map(([name, column]) =>
    column.kind === 'numeric' ? ([name, withOpenEnds(column)] as const) : ([name, column] as const),
  )
  const whole: Record<string, ColumnProfile> = {}
  for (const [name, column] of closed)
    whole[name] =
      column.kind === 'category' && column.other > 0
        ? await withEveryCategory(tables, from, name, column)
        : column
  return { rows: counted.rows, columns: whole }
}

/** Counts other data on the edges and categories of `reference`. Columns must be there; new columns are not looked at. */
export async function countOnProfile(
  tables: Tables,
  reference: DatasetProfile,
  source: ProfileSource,
): Promise<DatasetProfile> {
  const present = await typesOf(tables, source)
  for (const name of Object.keys(reference.columns))
    if (!present.has(name)) throw unprofilable(name, undefined, present)
  return countColumns(tables, { from: fromOf(source), present, columns: reference.columns })
}

type FixedNumbers = FixedColumn & { readonly kind: 'numeric' }
type FixedCategories = FixedColumn & { readonly kind: 'category' }

interface CountRequest {
  readonly from: string
  readonly present: ReadonlyMap<string, string>
  readonly columns: Readonly<Record<string, FixedColumn>>
}

/** One pass for what is missing and not finite, one for the rest: variances may not meet infinity, and asking each value is slow. */
async function countColumns(
  tables: Tables,
  { from, present, columns }: CountRequest,
): Promise<DatasetProfile> {
  const entries = Object.entries(columns)
  const { values: first } = await tables.columns(
    select(
      ['count(*)', ...entries.map(([name]) => finiteCount(name, present.get(name) ?? ''))],
      from,
    ),
  )
  const rows = Number(first[0]?.[0] ?? 0)
  const asked = entries.map(([name, column], at) => {
    const [filled = 0, finite = 0] = numbersOf(first[at + 1]?.[0])
    const type = present.get(name) ?? ''
    const expressions =
      column.kind === 'numeric'
        ? numericSql(name, { type, column, hasOthers: finite < filled })
        : [categorySql(name, column)]
    return { name, column, filled, finite, expressions }
  })
  const { values } = await tables.columns(
    select(['count(*)', ...asked.flatMap(({ expressions }) => expressions)], from),
  )
  let at = 1
  const counted = asked.map(({ name, column, filled, finite, expressions }) => {
    const found = values.slice(at, at + expressions.length).map((column) => column[0])
    at += expressions.length
    const sizes = { missing: rows - filled, nonfinite: filled - finite }
    return [
      name,
      column.kind === 'numeric'
        ? readNumeric(column, found, sizes)
        : readCategories(column, found[0], { filled, missing: rows - filled }),
    ] as const
  })
  return { rows, columns: Object.fromEntries(counted) }
}

function select(expressions: readonly string[], from: string): string {
  return `SELECT ${expressions.map((sql, at) => `${sql} AS a${at}`).join(', ')} FROM ${from}`
}

/** Values that are there, and those of them that are finite numbers. */
function finiteCount(name: string, type: string): string {
  const raw = quoteName(name)
  if (isFloating(type)) return `[count(${raw}), count_if(isfinite(${raw}))]`
  if (isNumeric(type)) return `[count(${raw}), count(${raw})]`
  return `[count(${raw}), count_if(isfinite(TRY_CAST(${raw} AS DOUBLE)))]`
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : []
}

interface NumericRequest {
  readonly type: string
  readonly column: FixedNumbers
  /** Some values are not finite numbers. */
  readonly hasOthers: boolean
}

/** Mean and spread are rounded to 12 digits when read: sums of floats differ in the last bits with the number of threads. */
function numericSql(name: string, { type, column, hasOthers }: NumericRequest): readonly string[] {
  const value = isNumeric(type)
    ? `${quoteName(name)}::DOUBLE`
    : `TRY_CAST(${quoteName(name)} AS DOUBLE)`
  const finite = hasOthers ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value
  const edges = [justBelow(column.lowest), ...column.edges].map(writeDouble).join(', ')
  return [
    `map_values(histogram(${finite}, [${edges}]))`,
    `avg(${finite})`,
    `stddev_samp(${finite})`,
    `min(${finite})`,
    `max(${finite})`,
  ]
}

function readNumeric(
  column: FixedNumbers,
  [bins, mean, std, min, max]: readonly unknown[],
  { missing, nonfinite }: { readonly missing: number; readonly nonfinite: number },
): NumericProfile {
  const [under = 0, ...found] = numbersOf(bins)
  return {
    kind: 'numeric',
    lowest: column.lowest,
    edges: column.edges,
    counts: column.edges.map((_, at) => found[at] ?? 0),
    under,
    over: found[column.edges.length] ?? 0,
    missing,
    nonfinite,
    mean: rounded(mean),
    std: rounded(std),
    min: exact(min),
    max: exact(max),
  }
}

/** Edges from a sample may end before the table does: the smallest and largest values get bins of their own. */
function withOpenEnds(column: NumericProfile): NumericProfile {
  const { under, over, min, max, lowest } = column
  const low = under > 0 && min !== null
  const high = over > 0 && max !== null
  if (!low && !high) return column
  return {
    ...column,
    lowest: low ? min : lowest,
    edges: [...(low ? [justBelow(lowest)] : []), ...column.edges, ...(high ? [max] : [])],
    counts: [...(low ? [under] : []), ...column.counts, ...(high ? [over] : [])],
    under: 0,
    over: 0,
  }
}

function categorySql(name: string, { categories }: FixedCategories): string {
  if (categories.length === 0) return 'NULL'
  const text = `CAST(${quoteName(name)} AS VARCHAR)`
  const list = categories.map(quoteText).join(', ')
  return `histogram(CASE WHEN ${text} IN (${list}) THEN ${text} END)`
}

function readCategories(
  { categories }: FixedCategories,
  found: unknown,
  { filled, missing }: { readonly filled: number; readonly missing: number },
): CategoryProfile {
  const counted = new Map(typeof found === 'object' && found !== null ? Object.entries(found) : [])
  const counts = categories.map((category) => Number(counted.get(category) ?? 0))
  const known = counts.reduce((sum, count) => sum + count, 0)
  return { kind: 'category', categories, counts, other: filled - known, missing }
}

/** A sample may have missed rare categories; as long as all fit, all are listed, so that new ones can be told from rare ones. */
async function withEveryCategory(
  tables: Tables,
  from: string,
  name: string,
  column: CategoryProfile,
): Promise<CategoryProfile> {
  if (column.categories.length >= mostCategories) return column
  const text = `CAST(${quoteName(name)} AS VARCHAR)`
  const list = column.categories.map(quoteText).join(', ')
  const among = column.categories.length === 0 ? '' : `AND ${text} NOT IN (${list})`
  const rows = await tables.query<{ value: string; n: number }>(
    `SELECT ${text} AS value, count(*) AS n FROM ${from} WHERE ${text} IS NOT NULL ${among} GROUP BY value ORDER BY n DESC, value LIMIT ${mostCategories - column.categories.length}`,
  )
  const added = rows.reduce((sum, { n }) => sum + n, 0)
  return {
    ...column,
    categories: [...column.categories, ...rows.map(({ value }) => value)],
    counts: [...column.counts, ...rows.map(({ n }) => n)],
    other: column.other - added,
  }
}

function exact(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value)
}

function rounded(value: unknown): number | null {
  if (value === null || value === undefined) return null
  return Number(Number(value).toPrecision(12))
}
