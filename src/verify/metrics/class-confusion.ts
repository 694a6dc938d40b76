// The confusion matrix of a multiclass model as a function of row weights, and precision, recall and F1 of its classes.
import { didYouMean } from '../../project/problems.ts'
import type { RowWeights } from './curves.ts'
import type { MulticlassScored } from './scored.ts'

export interface ClassConfusion {
  readonly width: number
  /** Weight by true class and answer: `cells[truth * width + answer]`. */
  readonly cells: Float64Array
  /** Weight of the rows of each class. */
  readonly truths: Float64Array
  /** Weight of the rows answered with each class. */
  readonly answers: Float64Array
  /** Weight of the rows of each class answered right. */
  readonly hits: Float64Array
  readonly right: number
  readonly wrong: number
  readonly total: number
}

/** A row's answer is its most probable class, the first one on a tie. */
export function answersOf({ classes, scores, labels }: MulticlassScored): Uint32Array {
  const width = classes.length
  return Uint32Array.from(labels, (_, row) => {
    let best = 0
    for (let at = 1; at < width; at++) {
      if ((scores[row * width + at] ?? 0) > (scores[row * width + best] ?? 0)) best = at
    }
    return best
  })
}

export function classConfusionOf(
  scored: MulticlassScored,
): (weights: RowWeights) => ClassConfusion {
  const width = scored.classes.length
  const answers = answersOf(scored)
  const cellOf = Uint32Array.from(
    scored.labels,
    (label, row) => label * width + (answers[row] ?? 0),
  )
  return (weights) => {
    const cells = new Float64Array(width * width)
    for (let row = 0; row < cellOf.length; row++) {
      const cell = cellOf[row] ?? 0
      cells[cell] = (cells[cell] ?? 0) + (weights[row] ?? 0)
    }
    return withMargins(cells, width)
  }
}

/** Every row once, weights aside. */
export function countClasses(scored: MulticlassScored): ClassConfusion {
  return classConfusionOf(scored)(new Uint8Array(scored.labels.length).fill(1))
}

function withMargins(cells: Float64Array, width: number): ClassConfusion {
  const truths = new Float64Array(width)
  const answers = new Float64Array(width)
  const hits = new Float64Array(width)
  let total = 0
  let right = 0
  let wrong = 0
  for (let truth = 0; truth < width; truth++) {
    for (let answer = 0; answer < width; answer++) {
      const weight = cells[truth * width + answer] ?? 0
      truths[truth] = (truths[truth] ?? 0) + weight
      answers[answer] = (answers[answer] ?? 0) + weight
      total += weight
      if (truth !== answer) wrong += weight
    }
    hits[truth] = cells[truth * width + truth] ?? 0
    right += hits[truth] ?? 0
  }
  return { width, cells, truths, answers, hits, right, wrong, total }
}

export type ClassRate = 'precision' | 'recall' | 'f1'

/** Of one class; undefined where it has no denominator. */
export function rateOfClass(
  rate: ClassRate,
  { truths, answers, hits }: ClassConfusion,
  at: number,
): number | undefined {
  const hit = hits[at] ?? 0
  const truth = truths[at] ?? 0
  const answer = answers[at] ?? 0
  if (rate === 'precision') return answer > 0 ? hit / answer : undefined
  if (rate === 'recall') return truth > 0 ? hit / truth : undefined
  return truth + answer > 0 ? (2 * hit) / (truth + answer) : undefined
}

export interface RateAverage {
  readonly rate: ClassRate
  /** `macro`: every class among the labels or answers counts the same; `weighted`: by its rows. */
  readonly by: 'macro' | 'weighted'
  /** What a class without a denominator counts; without it the average is undefined. */
  readonly whenEmpty?: number
}

export function averageRate(
  { rate, by, whenEmpty }: RateAverage,
  confusion: ClassConfusion,
): number | undefined {
  let sum = 0
  let whole = 0
  for (let at = 0; at < confusion.width; at++) {
    const truth = confusion.truths[at] ?? 0
    const occurs = truth + (confusion.answers[at] ?? 0) > 0
    const weight = by === 'weighted' ? truth : occurs ? 1 : 0
    if (weight === 0) continue
    const value = rateOfClass(rate, confusion, at) ?? whenEmpty
    if (value === undefined) return undefined
    sum += weight * value
    whole += weight
  }
  return whole > 0 ? sum / whole : undefined
}

/** For every place the sum of all others. Not the total minus its own: that loses every digit when one has nearly all. */
export function sumOfOthers(values: Float64Array): Float64Array {
  const others = new Float64Array(values.length)
  let before = 0
  for (let at = 0; at < values.length; at++) {
    others[at] = before
    before += values[at] ?? 0
  }
  let after = 0
  for (let at = values.length - 1; at >= 0; at--) {
    others[at] = (others[at] ?? 0) + after
    after += values[at] ?? 0
  }
  return others
}

/** The fewest rows among the classes that have any: what an average over classes hangs on. */
export function rarestClass({ labels, classes }: MulticlassScored): number {
  const counts = new Float64Array(classes.length)
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1
  const present = counts.filter((count) => count > 0)
  return present.length === 0 ? 0 : present.reduce((least, count) => Math.min(least, count))
}

export function faultOfClass({ classes }: MulticlassScored, name: string): string | undefined {
  if (classes.includes(name)) return undefined
  const near = didYouMean(name, classes)
  const shown = classes.slice(0, 10).join(', ') + (classes.length > 10 ? ' …' : '')
  return near === undefined
    ? `the model has no class ${name}; its classes are ${shown}`
    : `the model has no class ${name}; did you mean ${near}?`
}
