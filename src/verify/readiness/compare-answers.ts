// Two answers to the same question: how far their numbers are apart and how many of their words differ.
import type { AnswerTensor } from './model-signature.ts'

export interface AnswerDifference {
  readonly rows: number
  /** Floating-point values compared. */
  readonly numbers: number
  /** Whole numbers, texts and truth values compared: labels, as a rule. */
  readonly labels: number
  /** Largest |Δ|; null when a value is a number on one side only. */
  readonly maxDifference: number | null
  /** Floating-point values that are not bit for bit the same. */
  readonly numbersDiffering: number
  readonly labelsDiffering: number
}

export function compareAnswers(
  one: readonly AnswerTensor[],
  other: readonly AnswerTensor[],
  rows: number,
): AnswerDifference {
  let found = noDifference(rows)
  for (const tensor of one) {
    const twin = other.find((candidate) => candidate.name === tensor.name)
    const isFloat = tensor.datatype.startsWith('FP')
    found = isFloat
      ? addNumbers(found, tensor.data, twin?.data ?? [])
      : addLabels(found, tensor.data, twin?.data ?? [])
  }
  return found
}

export function noDifference(rows: number): AnswerDifference {
  return { rows, numbers: 0, labels: 0, maxDifference: 0, numbersDiffering: 0, labelsDiffering: 0 }
}

export function addNumbers(
  found: AnswerDifference,
  one: ArrayLike<unknown>,
  other: ArrayLike<unknown>,
): AnswerDifference {
  let { maxDifference, numbersDiffering } = found
  const size = Math.max(one.length, other.length)
  for (let at = 0; at < size; at++) {
    const difference = distance(one[at], other[at])
    if (difference === 0) continue
    numbersDiffering++
    maxDifference = larger(maxDifference, difference)
  }
  return { ...found, numbers: found.numbers + size, maxDifference, numbersDiffering }
}

export function addLabels(
  found: AnswerDifference,
  one: ArrayLike<unknown>,
  other: ArrayLike<unknown>,
): AnswerDifference {
  const size = Math.max(one.length, other.length)
  let differing = 0
  for (let at = 0; at < size; at++) if (!Object.is(one[at], other[at])) differing++
  return {
    ...found,
    labels: found.labels + size,
    labelsDiffering: found.labelsDiffering + differing,
  }
}

/** 0 for the same value, also for the same that is no number; null when they differ in more than size. */
function distance(one: unknown, other: unknown): number | null {
  if (Object.is(one, other) || one === other) return 0
  const isOne = typeof one === 'number' && Number.isFinite(one)
  const isOther = typeof other === 'number' && Number.isFinite(other)
  if (isOne && isOther) return Math.abs(one - other)
  return null
}

function larger(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other)
}
