// A proportion row by row: which rows are in its denominator, and which of them count. Needed where rows are paired, weighted or
// belong together.
import type { Metric } from './metric.ts'
import type { RowCounts } from './metric-definition.ts'
import { type BinaryScored, cellOf, type Scored, selectRows } from './scored.ts'

/** Undefined when the metric is no sum over rows (a share of queries, or of the best-ranked rows). */
export function rowCounts(metric: Metric, scored: Scored): RowCounts | undefined {
  if (metric.rowCounts) return metric.rowCounts(scored)
  const { count } = metric
  if (count === undefined || scored.task === 'ranking') return undefined
  const rows = scored.labels.length
  const successes = new Uint8Array(rows)
  const trials = new Uint8Array(rows)
  const ofOne = (row: number) => count(selectRows(scored, Uint32Array.of(row)))
  const known = new Map<number, ReturnType<typeof ofOne>>()
  for (let row = 0; row < rows; row++) {
    // Of a binary model all rows of one cell are alike.
    const alike = scored.task === 'binary' ? cell(scored, row) : undefined
    const found = (alike === undefined ? undefined : known.get(alike)) ?? ofOne(row)
    if (alike !== undefined) known.set(alike, found)
    successes[row] = found.successes
    trials[row] = found.trials
  }
  const whole = count(scored)
  const isSum = sum(successes) === whole.successes && sum(trials) === whole.trials
  return isSum ? { successes, trials } : undefined
}

function cell({ labels, scores, threshold }: BinaryScored, row: number): number {
  return cellOf(labels[row] ?? 0, scores[row] ?? Number.NaN, threshold)
}

function sum(values: Uint8Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}
