// The calibration error a perfectly calibrated model would show on these rows: ECE is never 0 on a finite sample, and few
// rows make it large (Bröcker & Smith 2007; Roelofs et al. 2022). A measured error below it is no evidence of a fault.
import { randomStream } from '../../foundation/random.ts'
import { binRows, expectedError } from './calibration-bins.ts'
import { answersOf } from './class-confusion.ts'
import type { Binning } from './metric-parameters.ts'
import { type BinaryScored, type MulticlassScored, ownWeights } from './scored.ts'

export interface ExpectedCalibration {
  /** Mean calibration error over the simulated labels. */
  readonly mean: number
  /** 95 % of the simulated errors are at most this. */
  readonly upper: number
}

export interface SimulationPlan {
  readonly replicates: number
  readonly seed: string
}

const usual: SimulationPlan = { replicates: 200, seed: 'lockstep' }

/**
 * Draws labels with the scores as their probabilities and measures each draw as `ece@…` does: of the positive class, or of
 * the answer of a multiclass model. Undefined without rows, or where a score is no probability.
 */
export function expectedCalibrationError(
  scored: BinaryScored | MulticlassScored,
  binning: Binning,
  { replicates, seed }: SimulationPlan = usual,
): ExpectedCalibration | undefined {
  const scores = scored.task === 'binary' ? scored.scores : answerScores(scored)
  if (scores.length === 0 || scores.some((score) => !(score >= 0 && score <= 1))) return undefined
  const labels = new Uint8Array(scores.length)
  const { weights: own } = scored
  const totalsOf = binRows({ labels, scores, ...(own && { weights: own }) }, binning)
  const weights = ownWeights(scored)
  const random = randomStream(seed, 'expected calibration')
  const errors = new Float64Array(replicates)
  for (let replicate = 0; replicate < replicates; replicate++) {
    for (let row = 0; row < labels.length; row++) {
      labels[row] = random.next() < (scores[row] ?? 0) ? 1 : 0
    }
    const error = expectedError(totalsOf(weights))
    if (error === undefined) return undefined
    errors[replicate] = error
  }
  errors.sort()
  return {
    mean: errors.reduce((sum, error) => sum + error, 0) / replicates,
    upper: errors[Math.ceil(0.95 * replicates) - 1] ?? Number.NaN,
  }
}

function answerScores(scored: MulticlassScored): Float64Array {
  const width = scored.classes.length
  return Float64Array.from(
    answersOf(scored),
    (at, row) => scored.scores[row * width + at] ?? Number.NaN,
  )
}
