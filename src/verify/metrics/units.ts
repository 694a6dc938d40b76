// What is drawn as one when rows are resampled: a row, an entity with all its rows, a block of time, or a query with its answers.
import { normalQuantile } from '../statistics/special-functions.ts'
import type { Scored } from './scored.ts'

export type UnitKind = 'rows' | 'entities' | 'blocks of time' | 'queries'

export interface Units {
  readonly kind: UnitKind
  readonly count: number
  /** Unit of every row, 0 to count − 1; null when every row is its own. */
  readonly ofRow: Uint32Array | null
  /** What a unit's draws are derived from: the same for the same entity, wherever its rows stand. */
  readonly keys: Uint32Array
}

/** Rows of one entity or one day share their luck: the coarser of the two partitions is drawn. */
export function unitsOf(scored: Scored): Units {
  const rows = scored.labels.length
  const found: Units[] = []
  if (scored.clusters)
    found.push(partition('entities', scored.clusters, scored.clusterKeys ?? scored.clusters))
  if (scored.blocks) found.push(partition('blocks of time', scored.blocks))
  if (scored.task === 'ranking' && found.length === 0)
    found.push(partition('queries', scored.queries))
  const coarsest = found.toSorted((a, b) => a.count - b.count)[0]
  if (coarsest !== undefined) return coarsest
  return {
    kind: 'rows',
    count: rows,
    ofRow: null,
    keys: scored.rowKeys ?? Uint32Array.from({ length: rows }, (_, row) => row),
  }
}

/**
 * Numbered in rising order of their keys, so that sums over units do not depend on the order of rows. Two units may share a key (one
 * pair in four billion does): they stay two, with the same draws.
 */
function partition(kind: UnitKind, unitOfRow: Uint32Array, keyOfRow = unitOfRow): Units {
  const keyOf = new Map<number, number>()
  for (const [row, unit] of unitOfRow.entries()) keyOf.set(unit, keyOfRow[row] ?? unit)
  const units = [...keyOf].sort(([a, one], [b, other]) => one - other || a - b)
  const numbers = new Map(units.map(([unit], number) => [unit, number] as const))
  return {
    kind,
    count: units.length,
    ofRow: unitOfRow.map((unit) => numbers.get(unit) ?? 0),
    keys: Uint32Array.from(units, ([, key]) => key),
  }
}

/** A key of 32 bits from what names an entity or a row: FNV-1a, scrambled. */
export function keyOfText(text: string): number {
  let value = 0x81_1c_9d_c5
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01_00_01_93)
  }
  return scramble(value)
}

/** A 32-bit finaliser with full avalanche ("lowbias32", C. Wellons 2018), keyed twice so that replicates share nothing. */
export function keyedHash(key: number, salt: number, pepper: number): number {
  return scramble(scramble((key + salt) | 0) ^ pepper)
}

function scramble(value: number): number {
  let x = value
  x = Math.imul(x ^ (x >>> 16), 0x7f_eb_35_2d)
  x = Math.imul(x ^ (x >>> 15), 0x84_6c_a6_8b)
  return (x ^ (x >>> 16)) >>> 0
}

/** z of the share of values below `at`, ties half: 0 when it is their median; held inside what so few values can say. */
export function zOfShareBelow(values: readonly number[], at: number): number {
  let below = 0
  // What differs in the last digits only is the order of a sum: a tie.
  const slack = 1e-12 * Math.abs(at)
  for (const value of values) below += value < at - slack ? 1 : value <= at + slack ? 0.5 : 0
  const share = Math.min(values.length - 0.5, Math.max(0.5, below)) / values.length
  return normalQuantile(share)
}
