// Scores in bins, and what the bins say about calibration: calibration errors and the parts of the Brier score.
import type { RowWeights } from './curves.ts'
import type { Binning } from './metric-parameters.ts'
import { descendingOrder } from './rank-rows.ts'

/** Sums of every bin; `positives` and `scores` are weighted. */
export interface BinTotals {
  readonly total: number
  readonly weight: Float64Array
  readonly positives: Float64Array
  readonly scores: Float64Array
}

export interface BinnedRows {
  /** 1 where the row is of the class whose probability the score is; read at each evaluation. */
  readonly labels: Uint8Array
  readonly scores: Float64Array
  readonly weights?: Float64Array
}

/** Bins (a, b], the first closed below, as scikit-learn's `calibration_curve`; edges are fixed before any resampling. */
export function binRows(
  { labels, scores, weights: own }: BinnedRows,
  binning: Binning,
): (weights: RowWeights) => BinTotals {
  const edges =
    binning.kind === 'u' ? uniformEdges(binning.bins) : quantileEdges(scores, binning, own)
  const binOf = Uint16Array.from(scores, (score) => firstAtLeast(edges, score))
  return (weights) => {
    const weight = new Float64Array(binning.bins)
    const positives = new Float64Array(binning.bins)
    const sums = new Float64Array(binning.bins)
    let total = 0
    for (let row = 0; row < binOf.length; row++) {
      const own = weights[row] ?? 0
      if (own === 0) continue
      const bin = binOf[row] ?? 0
      weight[bin] = (weight[bin] ?? 0) + own
      sums[bin] = (sums[bin] ?? 0) + own * (scores[row] ?? 0)
      if (labels[row] === 1) positives[bin] = (positives[bin] ?? 0) + own
      total += own
    }
    return { total, weight, positives, scores: sums }
  }
}

/** Σ n_b/n |ȳ_b − p̄_b| (Naeini, Cooper & Hauskrecht 2015). Biased upwards in small samples. */
export function expectedError({ total, positives, scores }: BinTotals): number | undefined {
  let sum = 0
  for (let bin = 0; bin < positives.length; bin++) {
    sum += Math.abs((positives[bin] ?? 0) - (scores[bin] ?? 0))
  }
  return total > 0 ? sum / total : undefined
}

/** The largest |ȳ_b − p̄_b| of a bin that has rows. */
export function maximumError({ total, weight, positives, scores }: BinTotals): number | undefined {
  let most = 0
  for (let bin = 0; bin < weight.length; bin++) {
    const own = weight[bin] ?? 0
    if (own > 0) most = Math.max(most, Math.abs((positives[bin] ?? 0) - (scores[bin] ?? 0)) / own)
  }
  return total > 0 ? most : undefined
}

export interface BrierParts {
  /** Σ n_b/n (p̄_b − ȳ_b)²: how far the bins are from what they say. */
  readonly reliability: number
  /** Σ n_b/n (ȳ_b − ȳ)²: how far apart the bins are. */
  readonly resolution: number
  /** ȳ (1 − ȳ): what the labels alone make uncertain. */
  readonly uncertainty: number
}

/** Murphy 1973. Brier = reliability − resolution + uncertainty, up to the spread of scores inside a bin. */
export function brierParts({
  total,
  weight,
  positives,
  scores,
}: BinTotals): BrierParts | undefined {
  if (total <= 0) return undefined
  let found = 0
  for (const own of positives) found += own
  const rate = found / total
  let reliability = 0
  let resolution = 0
  for (let bin = 0; bin < weight.length; bin++) {
    const own = weight[bin] ?? 0
    if (own <= 0) continue
    const observed = (positives[bin] ?? 0) / own
    reliability += (own / total) * ((scores[bin] ?? 0) / own - observed) ** 2
    resolution += (own / total) * (observed - rate) ** 2
  }
  return { reliability, resolution, uncertainty: rate * (1 - rate) }
}

function uniformEdges(bins: number): Float64Array {
  return Float64Array.from({ length: bins - 1 }, (_, at) => (at + 1) * (1 / bins))
}

/** Of weighted rows so that every bin weighs the same; else NumPy's linear percentiles. */
function quantileEdges(
  scores: Float64Array,
  { bins }: Binning,
  weights: Float64Array | undefined,
): Float64Array {
  const ranks = uniformEdges(bins)
  if (weights !== undefined) return weightedQuantiles(scores, weights, ranks)
  const sorted = Float64Array.from(scores).sort()
  if (sorted.length === 0) return ranks
  return ranks.map((rank) => {
    // As numpy.percentile works it out, to the last bit: a score equal to an edge must fall on the same side.
    const place = ((rank * 100) / 100) * (sorted.length - 1)
    const at = Math.floor(place)
    const step = place - at
    const low = sorted[at] ?? 0
    const high = sorted[Math.min(at + 1, sorted.length - 1)] ?? low
    return step >= 0.5 ? high - (high - low) * (1 - step) : low + (high - low) * step
  })
}

/** The least score whose share of the weight, with all scores below it, reaches the rank. */
function weightedQuantiles(
  scores: Float64Array,
  weights: Float64Array,
  ranks: Float64Array,
): Float64Array {
  const order = descendingOrder(scores).reverse()
  const sums = new Float64Array(order.length)
  let total = 0
  for (let at = 0; at < order.length; at++) {
    total += weights[order[at] ?? 0] ?? 0
    sums[at] = total
  }
  const shares = sums.map((sum) => sum / total)
  return ranks.map((rank) => {
    // A share that is the rank but for rounding has reached it: the edge must not hang on the order of the sum.
    const at = Math.min(firstAtLeast(shares, rank - 1e-12), order.length - 1)
    return scores[order[at] ?? 0] ?? 0
  })
}

/** Index of the first value that is `least` or more, by halving. */
function firstAtLeast(ascending: Float64Array, least: number): number {
  let from = 0
  let to = ascending.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ascending[middle] ?? 0) < least) from = middle + 1
    else to = middle
  }
  return from
}
