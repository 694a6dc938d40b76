// How a model of several classes confuses them, as counts a page can draw: bounded in size, no row of anybody.
import { answersOf, countClasses } from '../../verify/metrics/class-confusion.ts'
import type { MulticlassScored } from '../../verify/metrics/scored.ts'
import { type Count, wilson } from '../../verify/statistics/proportion-bounds.ts'
import { type CalibrationBin, calibrationBins } from './curve-points.ts'

export interface MulticlassFigures {
  readonly task: 'multiclass'
  /** Commonest first; the last one may stand for all that are not listed. */
  readonly classes: readonly string[]
  /** How many classes the last entry stands for; 0 when every class has its own. */
  readonly joined: number
  /** Rows by true class (outer) and answer. */
  readonly confusion: readonly (readonly number[])[]
  readonly perClass: readonly ClassFact[]
  /** Probability of the answer against how often it was right. */
  readonly calibration: readonly CalibrationBin[]
}

export interface ClassFact {
  readonly name: string
  /** Rows whose truth is the class. */
  readonly rows: number
  readonly recall: Share
  readonly precision: Share
}

/** A share of rows with its 95 % interval (Wilson); null without rows to take a share of. */
export interface Share {
  readonly n: number
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
}

/** More do not fit a page as a table. */
const mostClasses = 16
const z = 1.959963984540054

export function multiclassFigures(scored: MulticlassScored): MulticlassFigures {
  const { classes } = scored
  const { cells, truths, answers, hits, width } = countClasses(scored)
  const order = classes.map((_, at) => at).sort((a, b) => (truths[b] ?? 0) - (truths[a] ?? 0))
  const own = width > mostClasses ? order.slice(0, mostClasses - 1) : order
  const rest = order.slice(own.length)
  const sets = [...own.map((at) => [at]), ...(rest.length > 0 ? [rest] : [])]
  const nameOf = (set: readonly number[]) =>
    set.length === 1 ? (classes[set[0] ?? 0] ?? '') : `${set.length} other classes`
  return {
    task: 'multiclass',
    classes: sets.map(nameOf),
    joined: rest.length > 1 ? rest.length : 0,
    confusion: sets.map((truth) =>
      sets.map((answer) => {
        let count = 0
        for (const t of truth) for (const a of answer) count += cells[t * width + a] ?? 0
        return count
      }),
    ),
    perClass: order.slice(0, mostListed).map((at) => ({
      name: classes[at] ?? '',
      rows: truths[at] ?? 0,
      recall: shareOf({ successes: hits[at] ?? 0, trials: truths[at] ?? 0 }),
      precision: shareOf({ successes: hits[at] ?? 0, trials: answers[at] ?? 0 }),
    })),
    calibration: answerCalibration(scored),
  }
}

const mostListed = 30

function shareOf(count: Count): Share {
  if (count.trials === 0) return { n: 0, estimate: null, lower: null, upper: null }
  const { lower, upper } = wilson(count, z)
  return { n: count.trials, estimate: count.successes / count.trials, lower, upper }
}

/** Was the answer right as often as its probability said? */
function answerCalibration(scored: MulticlassScored): readonly CalibrationBin[] {
  const { classes, labels, scores: all } = scored
  const answers = answersOf(scored)
  const right = Uint8Array.from(labels, (label, row) => (answers[row] === label ? 1 : 0))
  const scores = Float64Array.from(
    answers,
    (answer, row) => all[row * classes.length + answer] ?? Number.NaN,
  )
  return calibrationBins({ task: 'binary', labels: right, scores, threshold: 0.5 })
}
