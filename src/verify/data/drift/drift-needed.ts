// How many rows would decide a drift check, were the shares to stay as they are: what a plan tells before data is collected.
import { judgeBounds } from '../../statistics/verdict.ts'
import type { DriftCheck, DriftColumn } from './drift-check.ts'
import { type ComparedColumn, totalsOf } from './drift-column.ts'
import { scoreColumn } from './drift-column-score.ts'

const most = 1e9

/** Rows of the data (the reference stays as it is) for all columns; `reference` when no number of them is enough. */
export function neededDriftRows(
  open: readonly DriftColumn[],
  check: DriftCheck,
  confidence: number,
): number | 'reference' | undefined {
  if (open.length === 0) return undefined
  const tails = { lower: 1 - confidence, upper: 1 - confidence }
  const decided = (rows: number) =>
    open.every((column) => {
      const expected = scoreColumn(withRows(column, check, rows), check.method, tails)
      return (
        typeof expected !== 'string' &&
        judgeBounds({ ...expected, limit: check.limit.value, op: check.limit.op }) !==
          'insufficient'
      )
    })
  if (!decided(most)) return 'reference'
  let low = Math.min(...open.map(({ compared }) => totalsOf(compared).liveRows))
  let high = most
  while (high > low * 1.05 + 1) {
    const middle = Math.round(Math.sqrt(low * high))
    if (decided(middle)) high = middle
    else low = middle
  }
  return Number(high.toPrecision(2)) < high
    ? Number((high * 1.05).toPrecision(2))
    : Number(high.toPrecision(2))
}

/**
 * The histogram expected of that many rows: the reference's shares plus the part of the difference that is more than chance, plus
 * the average noise of so many rows, spread as differences of ± √(p (1/n + 1/m)).
 */
function withRows(column: DriftColumn, check: DriftCheck, rows: number): DriftColumn {
  const { compared } = column
  const totals = totalsOf(compared)
  const { referenceRows: n, liveRows: m } = totals
  const now = scoreColumn(column, check.method, { lower: 0.5, upper: 0.5 })
  const excess =
    typeof now === 'string' || now.estimate <= 0 ? 0 : Math.min(1, now.lower / now.estimate)
  // Distances near equality grow with the square of the differences for psi, js and chi2, in proportion for the others.
  const kept = isSquared(check.method) ? Math.sqrt(excess) : excess
  const scaled = (reference: number, live: number, at: number) => {
    const p = reference / Math.max(1, n)
    const q = live / Math.max(1, m)
    const sampling = Math.sqrt(p * (1 / n + 1 / rows)) * (at % 2 === 0 ? 1 : -1)
    return Math.max(0, p + kept * (q - p) + sampling) * rows
  }
  const bins = compared.bins.map((bin, at) => ({
    ...bin,
    live: scaled(bin.reference, bin.live, at),
  }))
  const missing = scaled(compared.referenceMissing, compared.liveMissing, bins.length)
  const expected: ComparedColumn = { ...compared, bins, liveMissing: missing }
  return { ...column, compared: expected }
}

function isSquared(method: DriftCheck['method']): boolean {
  return (
    method === 'psi' || method === 'js_divergence' || method === 'chi2' || method === 'js_distance'
  )
}
