// Bounds of a quantile from order statistics alone: no assumption on how values are distributed, and only ranks to record.
import { binomialCdf } from '../statistics/special-functions.ts'

/** A request that was never answered took longer than any other. */
export type OrderedValue = number | 'never'

export interface QuantileBounds {
  readonly quantile: number
  readonly confidence: number
  readonly n: number
  readonly estimate: OrderedValue | null
  readonly lower: OrderedValue | null
  /** null when there are too few values for an upper bound to exist. */
  readonly upper: OrderedValue | null
  /** Which of the sorted values these are, 1-based; null with its value. */
  readonly ranks: {
    readonly estimate: number | null
    readonly lower: number | null
    readonly upper: number | null
  }
}

/**
 * One-sided bounds (gates.md 3.2): the upper bound is x₍ₖ₎ with the smallest k such that P(Binomial(n, q) ≤ k − 1) ≥
 * confidence. An infinite value stands for something that never happened.
 */
export function boundQuantile(
  values: Float64Array,
  quantile: number,
  confidence: number,
): QuantileBounds {
  const sorted = values.toSorted()
  const n = sorted.length
  const none = { estimate: null, lower: null, upper: null }
  if (n === 0) return { quantile, confidence, n, ...none, ranks: none }
  const upperRank = firstRank(n, (k) => binomialCdf(k - 1, n, quantile) >= confidence)
  const aboveLower = firstRank(n, (k) => binomialCdf(k - 1, n, quantile) > 1 - confidence)
  const ranks = {
    estimate: Math.max(1, Math.ceil(Number((quantile * n).toPrecision(12)))),
    lower: aboveLower > 1 ? aboveLower - 1 : null,
    upper: upperRank <= n ? upperRank : null,
  }
  const at = (rank: number | null) => (rank === null ? null : ordered(sorted[rank - 1]))
  return {
    ...{ quantile, confidence, n },
    ...{ estimate: at(ranks.estimate), lower: at(ranks.lower), upper: at(ranks.upper) },
    ranks,
  }
}

/** Fewest values for which an upper bound of the quantile exists: 299 for p99 at 95 %. */
export function fewestForQuantile(quantile: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(quantile))
}

/** As a number to compare with a limit. */
export function sizeOf(value: OrderedValue): number {
  return value === 'never' ? Number.POSITIVE_INFINITY : value
}

function ordered(value: number | undefined): OrderedValue | null {
  if (value === undefined) return null
  return Number.isFinite(value) ? Number(value.toPrecision(12)) : 'never'
}

/** The first rank in 1..n for which a monotone condition holds, n + 1 when none does. */
function firstRank(n: number, holds: (rank: number) => boolean): number {
  let low = 1
  let high = n + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (middle <= n && !holds(middle)) low = middle + 1
    else high = middle
  }
  return low
}
