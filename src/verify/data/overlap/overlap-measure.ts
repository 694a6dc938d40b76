// Two datasets side by side, all rows of both: sampling two sides by a fraction keeps only its square of the overlap. A 64-bit hash
// finds candidates (it never misses one); only those are compared value by value.
import { quoteName, type Tables, tableOf } from '../../../build/tables/duckdb.ts'
import { sentenceOf } from '../../../foundation/errors.ts'
import { didYouMean } from '../../../project/problems.ts'
import { isNumeric, isTime, logicalTypeOf } from '../data-check.ts'
import { typesOf } from '../profile/profile-source.ts'
import type { BetweenCheck, BetweenStatistics, LabelCheck, OverlapCheck } from './overlap-check.ts'

export interface BetweenSide {
  readonly name: string
  readonly paths: readonly string[]
  readonly key: readonly string[]
  readonly time: string | null
  readonly label: string | null
}

export type MeasuredBetween =
  | BetweenStatistics
  | { readonly method: 'unreadable'; readonly because: string }

interface Side extends BetweenSide {
  readonly from: string
  readonly types: ReadonlyMap<string, string>
}

/** Never throws: what cannot be answered says why. */
export async function measureBetween(
  tables: Tables,
  check: BetweenCheck,
  find: (name: string) => BetweenSide | undefined,
): Promise<MeasuredBetween> {
  try {
    const left = await openSide(tables, check.left, find)
    const right = await openSide(tables, check.right, find)
    if (typeof left === 'string') return unreadable(left)
    if (typeof right === 'string') return unreadable(right)
    return await measureSides(tables, check, left, right)
  } catch (error) {
    return unreadable(sentenceOf(error))
  }
}

async function openSide(
  tables: Tables,
  name: string,
  find: (name: string) => BetweenSide | undefined,
): Promise<Side | string> {
  const side = find(name)
  if (side === undefined) return `there is no dataset ${name}`
  return { ...side, from: tableOf(side.paths), types: await typesOf(tables, side.paths) }
}

function measureSides(
  tables: Tables,
  check: BetweenCheck,
  left: Side,
  right: Side,
): Promise<MeasuredBetween> {
  switch (check.rule) {
    case 'overlap':
      return check.by === 'time'
        ? timesOf(tables, left, right)
        : commonRows(tables, check, left, right)
    case 'order':
      return timesOf(tables, left, right)
    case 'ratio':
      return Promise.all([rowsOf(tables, left), rowsOf(tables, right)]).then(([own, other]) => ({
        ...{ method: 'row_counts', left: own, right: other },
      }))
    case 'new_labels':
    case 'balance':
      return classCounts(tables, check, left, right)
  }
}

async function rowsOf(tables: Tables, { from }: Side): Promise<number> {
  const [row] = await tables.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${from}`)
  return row?.rows ?? 0
}

async function commonRows(
  tables: Tables,
  check: OverlapCheck,
  left: Side,
  right: Side,
): Promise<MeasuredBetween> {
  const columns = columnsBy(check, left, right)
  if (typeof columns === 'string') return unreadable(columns)
  const own = columns.map((name) => comparable(name, left, right))
  const hash = `hash(${own.join(', ')})`
  const isKey = check.by !== 'features' && check.by !== 'rows'
  const keyed = isKey
    ? columns.map((name) => `${quoteName(name)} IS NOT NULL`).join(' AND ')
    : 'true'
  const rows = { left: await rowsOf(tables, left), right: await rowsOf(tables, right) }
  const [found] = await tables.query<{ suspects: number; unkeyed: number }>(
    `SELECT count_if(${keyed} AND h IN (SELECT ${hash} FROM ${left.from})) AS suspects, count_if(NOT (${keyed})) AS unkeyed FROM (SELECT *, ${hash} AS h FROM ${right.from})`,
  )
  const shared = { method: 'common_rows' as const, rows, unkeyed: found?.unkeyed ?? 0, columns }
  if ((found?.suspects ?? 0) === 0) return { ...shared, common: 0 }
  const named = own.map((sql, at) => `${sql} AS c${at}`).join(', ')
  const same = own.map((_, at) => `s.c${at} IS NOT DISTINCT FROM l.c${at}`).join(' AND ')
  const [exact] = await tables.query<{ common: number }>(
    `WITH suspects AS (SELECT ${named} FROM ${right.from} WHERE ${keyed} AND ${hash} IN (SELECT ${hash} FROM ${left.from})),
others AS (SELECT ${named} FROM ${left.from} WHERE ${hash} IN (SELECT hash(${own.map((_, at) => `c${at}`).join(', ')}) FROM suspects))
SELECT count(*) AS common FROM suspects s SEMI JOIN others l ON ${same}`,
  )
  return { ...shared, common: exact?.common ?? 0 }
}

/** The columns that make two rows the same, or why there are none. */
function columnsBy(
  { by, except }: OverlapCheck,
  left: Side,
  right: Side,
): readonly string[] | string {
  if (by === 'key' || Array.isArray(by)) {
    const wanted = by === 'key' ? right.key : (by as readonly string[])
    if (wanted.length === 0)
      return `${right.name} declares no key: write key: under data.${right.name}, or by=COLUMN`
    return absentFrom(wanted, left) ?? absentFrom(wanted, right) ?? wanted
  }
  const stranger = except.find((name) => !left.types.has(name) && !right.types.has(name))
  if (stranger !== undefined) return absentFrom([stranger], right) ?? ''
  const aside =
    by === 'features' ? [left, right].flatMap(({ key, time, label }) => [...key, time, label]) : []
  const names = ({ types }: Side) =>
    [...types.keys()].filter((name) => !aside.includes(name) && !except.includes(name))
  const [own, other] = [names(left), names(right)]
  const alone = [
    ...own.filter((name) => !other.includes(name)),
    ...other.filter((name) => !own.includes(name)),
  ]
  if (alone.length > 0)
    return `${left.name} and ${right.name} do not have the same columns (only one has ${alone.join(', ')}); name what is to be left out under except`
  return own.length > 0 ? own : `${left.name} and ${right.name} have no columns to compare`
}

function absentFrom(columns: readonly string[], side: Side): string | undefined {
  const gone = columns.find((name) => !side.types.has(name))
  if (gone === undefined) return undefined
  const names = [...side.types.keys()]
  const near = didYouMean(gone, names)
  return `${side.name} has no column ${gone} (${near === undefined ? `columns: ${names.join(', ')}` : `did you mean ${near}?`})`
}

/** Of one type on both sides, because equal values of different types hash differently. */
function comparable(name: string, left: Side, right: Side): string {
  const raw = quoteName(name)
  const [one, other] = [left.types.get(name) ?? '', right.types.get(name) ?? '']
  if (one === other) return raw
  if (isNumeric(one) && isNumeric(other))
    return logicalTypeOf(one) === 'integer' && logicalTypeOf(other) === 'integer'
      ? `${raw}::HUGEINT`
      : `${raw}::DOUBLE`
  return isTime(one) && isTime(other) ? `${raw}::TIMESTAMPTZ` : `${raw}::VARCHAR`
}

async function timesOf(tables: Tables, left: Side, right: Side): Promise<MeasuredBetween> {
  for (const side of [left, right]) {
    if (side.time === null)
      return unreadable(`${side.name} declares no time: write time: under data.${side.name}`)
    const gone = absentFrom([side.time], side)
    if (gone !== undefined) return unreadable(gone)
  }
  const at = (side: Side) => {
    const raw = quoteName(side.time ?? '')
    const isComparable = isTime(side.types.get(side.time ?? '') ?? '')
    return isComparable ? `${raw}::TIMESTAMPTZ` : `TRY_CAST(${raw} AS TIMESTAMPTZ)`
  }
  const [row] = await tables.query<
    Record<'last' | 'first', string | null> & Record<'before' | 'equal' | 'own', number>
  >(
    `WITH l AS (SELECT max(${at(left)}) AS last, count(*) AS own FROM ${left.from})
SELECT any_value(last)::VARCHAR AS last, min(t)::VARCHAR AS first, count_if(t <= last) AS before, count_if(t = last) AS equal, any_value(own) AS own FROM l LEFT JOIN (SELECT ${at(right)} AS t FROM ${right.from}) r ON true`,
  )
  const rows = { left: row?.own ?? 0, right: await rowsOf(tables, right) }
  return {
    method: 'times',
    last: row?.last ?? null,
    first: row?.first ?? null,
    before: row?.before ?? 0,
    equal: row?.equal ?? 0,
    rows,
  }
}

const mostClasses = 1000

async function classCounts(
  tables: Tables,
  check: LabelCheck,
  left: Side,
  right: Side,
): Promise<MeasuredBetween> {
  const label = check.label ?? right.label ?? left.label
  if (label === null)
    return unreadable(
      `neither ${left.name} nor ${right.name} declares a label: write label: under data.${right.name}, or give {label: NAME}`,
    )
  const gone = absentFrom([label], left) ?? absentFrom([label], right)
  if (gone !== undefined) return unreadable(gone)
  const value = `coalesce(${comparable(label, left, right)}::VARCHAR, '(missing)') AS value`
  const classes = await tables.query<{ value: string; left: number; right: number }>(
    `SELECT value, sum(l)::BIGINT AS "left", sum(r)::BIGINT AS "right" FROM (SELECT ${value}, 1 AS l, 0 AS r FROM ${left.from} UNION ALL SELECT ${value}, 0, 1 FROM ${right.from}) GROUP BY value ORDER BY value LIMIT ${mostClasses + 1}`,
  )
  if (classes.length > mostClasses)
    return unreadable(
      `${label} has more than ${mostClasses} different values, so it is no label of classes`,
    )
  return { method: 'class_counts', classes }
}

function unreadable(because: string): MeasuredBetween {
  return { method: 'unreadable', because }
}
