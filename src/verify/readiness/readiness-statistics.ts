// Operational readiness, judged from what was measured on the packaged artifact in the real runtime. Measuring is done
// elsewhere; here are only the numbers and what may be concluded from them.
import { binomialCdf } from '../statistics/special-functions.ts'

export interface ReadinessEvidence {
  readonly loadMs: number
  readonly sizeBytes: number
  /** Of every answered request, in any order. */
  readonly latencyMs: Float64Array
  /** The open-loop arrival rate at which latency was measured. */
  readonly ratePerSecond: number
  readonly errors: number
  readonly requests: number
  /** Largest difference of a score between two ways of asking: twice, and in batches of one and of many. */
  readonly parityMaxDifference: number
  readonly peakRssBytes?: number
  readonly signature?: {
    readonly inputs: readonly string[]
    readonly declaredColumns: readonly string[]
  }
}

export type ReadinessSubject =
  | { readonly what: 'loads' | 'size' | 'rss' | 'parity' | 'errors' | 'error_share' | 'signature' }
  | { readonly what: 'latency'; readonly quantile: number }

/** Plain JSON; null where nothing could be measured. */
export type ReadinessStatistics =
  | { readonly method: 'measured'; readonly value: number | null }
  | { readonly method: 'errors'; readonly errors: number; readonly requests: number }
  | {
      readonly method: 'signature'
      readonly inputs: readonly string[]
      readonly undeclared: readonly string[]
    }
  | ({ readonly method: 'order_statistic' } & QuantileBounds & { readonly ratePerSecond: number })

export interface QuantileBounds {
  readonly quantile: number
  readonly confidence: number
  readonly n: number
  readonly estimate: number | null
  readonly lower: number | null
  /** null when there are too few values for an upper bound to exist. */
  readonly upper: number | null
}

export function measureReadiness(
  subject: ReadinessSubject,
  evidence: ReadinessEvidence,
  confidence: number,
): ReadinessStatistics {
  switch (subject.what) {
    case 'loads':
      return measured(evidence.loadMs)
    case 'size':
      return measured(evidence.sizeBytes)
    case 'rss':
      return measured(evidence.peakRssBytes)
    case 'parity':
      return measured(evidence.parityMaxDifference)
    case 'errors':
    case 'error_share':
      return { method: 'errors', errors: evidence.errors, requests: evidence.requests }
    case 'signature': {
      if (evidence.signature === undefined) return measured(undefined)
      const { inputs, declaredColumns } = evidence.signature
      const undeclared = inputs.filter((input) => !declaredColumns.includes(input))
      return { method: 'signature', inputs, undeclared }
    }
    case 'latency': {
      const bounds = boundQuantile(evidence.latencyMs, subject.quantile, confidence)
      return { method: 'order_statistic', ...bounds, ratePerSecond: evidence.ratePerSecond }
    }
  }
}

/**
 * One-sided bounds of a quantile by order statistics, without any assumption on the distribution (gates.md 3.2): the
 * upper bound is x₍ₖ₎ with the smallest k such that P(Binomial(n, q) ≤ k − 1) ≥ confidence.
 */
export function boundQuantile(
  values: Float64Array,
  quantile: number,
  confidence: number,
): QuantileBounds {
  const sorted = values.toSorted()
  const n = sorted.length
  const at = (rank: number) => sorted[rank - 1] ?? null
  const shared = { quantile, confidence, n }
  if (n === 0) return { ...shared, estimate: null, lower: null, upper: null }
  const upperRank = firstRank(n, (k) => binomialCdf(k - 1, n, quantile) >= confidence)
  const aboveLower = firstRank(n, (k) => binomialCdf(k - 1, n, quantile) > 1 - confidence)
  return {
    ...shared,
    estimate: at(Math.max(1, Math.ceil(quantile * n))),
    lower: aboveLower > 1 ? at(aboveLower - 1) : null,
    upper: upperRank <= n ? at(upperRank) : null,
  }
}

/** Fewest values for which an upper bound of the quantile exists: 299 for p99 at 95 %. */
export function fewestForQuantile(quantile: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(quantile))
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

function measured(value: number | undefined): ReadinessStatistics {
  return { method: 'measured', value: value !== undefined && Number.isFinite(value) ? value : null }
}
