// A schema proposed from data, with slack: what a next delivery of the same data would still satisfy (gates.md 7; TFDV's idea).
// Ranges come from finite values, shares from counts; no line rests on fewer rows than can carry it.
import type { Tables } from '../../../build/tables/duckdb.ts'
import { quoteName } from '../../../build/tables/duckdb.ts'
import { isTime, logicalTypeOf } from '../data-check.ts'
import { type ColumnProfile, profileTable } from '../profile/profile.ts'
import { fromOf, isProfiled, type ProfileSource, typesOf } from '../profile/profile-source.ts'
import { isFloating } from '../sql-values.ts'

/** The map form of a column in lockstep.yaml, as far as data can tell it. */
export interface InferredColumn {
  readonly type?: string
  readonly required?: true
  readonly unique?: true
  readonly missing?: string
  readonly in?: readonly (string | number)[]
  readonly between?: readonly [number, number]
  readonly min?: string
}

export interface ColumnProposal {
  readonly name: string
  readonly column: InferredColumn
  /** What it was inferred from, in one line. */
  readonly because: string
  readonly seen: SeenColumn
}

/** The values themselves, without slack. */
export interface SeenColumn {
  readonly missing: number
  readonly least: number | null
  readonly greatest: number | null
  /** Every value of a column with few of them. */
  readonly values: readonly string[] | null
}

export interface SchemaProposal {
  readonly rows: number
  readonly columns: readonly ColumnProposal[]
  readonly checks: readonly string[]
}

/** Below this many rows only types are proposed. */
export const fewestRows = 100
/** From so many rows on a column that never lacked a value is required. */
const rowsToRequire = 1000
const mostTexts = 20
const mostNumbers = 10
/** Each value of an allowed set must have been seen so often on average. */
const rowsPerValue = 20

export async function inferSchema(tables: Tables, source: ProfileSource): Promise<SchemaProposal> {
  const types = await typesOf(tables, source)
  const profiled = [...types].flatMap(([name, type]) => (isProfiled(type) ? [name] : []))
  const profile = profiled.length > 0 ? await profileTable(tables, source, profiled) : undefined
  const counts = await countColumns(tables, source, types)
  const columns = counts.columns.map((counted) =>
    proposeColumn(counted, profile?.columns[counted.name], counts.rows),
  )
  const checks = counts.rows >= fewestRows ? [`rows >= ${roundDown(counts.rows / 2)}`] : []
  return { rows: counts.rows, columns, checks }
}

interface CountedColumn {
  readonly name: string
  readonly type: string
  readonly filled: number
  readonly distinct: number
  /** Of dates and times. */
  readonly earliest: string | null
}

async function countColumns(
  tables: Tables,
  source: ProfileSource,
  types: ReadonlyMap<string, string>,
): Promise<{ readonly rows: number; readonly columns: readonly CountedColumn[] }> {
  const asked = [...types].flatMap(([name, type]) => {
    const column = quoteName(name)
    const isNested = logicalTypeOf(type) === undefined
    return [
      `count(${column})`,
      isNested ? '0' : `count(DISTINCT ${column})`,
      isTime(type) ? `CAST(CAST(min(${column}) AS DATE) AS VARCHAR)` : 'NULL',
    ]
  })
  const { values } = await tables.columns(
    `SELECT ${['count(*)', ...asked].join(', ')} FROM ${fromOf(source)}`,
  )
  const cell = (at: number) => values[at]?.[0]
  const columns = [...types].map(([name, type], at) => {
    const earliest = cell(3 * at + 3)
    return {
      name,
      type,
      filled: Number(cell(3 * at + 1) ?? 0),
      distinct: Number(cell(3 * at + 2) ?? 0),
      earliest: typeof earliest === 'string' ? earliest : null,
    }
  })
  return { rows: Number(cell(0) ?? 0), columns }
}

function proposeColumn(
  counted: CountedColumn,
  profile: ColumnProfile | undefined,
  rows: number,
): ColumnProposal {
  const { name, type, distinct, earliest } = counted
  const logical = logicalTypeOf(type)
  const missing = Math.max(rows - counted.filled, profile?.missing ?? 0)
  const said = [`${rows} rows`, `${missing} missing`, `${distinct} values`]
  const seen = seenOf(profile, missing)
  const base: InferredColumn = logical === undefined ? { type } : { type: logical }
  if (rows < fewestRows)
    return { name, column: base, seen, because: `${said.join(', ')}: too few for more` }
  const isKey = distinct === rows && missing === 0 && !isFloating(type) && logical !== undefined
  const values = isKey ? undefined : valuesOf(profile, { distinct, rows, type })
  const range = isKey || values !== undefined ? undefined : rangeOf(profile, type)
  const column: InferredColumn = {
    ...base,
    ...missingOf(missing, rows),
    ...(isKey ? { unique: true as const } : {}),
    ...(values === undefined ? {} : { in: values }),
    ...(range === undefined ? {} : { between: range }),
    ...(earliest === null ? {} : { min: earliest }),
  }
  if (profile?.kind === 'numeric' && profile.min !== null)
    said.push(`${profile.min} to ${profile.max}`)
  return { name, column, seen, because: said.join(', ') }
}

function seenOf(profile: ColumnProfile | undefined, missing: number): SeenColumn {
  const isNumeric = profile?.kind === 'numeric'
  return {
    missing,
    least: isNumeric ? profile.min : null,
    greatest: isNumeric ? profile.max : null,
    values: profile?.kind === 'category' && profile.other === 0 ? profile.categories : null,
  }
}

/**
 * None missing of many rows: required. Else the upper end of a 95 % interval of the share: 3/n where none was missing (the
 * rule of three), else n + 2·√n more, rounded up.
 */
function missingOf(missing: number, rows: number): Pick<InferredColumn, 'required' | 'missing'> {
  if (missing === 0 && rows >= rowsToRequire) return { required: true }
  const share = (missing + 3 + 2 * Math.sqrt(missing)) / rows
  return share >= 1 ? {} : { missing: `${roundUp(share * 100)}%` }
}

interface Shape {
  readonly distinct: number
  readonly rows: number
  readonly type: string
}

/** Few values that cover all: an allowed set. */
function valuesOf(
  profile: ColumnProfile | undefined,
  { distinct, rows, type }: Shape,
): readonly (string | number)[] | undefined {
  // One value alone is no set: it may be this delivery's year.
  if (distinct < 2 || rows < rowsPerValue * distinct) return undefined
  if (profile?.kind === 'category') {
    const isText = logicalTypeOf(type) === 'text'
    if (!isText || profile.other > 0 || distinct > mostTexts) return undefined
    return profile.categories.toSorted()
  }
  if (profile?.kind !== 'numeric' || isFloating(type) || distinct > mostNumbers) return undefined
  const { min, max } = profile
  // Whole numbers without a gap between the least and the greatest: a code, a grade, a label.
  if (min === null || max === null || max - min + 1 !== distinct) return undefined
  return Array.from({ length: distinct }, (_, at) => min + at)
}

/** A tenth of the span on each side, rounded outward; what never was negative stays so. */
function rangeOf(
  profile: ColumnProfile | undefined,
  type: string,
): readonly [number, number] | undefined {
  if (profile?.kind !== 'numeric' || profile.min === null || profile.max === null) return undefined
  const { min, max } = profile
  const slack = (max - min) / 10 || Math.max(1, Math.abs(max) / 10)
  const grain = 10 ** (Math.floor(Math.log10(slack)) - (isFloating(type) ? 1 : 0))
  const step = isFloating(type) ? grain : Math.max(1, grain)
  const least = plain(Math.floor((min - slack) / step) * step)
  const most = plain(Math.ceil((max + slack) / step) * step)
  return [min >= 0 ? Math.max(0, least) : least, max <= 0 ? Math.min(0, most) : most]
}

/** Two significant digits, so that lines are readable. */
function roundUp(value: number): number {
  const grain = 10 ** (Math.floor(Math.log10(value)) - 1)
  return plain(Math.ceil(value / grain) * grain)
}

function roundDown(value: number): number {
  const grain = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.floor(value / grain) * grain
}

function plain(value: number): number {
  return Number(value.toPrecision(12))
}
