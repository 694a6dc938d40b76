// DeLong's variance of the ROC AUC, alone and of the difference between two models on the same rows
// (DeLong, DeLong & Clarke-Pearson 1988; in O(n log n) after Sun & Xu 2014).
import { descendingOrder } from './rank-rows.ts'

export interface AucEstimate {
  readonly auc: number
  readonly se: number
  readonly positives: number
  readonly negatives: number
}

export interface AucPair {
  readonly auc: number
  readonly reference: number
  /** Standard error of auc − factor × reference. */
  readonly se: number
  readonly positives: number
  readonly negatives: number
}

/** Undefined with fewer than two rows of either class: no variance can be estimated. */
export function delong(labels: Uint8Array, scores: Float64Array): AucEstimate | undefined {
  const own = placements(labels, scores)
  if (own === undefined) return undefined
  const { auc, ofPositives, ofNegatives } = own
  const variance =
    covariance(ofPositives, ofPositives) / ofPositives.length +
    covariance(ofNegatives, ofNegatives) / ofNegatives.length
  return {
    auc,
    se: Math.sqrt(Math.max(0, variance)),
    positives: ofPositives.length,
    negatives: ofNegatives.length,
  }
}

export function delongPair(
  labels: Uint8Array,
  scores: Float64Array,
  reference: Float64Array,
  factor = 1,
): AucPair | undefined {
  const own = placements(labels, scores)
  const other = placements(labels, reference)
  if (own === undefined || other === undefined) return undefined
  const variance =
    differenceVariance(own.ofPositives, other.ofPositives, factor) / own.ofPositives.length +
    differenceVariance(own.ofNegatives, other.ofNegatives, factor) / own.ofNegatives.length
  return {
    auc: own.auc,
    reference: other.auc,
    se: Math.sqrt(Math.max(0, variance)),
    positives: own.ofPositives.length,
    negatives: own.ofNegatives.length,
  }
}

interface Placements {
  readonly auc: number
  /** For each positive, in row order: the share of negatives it beats, ties half. */
  readonly ofPositives: Float64Array
  /** For each negative, in row order: the share of positives that beat it, ties half. */
  readonly ofNegatives: Float64Array
}

function placements(labels: Uint8Array, scores: Float64Array): Placements | undefined {
  const order = descendingOrder(scores)
  const placement = new Float64Array(labels.length)
  let positives = 0
  for (const label of labels) positives += label
  const negatives = labels.length - positives
  if (positives < 2 || negatives < 2) return undefined
  let positivesAbove = 0
  let negativesAbove = 0
  for (let from = 0; from < order.length; ) {
    const score = scores[order[from] ?? 0]
    let to = from
    let tiedPositives = 0
    while (to < order.length && scores[order[to] ?? 0] === score) {
      tiedPositives += labels[order[to] ?? 0] ?? 0
      to++
    }
    const tiedNegatives = to - from - tiedPositives
    const beaten = (negatives - negativesAbove - tiedNegatives / 2) / negatives
    const beatenBy = (positivesAbove + tiedPositives / 2) / positives
    for (let at = from; at < to; at++) {
      const row = order[at] ?? 0
      placement[row] = labels[row] === 1 ? beaten : beatenBy
    }
    positivesAbove += tiedPositives
    negativesAbove += tiedNegatives
    from = to
  }
  const ofPositives = placement.filter((_, row) => labels[row] === 1)
  const ofNegatives = placement.filter((_, row) => labels[row] !== 1)
  return { auc: mean(ofPositives), ofPositives, ofNegatives }
}

function differenceVariance(one: Float64Array, two: Float64Array, factor: number): number {
  const difference = one.map((value, at) => value - factor * (two[at] ?? 0))
  return covariance(difference, difference)
}

function covariance(one: Float64Array, two: Float64Array): number {
  const meanOne = mean(one)
  const meanTwo = mean(two)
  let sum = 0
  for (let at = 0; at < one.length; at++) {
    sum += ((one[at] ?? 0) - meanOne) * ((two[at] ?? 0) - meanTwo)
  }
  return sum / (one.length - 1)
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
