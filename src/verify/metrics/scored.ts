// Labels and scores of the same rows, in the same order, by task: what every metric of a model is computed from.
import { assert } from '../../foundation/assert.ts'
import { descendingOrder } from './rank-rows.ts'

export type Scored = BinaryScored | MulticlassScored | RegressionScored | RankingScored

/** What any task's rows may carry beside labels and scores. */
export interface ScoredRows {
  /** How much each row counts, 0 or more; absent = 1 each. */
  readonly weights?: Float64Array
  /** The entity of each row (customer, session): rows of one entity are resampled together. Numbers may have holes. */
  readonly clusters?: Uint32Array
  /** A hash of each row's entity, so that its draws stay its own wherever its rows stand; absent: its number. */
  readonly clusterKeys?: Uint32Array
  /** A hash of what tells each row apart, for rows without entities; absent: its place. */
  readonly rowKeys?: Uint32Array
  /** The block of time of each row, in order of time. */
  readonly blocks?: Uint32Array
}

export interface BinaryScored extends ScoredRows {
  readonly task: 'binary'
  /** 1 = positive, 0 = negative. */
  readonly labels: Uint8Array
  readonly scores: Float64Array
  /** A row is selected (predicted positive) when its score is at least this. */
  readonly threshold: number
}

export interface MulticlassScored extends ScoredRows {
  readonly task: 'multiclass'
  readonly classes: readonly string[]
  /** Index of the true class. */
  readonly labels: Uint32Array
  /** Probability of every class, row by row: `scores[row * classes.length + class]`. */
  readonly scores: Float64Array
}

export interface RegressionScored extends ScoredRows {
  readonly task: 'regression'
  readonly labels: Float64Array
  readonly scores: Float64Array
}

export interface RankingScored extends ScoredRows {
  readonly task: 'ranking'
  /** Relevance of the item, 0 = not relevant. */
  readonly labels: Float64Array
  readonly scores: Float64Array
  /** The query each row answers. Numbers may have holes. */
  readonly queries: Uint32Array
}

export function rowsOf(scored: Scored): number {
  return scored.labels.length
}

/** How much each row counts: its own weight, or 1. */
export function ownWeights({ labels, weights }: Scored): Uint8Array | Float64Array {
  return weights ?? new Uint8Array(labels.length).fill(1)
}

/** The rows named, in that order, with everything they carry. */
export function selectRows(scored: BinaryScored, rows: Uint32Array): BinaryScored
export function selectRows(scored: MulticlassScored, rows: Uint32Array): MulticlassScored
export function selectRows(scored: RegressionScored, rows: Uint32Array): RegressionScored
export function selectRows(scored: RankingScored, rows: Uint32Array): RankingScored
export function selectRows(scored: Scored, rows: Uint32Array): Scored
export function selectRows(scored: Scored, rows: Uint32Array): Scored {
  const { weights, clusters, clusterKeys, rowKeys, blocks } = scored
  const carried: ScoredRows = {
    ...(weights && { weights: pickNumbers(weights, rows) }),
    ...(clusters && { clusters: pickIndices(clusters, rows) }),
    ...(clusterKeys && { clusterKeys: pickIndices(clusterKeys, rows) }),
    ...(rowKeys && { rowKeys: pickIndices(rowKeys, rows) }),
    ...(blocks && { blocks: pickIndices(blocks, rows) }),
  }
  const { task } = scored
  switch (task) {
    case 'binary': {
      const { threshold } = scored
      const labels = pick(scored.labels, rows)
      return { ...carried, task, labels, scores: pickNumbers(scored.scores, rows), threshold }
    }
    case 'multiclass': {
      const { classes } = scored
      const scores = pickMatrix(scored.scores, classes.length, rows)
      return { ...carried, task, classes, labels: pickIndices(scored.labels, rows), scores }
    }
    case 'regression': {
      const labels = pickNumbers(scored.labels, rows)
      return { ...carried, task, labels, scores: pickNumbers(scored.scores, rows) }
    }
    case 'ranking': {
      const labels = pickNumbers(scored.labels, rows)
      const queries = pickIndices(scored.queries, rows)
      return { ...carried, task, labels, scores: pickNumbers(scored.scores, rows), queries }
    }
  }
}

function pick(labels: Uint8Array, rows: Uint32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => labels[row] ?? 0)
}

function pickNumbers(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] ?? Number.NaN)
}

function pickIndices(values: Uint32Array, rows: Uint32Array): Uint32Array {
  return Uint32Array.from(rows, (row) => values[row] ?? 0)
}

function pickMatrix(values: Float64Array, width: number, rows: Uint32Array): Float64Array {
  const picked = new Float64Array(rows.length * width)
  for (let at = 0; at < rows.length; at++) {
    const from = (rows[at] ?? 0) * width
    picked.set(values.subarray(from, from + width), at * width)
  }
  return picked
}

/** Counts at the threshold. */
export interface Confusion {
  readonly tp: number
  readonly fp: number
  readonly fn: number
  readonly tn: number
}

export function countConfusion({ labels, scores, threshold }: BinaryScored): Confusion {
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

/** Row numbers from the highest score to the lowest; ties in the order of rows. */
export function rankRows(scores: Float64Array): Uint32Array {
  return descendingOrder(scores)
}
