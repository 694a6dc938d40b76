// Threshold-free metrics, as functions of row weights: sorted once, each evaluation is one linear pass.
import { type BinaryScored, rankRows } from './scored.ts'

/** How often each row counts: 1 for the plain metric, multiplicities for a bootstrap replicate, times any weight of the rows. */
export type RowWeights = Uint8Array | Uint16Array | Float64Array

/** Visits the distinct scores from the highest down, with the weight of positives and negatives at each. */
export function overDistinctScores({
  labels,
  scores,
}: BinaryScored): (
  weights: RowWeights,
  visit: (positives: number, negatives: number) => void,
) => void {
  const order = rankRows(scores)
  const sortedLabels = new Uint8Array(order.length)
  // 1 where the next row has another score, so that ties are taken together.
  const isLast = new Uint8Array(order.length)
  for (let at = 0; at < order.length; at++) {
    const row = order[at] ?? 0
    sortedLabels[at] = labels[row] ?? 0
    isLast[at] = at + 1 < order.length && scores[row] === scores[order[at + 1] ?? 0] ? 0 : 1
  }
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
export function rocAucOf(scored: BinaryScored): (weights: RowWeights) => number | undefined {
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
export function averagePrecisionOf(
  scored: BinaryScored,
): (weights: RowWeights) => number | undefined {
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
