// How the amounts of a model lie beside the true ones, as counts a page can draw: bounded in size, and ends are quantiles, so
// that no single row shows.

import { momentsOf } from '../../verify/metrics/metric-statistics.ts'
import type { RegressionScored } from '../../verify/metrics/scored.ts'
import { studentQuantile } from '../../verify/statistics/distributions.ts'

export interface RegressionFigures {
  readonly task: 'regression'
  readonly agreement: Agreement
  readonly residuals: ResidualHistogram
  /** By rising prediction; fewer where predictions are equal. */
  readonly deciles: readonly DecileFact[]
}

/** Rows on a square grid: prediction along x, truth along y. */
export interface Agreement {
  readonly from: number
  readonly to: number
  readonly bins: number
  /** Cells that hold rows. */
  readonly cells: readonly (readonly [x: number, y: number, rows: number])[]
  /** Rows beyond the ends. */
  readonly outside: number
}

/** Of prediction − truth. */
export interface ResidualHistogram {
  readonly from: number
  readonly to: number
  readonly counts: readonly number[]
  readonly below: number
  readonly above: number
}

export interface DecileFact {
  readonly from: number
  readonly to: number
  readonly rows: number
  /** Mean of prediction − truth. */
  readonly bias: number
  /** Mean absolute error with its 95 % interval (Student's t). */
  readonly mae: number
  readonly lower: number
  readonly upper: number
}

const gridBins = 28
const residualBins = 40
/** At each end, of what lies between the ends. */
const tail = 0.005

export function regressionFigures({ labels, scores }: RegressionScored): RegressionFigures {
  const errors = Float64Array.from(labels, (label, row) => (scores[row] ?? Number.NaN) - label)
  return {
    task: 'regression',
    agreement: agreementOf(labels, scores),
    residuals: residualsOf(errors),
    deciles: decilesOf(scores, errors),
  }
}

function agreementOf(labels: Float64Array, scores: Float64Array): Agreement {
  const [a, b] = [endsOf(labels), endsOf(scores)]
  const [from, to] = [Math.min(a.from, b.from), Math.max(a.to, b.to)]
  const counts = new Map<number, number>()
  let outside = 0
  const binOf = (value: number) =>
    value === to ? gridBins - 1 : Math.floor(((value - from) / (to - from)) * gridBins)
  for (const [row, label] of labels.entries()) {
    const [x, y] = [binOf(scores[row] ?? Number.NaN), binOf(label)]
    if (!(x >= 0 && x < gridBins && y >= 0 && y < gridBins)) outside++
    else counts.set(x * gridBins + y, (counts.get(x * gridBins + y) ?? 0) + 1)
  }
  const cells = [...counts]
    .sort(([one], [two]) => one - two)
    .map(([key, rows]) => [Math.floor(key / gridBins), key % gridBins, rows] as const)
  return { from: rounded(from), to: rounded(to), bins: gridBins, cells, outside }
}

function residualsOf(errors: Float64Array): ResidualHistogram {
  const { from, to } = endsOf(errors)
  const counts = new Array<number>(residualBins).fill(0)
  let [below, above] = [0, 0]
  for (const error of errors) {
    const bin = Math.floor(((error - from) / (to - from)) * residualBins)
    if (error < from) below++
    else if (error > to) above++
    else {
      const at = Math.min(residualBins - 1, bin)
      counts[at] = (counts[at] ?? 0) + 1
    }
  }
  return { from: rounded(from), to: rounded(to), counts, below, above }
}

/** Equal predictions stay together, so that the same model has the same deciles in any order of rows. */
function decilesOf(scores: Float64Array, errors: Float64Array): readonly DecileFact[] {
  const order = Uint32Array.from(scores, (_, row) => row).sort(
    (a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b,
  )
  const facts: DecileFact[] = []
  for (let start = 0; start < order.length; ) {
    const wanted = Math.ceil(((facts.length + 1) * order.length) / 10)
    let end = Math.max(start + 1, wanted)
    while (end < order.length && scores[order[end] ?? 0] === scores[order[end - 1] ?? 0]) end++
    const rows = order.subarray(start, end)
    start = end
    facts.push(decileOf(rows, scores, errors))
  }
  return facts
}

function decileOf(rows: Uint32Array, scores: Float64Array, errors: Float64Array): DecileFact {
  const own = Float64Array.from(rows, (row) => errors[row] ?? 0)
  const { mean, sd, n } = momentsOf(own.map(Math.abs))
  const half = n > 1 ? (studentQuantile(0.975, n - 1) * sd) / Math.sqrt(n) : 0
  return {
    from: rounded(scores[rows[0] ?? 0] ?? 0),
    to: rounded(scores[rows.at(-1) ?? 0] ?? 0),
    rows: n,
    bias: rounded(momentsOf(own).mean),
    mae: rounded(mean),
    lower: rounded(Math.max(0, mean - half)),
    upper: rounded(mean + half),
  }
}

function endsOf(values: Float64Array): { readonly from: number; readonly to: number } {
  const sorted = values.filter(Number.isFinite).sort()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0
  const [from, to] = [at(tail), at(1 - tail)]
  return to > from ? { from, to } : { from: from - 0.5, to: from + 0.5 }
}

function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
