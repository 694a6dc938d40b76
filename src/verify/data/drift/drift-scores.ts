// How far two histograms on the same bins lie apart. Every score is named with its variant, because tools use one name for
// different numbers (gates.md 2.3). Gates and monitors use these same functions.
import type { ComparedBin, ComparedColumn } from './drift-column.ts'

export type Pair = Pick<ComparedBin, 'reference' | 'live'>

/** All bins that hold something; rows without a value are a bin of their own. */
export function occupiedBins(column: ComparedColumn): Pair[] {
  const missing = { reference: column.referenceMissing, live: column.liveMissing }
  return [...column.bins, missing].filter(({ reference, live }) => reference + live > 0)
}

/** Bins in which fewer than 5 rows are expected on the smaller side are counted together: the chi-square law needs about that many. */
export function withoutRareBins(bins: readonly Pair[], smallerSide: number): Pair[] {
  // Which bins are rare is read from both sides together, so the choice itself cannot make a difference look large.
  const isRare = ({ reference, live }: Pair) => (reference + live) * smallerSide < 5
  const rare = bins.filter(isRare)
  if (rare.length < 2) return [...bins]
  const together = { reference: sumOf(rare, 'reference'), live: sumOf(rare, 'live') }
  return [...bins.filter((bin) => !isRare(bin)), together]
}

export interface Totals {
  readonly reference: number
  readonly live: number
}

export function pairTotals(bins: readonly Pair[]): Totals {
  return { reference: sumOf(bins, 'reference'), live: sumOf(bins, 'live') }
}

/** Σ (p − q) ln(p / q), half a count added to each bin. */
export function stabilityIndex(bins: readonly Pair[]): number {
  const n = bins.reduce((sum, bin) => sum + bin.reference + 0.5, 0)
  const m = bins.reduce((sum, bin) => sum + bin.live + 0.5, 0)
  let sum = 0
  for (const bin of bins) {
    const p = (bin.reference + 0.5) / n
    const q = (bin.live + 0.5) / m
    sum += (p - q) * Math.log(p / q)
  }
  return sum
}

/** (KL(p‖mid) + KL(q‖mid)) / 2 with logarithms of base 2 and 0 · log 0 = 0 (Lin 1991): 0 for equal, 1 for disjoint. */
export function jensenShannonDivergence(bins: readonly Pair[]): number {
  const { reference: n, live: m } = pairTotals(bins)
  if (n === 0 || m === 0) return 0
  let divergence = 0
  for (const bin of bins) {
    const p = bin.reference / n
    const q = bin.live / m
    const middle = (p + q) / 2
    if (p > 0) divergence += (p * Math.log2(p / middle)) / 2
    if (q > 0) divergence += (q * Math.log2(q / middle)) / 2
  }
  return Math.max(0, divergence)
}

/** The square root of the divergence, which is a metric (SciPy's jensenshannon, base=2). */
export function jensenShannonDistance(bins: readonly Pair[]): number {
  return Math.sqrt(jensenShannonDivergence(bins))
}

/**
 * χ²/N of the 2 × bins table when both sides weigh the same: ½ Σ (p − q)² / (p + q). With the counts as they are the number would
 * depend on how many rows each side has: a few against many look alike whatever they hold.
 */
export function balancedChiSquare(bins: readonly Pair[]): number {
  const { reference: n, live: m } = pairTotals(bins)
  if (n === 0 || m === 0) return 0
  let sum = 0
  for (const { reference, live } of bins) {
    const [p, q] = [reference / n, live / m]
    if (p + q > 0) sum += (p - q) ** 2 / (p + q)
  }
  return sum / 2
}

/** √(χ²/N) of that table: 0 for equal, 1 for disjoint. */
export function cramersV(bins: readonly Pair[]): number {
  return Math.sqrt(balancedChiSquare(bins))
}

/** Half the sum of absolute differences of shares: the share of rows that would have to move. */
export function totalVariation(bins: readonly Pair[]): number {
  return differences(bins).reduce((sum, difference) => sum + Math.abs(difference), 0) / 2
}

/** Largest difference of any bin's share (L∞). */
export function largestDifference(bins: readonly Pair[]): number {
  return Math.max(0, ...differences(bins).map(Math.abs))
}

/** Largest difference of the two distribution functions at the edges: at most that of the raw values, and usually near it. */
export function kolmogorovSmirnov(bins: readonly Pair[]): number {
  let below = 0
  let largest = 0
  for (const difference of differences(bins)) {
    below += difference
    largest = Math.max(largest, Math.abs(below))
  }
  return largest
}

/** Shares of the first side minus shares of the second, by bin. */
export function differences(bins: readonly Pair[]): number[] {
  const { reference: n, live: m } = pairTotals(bins)
  if (n === 0 || m === 0) return bins.map(() => 0)
  return bins.map(({ reference, live }) => reference / n - live / m)
}

function sumOf(bins: readonly Pair[], side: keyof Totals): number {
  return bins.reduce((sum, bin) => sum + bin[side], 0)
}

/** A stretch of the axis, and how the difference of the distribution functions goes along it. */
export interface Stretch {
  readonly width: number
  readonly from: number
  readonly to: number
  /** Both sides' distribution function together, in the middle. */
  readonly level: number
}

export interface PlacedColumn {
  readonly column: ComparedColumn
  /** Smallest and largest finite value of both sides: where the open bins end. */
  readonly low: number
  readonly high: number
}

/** Values are taken to lie evenly inside a bin, so that the difference of the distribution functions is a line there. */
export function stretchesOf({ column, low, high }: PlacedColumn): Stretch[] {
  const placed = column.bins.filter((bin) => bin.from !== undefined && bin.to !== undefined)
  const { reference: n, live: m } = pairTotals(placed)
  const moved = differences(placed)
  const stretches: Stretch[] = []
  let before = 0
  let pooled = 0
  let end: number | undefined
  for (const [at, bin] of placed.entries()) {
    const from = bin.from ?? Math.min(low, bin.to ?? low)
    const to = bin.to ?? Math.max(high, from)
    if (end !== undefined && from > end)
      stretches.push({ width: from - end, from: before, to: before, level: pooled })
    const after = before + (moved[at] ?? 0)
    const share = (bin.reference + bin.live) / Math.max(1, n + m)
    stretches.push({
      width: Math.max(0, to - from),
      from: before,
      to: after,
      level: pooled + share / 2,
    })
    before = after
    pooled += share
    end = to
  }
  return stretches
}

/** ∫ |F − G| of piecewise linear functions (Vallender 1974): the work of moving one distribution onto the other. */
export function wassersteinOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { width, from, to }) => sum + width * meanSize(from, to), 0)
}

/** Mean of |f| along a line from one value to another. */
function meanSize(from: number, to: number): number {
  if (from * to >= 0) return (Math.abs(from) + Math.abs(to)) / 2
  return (from * from + to * to) / (2 * (Math.abs(from) + Math.abs(to)))
}
