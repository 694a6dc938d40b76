// One metric on the rows of one group, as a function of how often every row of the holdout was drawn.
import type { RowWeights } from '../metrics/curves.ts'
import type { Metric } from '../metrics/metric.ts'
import { rowCounts } from '../metrics/row-counts.ts'
import { type Scored, selectRows } from '../metrics/scored.ts'
import { unitsOf } from '../metrics/units.ts'

export interface Draw {
  /** Undefined where the metric is. */
  readonly value: number | undefined
  /** Standard error from the rows drawn; undefined where only the spread over replicates tells. */
  readonly se: number | undefined
}

export type OfDraws = (multiplicities: RowWeights) => Draw

export function ofDraws(metric: Metric, scored: Scored, rows: Uint32Array): OfDraws {
  const own = selectRows(scored, rows)
  const ratio = ratioOf(metric, own)
  if (ratio !== undefined) return ratioOfDraws(ratio, own, rows)
  const prepared = metric.prepare(own)
  const weights = new Float64Array(rows.length)
  return (multiplicities) => {
    for (let at = 0; at < rows.length; at++) weights[at] = multiplicities[rows[at] ?? 0] ?? 0
    return { value: prepared(weights), se: undefined }
  }
}

interface RatioRows {
  readonly numerators: ArrayLike<number>
  /** Absent: 1 each. */
  readonly denominators?: ArrayLike<number>
}

/** A mean or a share is a ratio of two sums over rows; undefined for anything else. */
function ratioOf(metric: Metric, own: Scored): RatioRows | undefined {
  if (metric.rowValues !== undefined) return { numerators: metric.rowValues(own) }
  const counts = metric.count === undefined ? undefined : rowCounts(metric, own)
  if (counts === undefined) return undefined
  return { numerators: counts.successes, denominators: counts.trials }
}

/** With its linearised standard error, over entities where rows belong together (Cochran 1977, 6.4). */
function ratioOfDraws(
  { numerators, denominators }: RatioRows,
  own: Scored,
  rows: Uint32Array,
): OfDraws {
  const entities = entitiesOf(own)
  const tops = new Float64Array(entities.count)
  const bottoms = new Float64Array(entities.count)
  const rowOf = new Uint32Array(entities.count)
  for (let at = 0; at < rows.length; at++) {
    const entity = entities.of[at] ?? 0
    const weight = own.weights?.[at] ?? 1
    tops[entity] = (tops[entity] ?? 0) + weight * (numerators[at] ?? 0)
    bottoms[entity] = (bottoms[entity] ?? 0) + weight * (denominators?.[at] ?? 1)
    rowOf[entity] = rows[at] ?? 0
  }
  return (multiplicities) => {
    let top = 0
    let bottom = 0
    let drawn = 0
    for (let entity = 0; entity < entities.count; entity++) {
      const times = multiplicities[rowOf[entity] ?? 0] ?? 0
      top += times * (tops[entity] ?? 0)
      bottom += times * (bottoms[entity] ?? 0)
      if ((bottoms[entity] ?? 0) > 0) drawn += times
    }
    if (!(bottom > 0)) return { value: undefined, se: undefined }
    const value = top / bottom
    let squares = 0
    for (let entity = 0; entity < entities.count; entity++) {
      const times = multiplicities[rowOf[entity] ?? 0] ?? 0
      squares += times * ((tops[entity] ?? 0) - value * (bottoms[entity] ?? 0)) ** 2
    }
    const correction = drawn > 1 ? drawn / (drawn - 1) : 1
    return { value, se: Math.sqrt(squares * correction) / bottom }
  }
}

/** What is drawn as one (entities, blocks of time, queries), numbered from 0; every row its own where there are none. */
export function entitiesOf(scored: Scored): {
  readonly of: Uint32Array
  readonly count: number
} {
  const { ofRow, count, keys } = unitsOf(scored)
  return { of: ofRow ?? (scored.rowKeys ? ranksOf(keys) : placesOf(count)), count }
}

function placesOf(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row)
}

/** In rising order of keys, so that the same row is drawn wherever it stands. */
function ranksOf(keys: Uint32Array): Uint32Array {
  const order = placesOf(keys.length).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b)
  const ranks = new Uint32Array(keys.length)
  for (const [rank, row] of order.entries()) ranks[row] = rank
  return ranks
}
