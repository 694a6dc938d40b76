// Which class a column of probabilities stands for: the model's own label is the class of its largest probability, so where it
// disagrees with the declared order the order is wrong, and every metric would be about other classes. Pure.

/** The index of the largest of every `width` scores; the first of equals. */
export function argmaxOf(scores: Float64Array, width: number): Uint32Array {
  return Uint32Array.from({ length: scores.length / width }, (_, row) => {
    let best = 0
    for (let at = 1; at < width; at++) {
      if ((scores[row * width + at] ?? 0) > (scores[row * width + best] ?? 0)) best = at
    }
    return best
  })
}

/** A sentence when the model mostly calls a column by another class; undefined when it cannot be told or all agree. */
export function faultOfClassOrder(
  classes: readonly string[],
  largest: Uint32Array,
  labels: readonly unknown[],
): string | undefined {
  const called = mostlyCalled(classes, largest, labels)
  const column = called?.findIndex((at, own) => at !== undefined && at !== own) ?? -1
  if (called === undefined || column < 0) return undefined
  return `the classes are in another order than the model's: rows whose largest probability is in column ${column} are called '${classes[called[column] ?? 0]}' by the model, and '${classes[column]}' here`
}

/**
 * Of two classes the model's label may follow a threshold of its own, which moves rows from one side to the other; only when both
 * sides are called by the other class is the score that of the negative one.
 */
export function faultOfScoreSide(
  classes: readonly string[],
  scores: Float64Array,
  labels: readonly unknown[],
): string | undefined {
  const sides = Uint32Array.from(scores, (score) => (score >= 0.5 ? 1 : 0))
  const [low, high] = mostlyCalled(classes, sides, labels) ?? []
  if (low !== 1 || high !== 0) return undefined
  return `the score is that of the other class: rows with a score of 0.5 or more are called '${classes[0]}' by the model, and '${classes[1]}' is the positive class here`
}

/** By column the class that the model calls more than half of its rows; undefined for labels that are none of the classes. */
function mostlyCalled(
  classes: readonly string[],
  largest: Uint32Array,
  labels: readonly unknown[],
): readonly (number | undefined)[] | undefined {
  const index = new Map(classes.map((name, at) => [name, at]))
  const counts = classes.map(() => new Uint32Array(classes.length))
  for (const [row, column] of largest.entries()) {
    const at = index.get(String(labels[row]))
    // A model that answers numbers for classes with names tells nothing about their order.
    if (at === undefined) return undefined
    const own = counts[column]
    if (own) own[at] = (own[at] ?? 0) + 1
  }
  return counts.map((own) => {
    const total = own.reduce((sum, count) => sum + count, 0)
    const at = own.findIndex((count) => count * 2 > total)
    return at < 0 ? undefined : at
  })
}
