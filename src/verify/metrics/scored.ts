// Labels and scores of the same rows, in the same order: what every metric of a binary model is computed from.
import { assert } from '../../foundation/assert.ts'

export interface Scored {
  /** 1 = positive, 0 = negative. */
  readonly labels: Uint8Array
  readonly scores: Float64Array
  /** A row is selected (predicted positive) when its score is at least this. */
  readonly threshold: number
}

/** Counts at the threshold. */
export interface Confusion {
  readonly tp: number
  readonly fp: number
  readonly fn: number
  readonly tn: number
}

export function countConfusion({ labels, scores, threshold }: Scored): Confusion {
  assert(
    labels.length === scores.length,
    `${labels.length} labels do not match ${scores.length} scores`,
  )
  const cells = [0, 0, 0, 0] as [number, number, number, number]
  for (let row = 0; row < labels.length; row++) {
    cells[cellOf(labels[row] ?? 0, scores[row] ?? Number.NaN, threshold)] += 1
  }
  return { tn: cells[0], fp: cells[1], fn: cells[2], tp: cells[3] }
}

/** 0 true negative, 1 false positive, 2 false negative, 3 true positive. */
export function cellOf(label: number, score: number, threshold: number): 0 | 1 | 2 | 3 {
  if (label === 1) return score >= threshold ? 3 : 2
  return score >= threshold ? 1 : 0
}

export function selectRows(scored: Scored, rows: Uint32Array): Scored {
  return { ...scored, labels: pick(scored.labels, rows), scores: pickScores(scored.scores, rows) }
}

export function pick(labels: Uint8Array, rows: Uint32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => labels[row] ?? 0)
}

export function pickScores(scores: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => scores[row] ?? Number.NaN)
}

/** Row numbers from the highest score to the lowest. */
export function rankRows(scores: Float64Array): Uint32Array {
  const rows = Uint32Array.from(scores, (_, row) => row)
  return rows.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
}
