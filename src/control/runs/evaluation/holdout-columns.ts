// What rows of the holdout carry beside their labels: weights, the entity and the block of time they belong to, and which of
// them are old enough for their labels to be known.
import { quoteName, type Tables } from '../../../build/tables/duckdb.ts'
import { formatDuration } from '../../../foundation/duration.ts'
import type { EvaluateSpec } from '../../../project/project-spec.ts'
import { keyOfText } from '../../../verify/metrics/units.ts'
import { holdoutUnfit, shownValue } from './holdout-unfit.ts'

export function weightsOf(values: readonly unknown[], spec: EvaluateSpec): Float64Array {
  const weights = Float64Array.from(values, (value, row) => {
    const weight = typeof value === 'bigint' ? Number(value) : value
    if (typeof weight === 'number' && Number.isFinite(weight) && weight >= 0) return weight
    throw holdoutUnfit(
      `the weight ${spec.weights} of the holdout ${spec.data} is ${shownValue(value)} in row ${row}; allowed are finite numbers from 0`,
    )
  })
  if (weights.some((weight) => weight > 0)) return weights
  throw holdoutUnfit(`every weight (${spec.weights}) of the holdout ${spec.data} is 0`)
}

/** Numbers for distinct values, in order of their first row. A row without one stands alone, save that of a query. */
export function entitiesOf(
  values: readonly unknown[],
  role: 'query' | 'cluster_by',
  spec: EvaluateSpec,
): Uint32Array {
  const numbers = new Map<string, number>()
  let next = 0
  return Uint32Array.from(values, (value, row) => {
    if (value === null || value === undefined) {
      if (role === 'query' || spec.query !== null)
        throw holdoutUnfit(
          `the query ${spec.query} of the holdout ${spec.data} is missing in row ${row}`,
        )
      return next++
    }
    const name = `${typeof value}:${String(value)}`
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, next)
    return next++
  })
}

/** What the draws of each entity follow from: its name, not the place of its rows. One without a name is known by its row. */
export function clusterKeysOf(
  values: readonly unknown[],
  clusters: Uint32Array,
  rowKeys: Uint32Array | undefined,
): Uint32Array {
  return clusters.map((cluster, row) => {
    const value = values[row]
    if (value !== null && value !== undefined) return keyOfText(`${typeof value}:${String(value)}`)
    return rowKeys?.[row] ?? keyOfText(`alone:${cluster}`)
  })
}

/** Of the columns that tell rows apart. */
export function rowKeysOf(columns: readonly (readonly unknown[])[], rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) =>
    keyOfText(
      columns.map((values) => `${typeof values[row]}:${String(values[row])}`).join('\u0000'),
    ),
  )
}

/** The number of each row's block, from the earliest. */
export function blocksOf(
  values: readonly unknown[],
  spec: EvaluateSpec,
  type: string,
): Uint32Array {
  const span = spec.blockMs ?? 1
  const times = values.map((value, row) => {
    const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
    if (Number.isFinite(at)) return at
    throw holdoutUnfit(
      `the time ${spec.time} of the holdout ${spec.data} is ${shownValue(value)} (${type}) in row ${row}; a date or time is needed`,
    )
  })
  const earliest = times.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY)
  // Blocks begin at whole multiples, so that a day is a day (UTC) whichever row comes first.
  const first = Math.floor(earliest / span)
  return Uint32Array.from(times, (at) => Math.floor(at / span) - first)
}

/** The rows whose labels had time to come, measured from the newest row, so that the same file is the same rows every day. */
export async function matureRows(
  tables: Tables,
  table: string,
  spec: EvaluateSpec,
): Promise<{ readonly table: string; readonly immature: number }> {
  const { time, maturedMs } = spec
  if (time === null || maturedMs === null) return { table, immature: 0 }
  const at = `try_cast(${quoteName(time)} as timestamp)`
  const [seen] = await tables.query<{ total: number; timed: number; newest: string | null }>(
    `select count(*) as total, count(${at}) as timed, max(${at}) as newest from ${table}`,
  )
  if (seen === undefined || seen.total === 0) return { table, immature: 0 }
  if (seen.timed < seen.total)
    throw holdoutUnfit(
      `the time ${time} of the holdout ${spec.data} is no date or time in ${seen.total - seen.timed} of ${seen.total} rows, so evaluate.matured cannot be told`,
    )
  const limit = `(select max(${at}) from ${table}) - to_microseconds(${maturedMs * 1000})`
  const matured = `(select * from ${table} where ${at} <= ${limit})`
  const [left] = await tables.query<{ rows: number }>(`select count(*) as rows from ${matured}`)
  const rows = left?.rows ?? 0
  if (rows === 0)
    throw holdoutUnfit(
      `every row of the holdout ${spec.data} is younger than ${formatDuration(maturedMs)} (evaluate.matured), measured from its newest row`,
    )
  return { table: matured, immature: seen.total - rows }
}
