// What a model gate is judged on: predictions of the packaged artifact on the holdout, made by the serving runtime, and
// what was measured while it ran.
import { didYouMean } from '../../project/problems.ts'
import type { GroupName } from '../fairness/group-counts.ts'
import { rowsOf, type Scored } from '../metrics/scored.ts'
import { faultOfRows } from '../metrics/scored-faults.ts'
import type { ReadinessEvidence } from '../readiness/readiness-evidence.ts'
import type { RobustnessEvidence } from '../readiness/robustness.ts'
import type { TestStatistics } from '../readiness/test-report.ts'
import type { TrainingParity } from '../readiness/training-predictions.ts'
import type { SecurityEvidence } from '../security/security-finding.ts'
import type { CheckStatistics } from './check-result.ts'
import type { RecipeEvidence } from './recipe-evidence.ts'

export type ColumnValue = string | number | bigint | boolean | null

export interface HoldoutEvidence {
  readonly scored: Scored
  /** Every column that groups, slices or conditions name; one value per row. */
  readonly columns: ReadonlyMap<string, readonly ColumnValue[]>
  /** What `evaluate.slices` declares, as written: `each: slice` stands for all of it. */
  readonly slices?: readonly string[]
}

/** Another model's answers to the same rows, in the same order. */
export interface ReferenceModel {
  /** The release's number. */
  readonly release: string
  /** A sentence where it could not be scored. */
  readonly scored: Scored | string
}

export interface GateEvidenceInput {
  readonly holdout: HoldoutEvidence
  /** The serving release on the same rows; absent before the first promotion. */
  readonly champion?: ReferenceModel
  /** The pinned release on the same rows; absent where evaluate.anchor names none. */
  readonly anchor?: ReferenceModel
  /** By name; a sentence where one could not be made. Only those that some check names. */
  readonly baselines: ReadonlyMap<string, Scored | string>
  /** What the training code predicted against what the artifact answers, or why they cannot be compared; absent without such a file. */
  readonly trainingPredictions?: TrainingParity | string
  readonly readiness?: ReadinessEvidence
  /** The metrics of the steps of this run, and of the run that made the champion. */
  readonly recipe?: RecipeEvidence
  /** Answers to perturbed rows; absent when no check asks for any. */
  readonly robustness?: RobustnessEvidence
  /** Of the artifact's files; a sentence when the scan could not be carried out. */
  readonly security?: SecurityEvidence | string
  /** What the projects' own tests said, by `testKey` of the check. */
  readonly tests?: ReadonlyMap<string, TestStatistics | string>
}

/** Why the predictions cannot be judged at all; undefined when they can. */
export function faultOfHoldout({ scored }: HoldoutEvidence): string | undefined {
  const unfit = faultOfRows(scored)
  if (unfit !== undefined) return `the holdout cannot be judged: ${unfit}`
  return faultOfScores('the model', scored, rowsOf(scored))
}

/** Why another model's answers cannot be compared with those of the candidate; undefined when they can. */
export function faultOfReference(
  who: string,
  reference: Scored | string,
  { scored }: HoldoutEvidence,
): string | undefined {
  if (typeof reference === 'string') return `${who}: ${reference}`
  if (reference.task !== scored.task)
    return `${who} was scored as ${reference.task}, the candidate as ${scored.task}`
  return faultOfScores(who, reference, rowsOf(scored))
}

function faultOfScores(who: string, scored: Scored, rows: number): string | undefined {
  const perRow = scored.task === 'multiclass' ? scored.classes.length : 1
  const count = scored.scores.length / perRow
  if (count !== rows) return `${who} scored ${count} of ${rows} holdout rows`
  let bad = 0
  for (const score of scored.scores) if (!Number.isFinite(score)) bad++
  return bad > 0 ? `${bad} of ${scored.scores.length} scores of ${who} are not numbers` : undefined
}

/** The group of every row, or why there is none. */
export function groupsOf(
  column: string,
  { columns, scored }: HoldoutEvidence,
): readonly GroupName[] | string {
  const values = columns.get(column)
  if (values === undefined) {
    const near = didYouMean(column, [...columns.keys()])
    const hint =
      near === undefined
        ? `declared: ${[...columns.keys()].join(', ') || 'none'}`
        : `did you mean ${near}?`
    return `${column} is not among the group columns of the evaluation (${hint}); add it to evaluate.groups`
  }
  return values.length === rowsOf(scored)
    ? values.map((value) => (value === null ? null : String(value)))
    : `${values.length} values of ${column} do not match ${rowsOf(scored)} rows of the holdout`
}

export function unreadable(because: string): CheckStatistics {
  return { method: 'unreadable', because }
}
