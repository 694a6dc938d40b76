// Area under the ROC curve of the training scores.

/** Mann-Whitney: the share of (positive, negative) pairs ranked rightly, ties counting half. */
export function aucOf(scores: Float64Array, label: Uint8Array): number {
  const positives = scores.filter((_, row) => label[row] === 1).sort()
  const negatives = scores.filter((_, row) => label[row] === 0).sort()
  let below = 0
  let through = 0
  let won = 0
  for (const score of positives) {
    while (below < negatives.length && (negatives[below] ?? 0) < score) below++
    through = Math.max(through, below)
    while (through < negatives.length && negatives[through] === score) through++
    won += (below + through) / 2
  }
  return won / (positives.length * negatives.length)
}
