// A table described for a person: the profile of every column that has one, how many different values it holds and which are commonest.
import { quoteName, type Tables } from '../../../build/tables/duckdb.ts'
import { type ColumnProfile, type DatasetProfile, profileTable } from './profile.ts'
import { fromOf, isProfiled, type ProfileSource, typesOf } from './profile-source.ts'

export interface TableSummary {
  readonly profile: DatasetProfile
  readonly columns: readonly ColumnSummary[]
}

export interface ColumnSummary {
  readonly name: string
  /** DuckDB's name of its type. */
  readonly type: string
  readonly missing: number
  readonly distinct: number
  /** `distinct` is an estimate, within a few per cent. */
  readonly isEstimate: boolean
  /** Smallest and largest as text, for dates and times. */
  readonly ends: readonly [string, string] | null
  /** Commonest first; empty where no value is common. */
  readonly top: readonly { readonly value: string; readonly count: number }[]
  /** null for dates, times and nested types. */
  readonly profile: ColumnProfile | null
}

const exactUpTo = 2_000
const mostTop = 10
/** Rows up to which even many different values are counted one by one. */
const countedUpTo = 2_000_000

export async function summariseTable(tables: Tables, source: ProfileSource): Promise<TableSummary> {
  const profile = await profileTable(tables, source)
  const types = [...(await typesOf(tables, source))]
  const from = fromOf(source)
  const counts = await countedColumns(tables, from, types)
  const isCounted = profile.rows <= countedUpTo
  const columns: ColumnSummary[] = []
  for (const [at, [name, type]] of types.entries()) {
    const found = counts[at] ?? { filled: 0, about: 0, low: null, high: null }
    const own = profile.columns[name] ?? null
    const isCommon = found.about <= exactUpTo && !/\[\]|STRUCT|MAP/.test(type)
    const values = isCommon
      ? await topValues(tables, from, name)
      : { distinct: isCounted ? await distinctOf(tables, from, name) : found.about, top: [] }
    columns.push({
      ...{ name, type, missing: profile.rows - found.filled, isEstimate: !isCommon && !isCounted },
      ...{ distinct: values.distinct, top: isCommon ? values.top : topOf(own) },
      ends:
        isProfiled(type) || found.low === null || found.high === null
          ? null
          : [found.low, found.high],
      profile: own,
    })
  }
  return { profile, columns }
}

async function distinctOf(tables: Tables, from: string, name: string): Promise<number> {
  const [row] = await tables.query<{ count: number }>(
    `SELECT count(DISTINCT ${quoteName(name)}) AS count FROM ${from}`,
  )
  return row?.count ?? 0
}

interface Counted {
  readonly filled: number
  readonly about: number
  readonly low: string | null
  readonly high: string | null
}

async function countedColumns(
  tables: Tables,
  from: string,
  types: readonly (readonly [name: string, type: string])[],
): Promise<readonly Counted[]> {
  const expressions = types.flatMap(([name, type]) => {
    const raw = quoteName(name)
    const isOrdered = /^(DATE|TIME)/.test(type)
    return [
      `count(${raw})`,
      `approx_count_distinct(${raw})`,
      isOrdered ? `min(${raw})::VARCHAR` : 'NULL',
      isOrdered ? `max(${raw})::VARCHAR` : 'NULL',
    ]
  })
  const { values } = await tables.columns(
    `SELECT ${expressions.map((sql, at) => `${sql} AS a${at}`).join(', ')} FROM ${from}`,
  )
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value))
  return types.map((_, at) => ({
    filled: Number(values[4 * at]?.[0] ?? 0),
    about: Number(values[4 * at + 1]?.[0] ?? 0),
    low: text(values[4 * at + 2]?.[0]),
    high: text(values[4 * at + 3]?.[0]),
  }))
}

async function topValues(
  tables: Tables,
  from: string,
  name: string,
): Promise<{ distinct: number; top: ColumnSummary['top'] }> {
  const rows = await tables.query<{ value: string; count: number; distinct: number }>(
    `SELECT CAST(${quoteName(name)} AS VARCHAR) AS value, count(*) AS count, count(*) OVER () AS distinct FROM ${from} WHERE ${quoteName(name)} IS NOT NULL GROUP BY value ORDER BY count DESC, value LIMIT ${mostTop}`,
  )
  return {
    distinct: rows[0]?.distinct ?? 0,
    top: rows.map(({ value, count }) => ({ value, count })),
  }
}

/** Of many different values the profile has counted the commonest, when they are common at all. */
function topOf(profile: ColumnProfile | null): ColumnSummary['top'] {
  if (profile?.kind !== 'category') return []
  return profile.categories
    .map((value, at) => ({ value, count: profile.counts[at] ?? 0 }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, mostTop)
}
