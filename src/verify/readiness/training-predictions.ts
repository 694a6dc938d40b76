// Training code's own predictions against those of the packaged artifact, row by row: a difference means that what was packaged
// is not what was trained (another preprocessing, another column order, a lost threshold). Pure.
import type { Scored } from '../metrics/scored.ts'

/** Sufficient for any tolerance; plain JSON. */
export interface TrainingParity {
  readonly rows: number
  /** Largest |packaged − training| over all rows (and classes). */
  readonly maxDifference: number
  /** The row of the holdout where it is. */
  readonly worstRow: number
  readonly packaged: number
  readonly training: number
  /** Rows in which both predict the same class; null where the task has no classes. */
  readonly agreeing: number | null
}

/** `training` has as many numbers as the artifact gave, in the same order. */
export function compareTraining(scored: Scored, training: Float64Array): TrainingParity {
  const width = scored.task === 'multiclass' ? scored.classes.length : 1
  let worst = 0
  let maxDifference = -1
  for (let at = 0; at < training.length; at++) {
    const difference = Math.abs((scored.scores[at] ?? Number.NaN) - (training[at] ?? Number.NaN))
    if (!(difference > maxDifference)) continue
    maxDifference = difference
    worst = at
  }
  return {
    rows: scored.labels.length,
    maxDifference: Math.max(0, maxDifference),
    worstRow: Math.floor(worst / width),
    packaged: scored.scores[worst] ?? Number.NaN,
    training: training[worst] ?? Number.NaN,
    agreeing: agreeingRows(scored, training),
  }
}

function agreeingRows(scored: Scored, training: Float64Array): number | null {
  if (scored.task === 'regression' || scored.task === 'ranking') return null
  const width = scored.task === 'multiclass' ? scored.classes.length : 1
  const predicted = (scores: Float64Array, row: number): number => {
    if (scored.task === 'binary') return (scores[row] ?? Number.NaN) >= scored.threshold ? 1 : 0
    let best = 0
    for (let at = 1; at < width; at++) {
      if ((scores[row * width + at] ?? 0) > (scores[row * width + best] ?? 0)) best = at
    }
    return best
  }
  let agreeing = 0
  for (let row = 0; row < scored.labels.length; row++) {
    if (predicted(scored.scores, row) === predicted(training, row)) agreeing++
  }
  return agreeing
}
