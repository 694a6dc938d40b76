// What a model gate is judged on: predictions of the packaged artifact on the holdout, made by the serving runtime, and
// what was measured while it ran.
import type { GroupName } from '../fairness/group-counts.ts'
import type { Scored } from '../metrics/scored.ts'
import type { ReadinessEvidence } from '../readiness/readiness-statistics.ts'

export interface HoldoutEvidence extends Scored {
  /** Group values by column, one per row. */
  readonly groups: ReadonlyMap<string, readonly GroupName[]>
}

export interface GateEvidenceInput {
  readonly holdout: HoldoutEvidence
  /** The serving release on the same rows; absent before the first promotion. */
  readonly champion?: {
    readonly release: string
    readonly scores: Float64Array
    /** Default: the holdout's. */
    readonly threshold?: number
  }
  readonly baselines: ReadonlyMap<string, Float64Array>
  readonly readiness?: ReadinessEvidence
}

/** Why the predictions cannot be judged at all; undefined when they can. */
export function faultOfHoldout({ labels, scores }: HoldoutEvidence): string | undefined {
  if (labels.length !== scores.length) {
    return `${scores.length} scores do not match ${labels.length} labels of the holdout`
  }
  const strange = labels.findIndex((label) => label > 1)
  if (strange >= 0)
    return `row ${strange} of the holdout has the label ${labels[strange]}; labels are 0 or 1`
  return faultOfScores('the model', scores, labels.length)
}

export function faultOfScores(who: string, scores: Float64Array, rows: number): string | undefined {
  if (scores.length !== rows) return `${who} scored ${scores.length} of ${rows} holdout rows`
  let bad = 0
  for (const score of scores) if (!Number.isFinite(score)) bad++
  return bad > 0 ? `${bad} of ${rows} scores of ${who} are not numbers` : undefined
}
