// Threshold-free metrics, as functions of row weights: sorted once, each evaluation is one linear pass.
import { rankRows, type Scored } from './scored.ts'

/** How often each row counts: 1 for the plain metric, multiplicities for a bootstrap replicate. */
export type RowWeights = Uint8Array | Uint16Array

/** Visits the distinct scores from the highest down, with the weight of positives and negatives at each. */
export function overDistinctScores({
  labels,
  scores,
}: Scored): (weights: RowWeights, visit: (positives: number, negatives: number) => void) => void {
  const order = rankRows(scores)
  const sortedLabels = Uint8Array.from(order, (row) => labels[row] ?? 0)
  // 1 where the next row has another score, so that ties are taken together.
  const isLast = Uint8Array.from(order, (row, at) =>
    at + 1 === order.length || scores[row] !== scores[order[at + 1] ?? 0] ? 1 : 0,
  )
  return (weights, visit) => {
    let positives = 0
    let negatives = 0
    for (let at = 0; at < order.length; at++) {
      const weight = weights[order[at] ?? 0] ?? 0
      if (sortedLabels[at] === 1) positives += weight
      else negatives += weight
      if (isLast[at] === 0) continue
      if (positives + negatives > 0) visit(positives, negatives)
      positives = 0
      negatives = 0
    }
  }
}

/** Area under the ROC curve, ties counted half (= the trapezoid rule on distinct scores); undefined with one class. */
export function rocAucOf(scored: Scored): (weights: RowWeights) => number | undefined {
  const overScores = overDistinctScores(scored)
  return (weights) => {
    let above = 0
    let allNegatives = 0
    let area = 0
    overScores(weights, (positives, negatives) => {
      area += negatives * (above + positives / 2)
      above += positives
      allNegatives += negatives
    })
    return above > 0 && allNegatives > 0 ? area / (above * allNegatives) : undefined
  }
}

/** Average precision: the step sum of scikit-learn, not the trapezoid; undefined without positives. */
export function averagePrecisionOf(scored: Scored): (weights: RowWeights) => number | undefined {
  const overScores = overDistinctScores(scored)
  return (weights) => {
    let found = 0
    let selected = 0
    let sum = 0
    overScores(weights, (positives, negatives) => {
      found += positives
      selected += positives + negatives
      sum += positives * (found / selected)
    })
    return found > 0 ? sum / found : undefined
  }
}

/**
 * Expected calibration error of the positive class, `bins` uniform bins (a, b] on [0, 1], the first closed at 0.
 * Biased upwards in small samples: a bound on it is on the safe side.
 */
export function calibrationErrorOf(
  { labels, scores }: Scored,
  bins: number,
): (weights: RowWeights) => number | undefined {
  const edges = Float64Array.from({ length: bins - 1 }, (_, at) => (at + 1) * (1 / bins))
  const binOf = Uint8Array.from(scores, (score) => {
    let at = Math.min(bins - 1, Math.max(0, Math.floor(score * bins)))
    while (at > 0 && score <= (edges[at - 1] ?? 0)) at--
    while (at < bins - 1 && score > (edges[at] ?? 1)) at++
    return at
  })
  return (weights) => {
    const gaps = new Float64Array(bins)
    let total = 0
    for (let row = 0; row < labels.length; row++) {
      const weight = weights[row] ?? 0
      const bin = binOf[row] ?? 0
      gaps[bin] = (gaps[bin] ?? 0) + weight * ((labels[row] ?? 0) - (scores[row] ?? 0))
      total += weight
    }
    let sum = 0
    for (const gap of gaps) sum += Math.abs(gap)
    return total > 0 ? sum / total : undefined
  }
}
