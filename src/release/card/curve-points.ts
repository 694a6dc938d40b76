// Curves and histograms small enough to keep with a release: few points, and none further from the true curve than the eye sees.
import { overDistinctScores } from '../../verify/metrics/curves.ts'
import type { BinaryScored } from '../../verify/metrics/scored.ts'
import { wilson } from '../../verify/statistics/proportion-bounds.ts'

export type CurvePoint = readonly [x: number, y: number]

export interface ScoreHistogram {
  readonly from: number
  readonly to: number
  /** Counts of equally wide bins. */
  readonly positives: readonly number[]
  readonly negatives: readonly number[]
}

export interface CalibrationBin {
  readonly rows: number
  readonly meanScore: number
  /** Share of positives among them, with its 95 % interval. */
  readonly observed: number
  readonly lower: number
  readonly upper: number
}

const mostPoints = 200
const histogramBins = 40
const calibrationCount = 15

/** From (0, 0) to (1, 1); empty with one class only. */
export function rocPoints(scored: BinaryScored): CurvePoint[] {
  const { steps, positives, negatives } = walk(scored)
  if (positives === 0 || negatives === 0) return []
  const points = steps.map(([found, wrong]): CurvePoint => [wrong / negatives, found / positives])
  return thinned([[0, 0], ...points])
}

/** By falling threshold; empty without positives. */
export function precisionRecallPoints(scored: BinaryScored): CurvePoint[] {
  const { steps, positives } = walk(scored)
  if (positives === 0) return []
  return thinned(
    steps.map(([found, wrong]): CurvePoint => [found / positives, found / (found + wrong)]),
  )
}

/** Positives and negatives selected at each distinct score, from the highest down. */
function walk(scored: BinaryScored) {
  const steps: (readonly [number, number])[] = []
  let found = 0
  let wrong = 0
  overDistinctScores(scored)(
    new Uint8Array(scored.labels.length).fill(1),
    (positives, negatives) => {
      found += positives
      wrong += negatives
      steps.push([found, wrong])
    },
  )
  return { steps, positives: found, negatives: wrong }
}

/** Leaves out points nearer than a step to the last one kept; the step grows until few enough are left. */
export function thinned(points: readonly CurvePoint[], most = mostPoints): CurvePoint[] {
  for (let step = 0; ; step = step === 0 ? 0.004 : step * 1.25) {
    const kept: CurvePoint[] = []
    let last: CurvePoint | undefined
    for (const point of points) {
      const far =
        last === undefined ||
        Math.max(Math.abs(point[0] - last[0]), Math.abs(point[1] - last[1])) >= step
      if (!far) continue
      kept.push(point)
      last = point
    }
    const end = points.at(-1)
    if (end !== undefined && end !== last) kept.push(end)
    if (kept.length <= most) return kept.map(([x, y]) => [rounded(x), rounded(y)])
  }
}

export function scoreHistogram({ labels, scores }: BinaryScored): ScoreHistogram {
  let low = 0
  let high = 1
  for (const score of scores) {
    if (score < low) low = score
    if (score > high) high = score
  }
  const positives = new Array<number>(histogramBins).fill(0)
  const negatives = new Array<number>(histogramBins).fill(0)
  for (const [row, score] of scores.entries()) {
    const place = Math.floor(((score - low) / (high - low)) * histogramBins)
    const bin = Math.min(histogramBins - 1, Math.max(0, place))
    const side = labels[row] === 1 ? positives : negatives
    side[bin] = (side[bin] ?? 0) + 1
  }
  return { from: rounded(low), to: rounded(high), positives, negatives }
}

/** The uniform bins of `ece@15u`; empty ones are left out. */
export function calibrationBins({ labels, scores }: BinaryScored): CalibrationBin[] {
  const bins = Array.from({ length: calibrationCount }, () => ({ rows: 0, sum: 0, positives: 0 }))
  for (const [row, score] of scores.entries()) {
    const place = Math.ceil(score * calibrationCount) - 1
    const bin = bins[Math.min(calibrationCount - 1, Math.max(0, place))]
    if (bin === undefined) continue
    bin.rows += 1
    bin.sum += score
    bin.positives += labels[row] ?? 0
  }
  return bins
    .filter(({ rows }) => rows > 0)
    .map(({ rows, sum, positives }) => {
      const { lower, upper } = wilson({ successes: positives, trials: rows }, 1.959963984540054)
      return {
        rows,
        meanScore: rounded(sum / rows),
        observed: rounded(positives / rows),
        lower: rounded(lower),
        upper: rounded(upper),
      }
    })
}

function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
