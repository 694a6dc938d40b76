// The edges and categories that a reference fixes. Up to 65 536 rows they are its exact quantiles and commonest values; of more
// rows, those of a sample chosen by a hash of the row's number: the same rows on every machine and at any number of threads. Only
// the edges come from a sample; what is counted between them is every row.
import { quoteName, type Tables } from '../../../build/tables/duckdb.ts'
import { isNumeric } from '../data-check.ts'
import { isFloating } from '../sql-values.ts'

const quantileBins = 20
const fewestRestBins = 5
export const mostCategories = 50
const wholeUpTo = 65_536
const sampledRows = 32_768

/** What of a column a reference fixes; nothing is counted yet. */
export type FixedColumn =
  | { readonly kind: 'numeric'; readonly lowest: number; readonly edges: readonly number[] }
  | { readonly kind: 'category'; readonly categories: readonly string[] }

export interface EdgesRequest {
  readonly from: string
  readonly rows: number
  /** DuckDB's type by name of the columns to profile. */
  readonly columns: ReadonlyMap<string, string>
}

let sampled = 0

/** Columns with their edges and categories and nothing counted yet. */
export async function fixEdges(
  tables: Tables,
  { from, rows, columns }: EdgesRequest,
): Promise<Record<string, FixedColumn>> {
  if (rows <= wholeUpTo) return templatesOf(tables, from, columns)
  const sample = `lockstep_profile_sample_${++sampled}`
  const list = [...columns.keys()].map(quoteName).join(', ')
  const part = Math.floor(rows / sampledRows)
  // Salted: a table may have been split by the same hash of its row numbers.
  const drawn = `hash("lockstep row", 'lockstep profile') % ${part} = 0`
  await tables.query(
    `CREATE TEMP TABLE ${sample} AS SELECT ${list} FROM (SELECT ${list}, row_number() OVER () AS "lockstep row" FROM ${from}) WHERE ${drawn}`,
  )
  try {
    return await templatesOf(tables, sample, columns)
  } finally {
    await tables.query(`DROP TABLE ${sample}`)
  }
}

async function templatesOf(
  tables: Tables,
  from: string,
  columns: ReadonlyMap<string, string>,
): Promise<Record<string, FixedColumn>> {
  const numeric = [...columns].filter(([, type]) => isNumeric(type))
  const edges = await numericEdges(tables, from, numeric)
  const templates: Record<string, FixedColumn> = {}
  for (const [name, type] of columns) {
    templates[name] = isNumeric(type)
      ? numericTemplate(edges.get(name) ?? [])
      : await categoryTemplate(tables, from, name)
  }
  return templates
}

interface Quantiles {
  readonly name: string
  readonly type: string
  readonly bins: number
  /** Values left out. */
  readonly atoms: readonly number[]
}

/**
 * Quantiles as edges, all columns in one pass. A value that holds several quantiles is an atom (the zeros of a capital gain): it
 * gets a bin of its own, and in a second pass the rest is cut at its own quantiles. The first edge is the smallest value.
 */
async function numericEdges(
  tables: Tables,
  from: string,
  columns: readonly (readonly [name: string, type: string])[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const first = columns.map(
    ([name, type]): Quantiles => ({ name, type, bins: quantileBins, atoms: [] }),
  )
  const whole = await quantilesOf(tables, from, first)
  const rest: Quantiles[] = []
  for (const { name, type } of first) {
    const all = whole.get(name) ?? []
    const repeated = all.filter((value, at) => all[at + 1] === value)
    if (repeated.length === 0) continue
    const bins = Math.max(fewestRestBins, quantileBins - repeated.length)
    rest.push({ name, type, bins, atoms: [...new Set(repeated)] })
  }
  const cut = await quantilesOf(tables, from, rest)
  const edges = new Map<string, readonly number[]>()
  for (const { name } of first) {
    const all = whole.get(name) ?? []
    const lowest = all[0]
    if (lowest === undefined) continue
    const atoms = rest.find((one) => one.name === name)?.atoms ?? []
    const inner = atoms.length === 0 ? all : (cut.get(name) ?? [])
    const own = new Set<number>([...inner.slice(1), ...atoms, all.at(-1) ?? lowest])
    for (const atom of atoms) if (atom > lowest) own.add(justBelow(atom))
    edges.set(name, [lowest, ...[...own].sort((a, b) => a - b)])
  }
  return edges
}

async function quantilesOf(
  tables: Tables,
  from: string,
  asked: readonly Quantiles[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (asked.length === 0) return new Map()
  const expressions = asked.map(({ name, type, bins, atoms }) => {
    const raw = quoteName(name)
    const value = `${raw}::DOUBLE`
    const levels = Array.from({ length: bins + 1 }, (_, at) => at / bins)
    const conditions = [
      isFloating(type) ? `isfinite(${raw})` : `${raw} IS NOT NULL`,
      ...(atoms.length > 0 ? [`${value} NOT IN (${atoms.map(writeDouble).join(', ')})`] : []),
    ]
    return `quantile_disc(${value}, [${levels.join(', ')}]) FILTER (WHERE ${conditions.join(' AND ')})`
  })
  const { values } = await tables.columns(
    `SELECT ${expressions.map((sql, at) => `${sql} AS a${at}`).join(', ')} FROM ${from}`,
  )
  return new Map(
    asked.map(({ name }, at) => {
      const found = values[at]?.[0]
      return [name, Array.isArray(found) ? found.map(Number) : []]
    }),
  )
}

/** Exact in both directions, also for whole numbers beyond 2^53. */
export function writeDouble(value: number): string {
  return `'${value}'::DOUBLE`
}

function numericTemplate([lowest = 0, ...edges]: readonly number[]): FixedColumn {
  return { kind: 'numeric', lowest, edges: edges.length > 0 ? edges : [lowest] }
}

async function categoryTemplate(tables: Tables, from: string, name: string): Promise<FixedColumn> {
  const raw = quoteName(name)
  const rows = await tables.query<{ value: string }>(
    `SELECT CAST(${raw} AS VARCHAR) AS value FROM ${from} WHERE ${raw} IS NOT NULL GROUP BY value ORDER BY count(*) DESC, value LIMIT ${mostCategories}`,
  )
  return { kind: 'category', categories: rows.map(({ value }) => value) }
}

/** The next smaller double: right-closed edges that leave `value` itself above. */
export function justBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE
  const bits = new BigInt64Array(new Float64Array([value]).buffer)
  bits[0] = (bits[0] ?? 0n) + (value > 0 ? -1n : 1n)
  return new Float64Array(bits.buffer)[0] ?? value
}
