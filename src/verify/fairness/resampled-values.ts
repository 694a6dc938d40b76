// One metric on the rows of one group, as a function of how often every row of the holdout was drawn.
import type { RowWeights } from '../metrics/curves.ts'
import type { Metric } from '../metrics/metric.ts'
import { type Scored, selectRows } from '../metrics/scored.ts'

export interface Draw {
  /** Undefined where the metric is. */
  readonly value: number | undefined
  /** Standard error from the rows drawn; undefined where only the spread over replicates tells. */
  readonly se: number | undefined
}

export type OfDraws = (multiplicities: RowWeights) => Draw

export function ofDraws(metric: Metric, scored: Scored, rows: Uint32Array): OfDraws {
  const own = selectRows(scored, rows)
  if (metric.rowValues !== undefined) return meanOfDraws(metric.rowValues(own), own, rows)
  const prepared = metric.prepare(own)
  const weights = new Float64Array(rows.length)
  return (multiplicities) => {
    for (let at = 0; at < rows.length; at++) weights[at] = multiplicities[rows[at] ?? 0] ?? 0
    return { value: prepared(weights), se: undefined }
  }
}

/** A weighted mean and its linearised standard error, over entities where rows belong together (Cochran 1977, 6.4). */
function meanOfDraws(values: Float64Array, own: Scored, rows: Uint32Array): OfDraws {
  const entities = entitiesOf(own)
  const sums = new Float64Array(entities.count)
  const draws = new Float64Array(entities.count)
  return (multiplicities) => {
    let total = 0
    let sum = 0
    for (let at = 0; at < rows.length; at++) {
      const weight = (multiplicities[rows[at] ?? 0] ?? 0) * (own.weights?.[at] ?? 1)
      total += weight
      sum += weight * (values[at] ?? 0)
    }
    if (!(total > 0)) return { value: undefined, se: undefined }
    const mean = sum / total
    sums.fill(0)
    for (let at = 0; at < rows.length; at++) {
      const entity = entities.of[at] ?? 0
      const residual = (own.weights?.[at] ?? 1) * ((values[at] ?? 0) - mean)
      sums[entity] = (sums[entity] ?? 0) + residual
      draws[entity] = multiplicities[rows[at] ?? 0] ?? 0
    }
    let squares = 0
    let drawn = 0
    for (let entity = 0; entity < entities.count; entity++) {
      squares += (draws[entity] ?? 0) * (sums[entity] ?? 0) ** 2
      drawn += draws[entity] ?? 0
    }
    const correction = drawn > 1 ? drawn / (drawn - 1) : 1
    return { value: mean, se: Math.sqrt(squares * correction) / total }
  }
}

/** Clusters (or blocks of time) numbered from 0; every row its own where there are none. */
export function entitiesOf({ labels, clusters, blocks }: Scored): {
  readonly of: Uint32Array
  readonly count: number
} {
  const together = clusters ?? blocks
  if (together === undefined) {
    return { of: Uint32Array.from(labels, (_, row) => row), count: labels.length }
  }
  const numbers = new Map<number, number>()
  const of = Uint32Array.from(together, (entity) => {
    const number = numbers.get(entity) ?? numbers.size
    numbers.set(entity, number)
    return number
  })
  return { of, count: numbers.size }
}
