// Robustness: what perturbed inputs do to the answers, from scores of both to the few numbers a check is judged by.
import { metricFor } from '../metrics/metric.ts'
import { measurePair, type PairedStatistics } from '../metrics/paired-statistics.ts'
import { rowsOf, type Scored } from '../metrics/scored.ts'
import { type Perturbation, writePerturbation } from './perturbation.ts'
import type { Measured } from './readiness-evidence.ts'

export interface RobustnessEvidence {
  /** Answers to the rows as they are. */
  readonly plain: Scored
  /** By `keyOfPerturbation`. */
  readonly perturbed: ReadonlyMap<string, PerturbedEvidence>
  readonly extremes?: Measured<ExtremeEvidence>
  /** By column and direction: `tenure up`. */
  readonly monotone: ReadonlyMap<string, Measured<MonotoneEvidence>>
}

export type PerturbedEvidence =
  | { readonly scored: Scored; readonly changed: number }
  /** The question does not arise: no column it could be done to. */
  | { readonly inapplicable: string }
  /** The model did not answer such rows. */
  | { readonly refused: string }

export interface ExtremeEvidence {
  readonly asked: number
  /** Refused with a reason, which is as good as an answer. */
  readonly refused: number
  /** What was neither refused nor answered with numbers, each as one clause. */
  readonly broken: readonly string[]
}

export interface MonotoneEvidence {
  readonly rows: number
  /** Values of the column that every row was scored at. */
  readonly steps: number
  /** Rows whose score went the wrong way somewhere. */
  readonly violations: number
  /** The largest step the wrong way; null without one. */
  readonly worst: { readonly from: number; readonly to: number; readonly by: number } | null
}

export type RobustnessSubject =
  | { readonly what: 'drop'; readonly metric: string }
  | { readonly what: 'flips' }
  | { readonly what: 'finite' }
  | { readonly what: 'monotone'; readonly column: string; readonly direction: 'up' | 'down' }

/** Plain JSON. */
export type RobustnessStatistics =
  | { readonly method: 'drop'; readonly perturbed: readonly PerturbedMetric[] }
  | { readonly method: 'flips'; readonly perturbed: readonly PerturbedLabels[] }
  | ({ readonly method: 'finite' } & ExtremeEvidence)
  | ({ readonly method: 'monotone' } & MonotoneEvidence)
  | { readonly method: 'unreadable'; readonly because: string }

export type PerturbedMetric = PerturbedBy<{
  /** Of the loss: positive is worse. */
  readonly statistics: PairedStatistics
}>

export type PerturbedLabels = PerturbedBy<{ readonly flips: number; readonly rows: number }>

type PerturbedBy<T> = { readonly perturbation: string } & (
  | ({ readonly changed: number } & T)
  | { readonly inapplicable: string }
  | { readonly refused: string }
)

export interface RobustnessAsk {
  readonly subject: RobustnessSubject
  readonly perturb: readonly Perturbation[]
  readonly columns: readonly string[] | null
  readonly limit: number
}

/** The same perturbation of other columns is another question. */
export function keyOfPerturbation(
  perturbation: Perturbation,
  columns: readonly string[] | null,
): string {
  const name = writePerturbation(perturbation)
  return columns === null ? name : `${name} of ${columns.join(', ')}`
}

export function keyOfMonotone(column: string, direction: 'up' | 'down'): string {
  return `${column} ${direction}`
}

export function robustnessStatistics(
  { subject, perturb, columns, limit }: RobustnessAsk,
  { plain, perturbed, extremes, monotone }: RobustnessEvidence,
): RobustnessStatistics {
  const each = <T>(measure: (scored: Scored) => T) =>
    perturb.map((one): PerturbedBy<T> => {
      const perturbation = keyOfPerturbation(one, columns)
      const found = perturbed.get(perturbation) ?? { inapplicable: 'it was not measured' }
      if (!('scored' in found)) return { perturbation, ...found }
      return { perturbation, changed: found.changed, ...measure(found.scored) }
    })
  switch (subject.what) {
    case 'drop': {
      const metric = metricFor(plain.task, subject.metric)
      if (metric === undefined)
        return unreadable(`${subject.metric} is not a metric of a ${plain.task} model`)
      const loss = (scored: Scored) =>
        metric.better === 'higher'
          ? measurePair(metric, plain, scored, { limit })
          : measurePair(metric, scored, plain, { limit })
      return { method: 'drop', perturbed: each((scored) => ({ statistics: loss(scored) })) }
    }
    case 'flips': {
      if (plain.task !== 'binary' && plain.task !== 'multiclass')
        return unreadable(`a ${plain.task} model has no labels that could flip`)
      const rows = rowsOf(plain)
      const flips = (scored: Scored) => ({ flips: countFlips(plain, scored), rows })
      return { method: 'flips', perturbed: each(flips) }
    }
    case 'finite':
      return partOf(extremes, 'extreme values', (found) => ({ method: 'finite', ...found }))
    case 'monotone': {
      const part = monotone.get(keyOfMonotone(subject.column, subject.direction))
      return partOf(part, 'monotonicity', (found) => ({ method: 'monotone', ...found }))
    }
  }
}

/** Rows whose decided label is another one. */
export function countFlips(one: Scored, other: Scored): number {
  let flips = 0
  for (let row = 0; row < rowsOf(one); row++) if (decided(one, row) !== decided(other, row)) flips++
  return flips
}

function decided(scored: Scored, row: number): number {
  if (scored.task === 'binary')
    return (scored.scores[row] ?? Number.NaN) >= scored.threshold ? 1 : 0
  if (scored.task !== 'multiclass') return 0
  const width = scored.classes.length
  const scores = scored.scores.subarray(row * width, (row + 1) * width)
  return scores.indexOf(Math.max(...scores))
}

function partOf<T extends object>(
  part: Measured<T> | undefined,
  words: string,
  read: (part: T) => RobustnessStatistics,
): RobustnessStatistics {
  if (part === undefined) return unreadable(`${words} were not measured`)
  return 'unmeasured' in part ? unreadable(part.unmeasured) : read(part)
}

function unreadable(because: string): RobustnessStatistics {
  return { method: 'unreadable', because }
}
