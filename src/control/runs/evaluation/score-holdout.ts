// A model's answers to the rows of the holdout, as the task reads them: through a replica, the way traffic will reach it.
import { LockstepError } from '../../../foundation/errors.ts'
import type { EvaluateSpec } from '../../../project/project-spec.ts'
import type { ModelSignature } from '../../../serve/protocol/tensor.ts'
import { type ScorePlace, scorePlaceOf } from '../../../serve/runtime/score-place.ts'
import { type ScoredColumn, scoreRows } from '../../../serve/runtime/score-rows.ts'
import type { Scored } from '../../../verify/metrics/scored.ts'
import { argmaxOf, faultOfClassOrder, faultOfScoreSide } from './class-order.ts'
import type { Holdout } from './read-holdout.ts'
import type { ScoringReplica } from './scoring-replica.ts'

export interface ScoredHoldout {
  readonly scored: Scored
  /** Where the scores were read in the model's answers. */
  readonly place: ScorePlace
}

/** Throws when the model cannot answer these rows, or answers something else than the task asks for. */
export async function scoreHoldout(
  replica: Pick<ScoringReplica, 'client' | 'signature'>,
  holdout: Holdout,
  spec: EvaluateSpec,
  columns: readonly ScoredColumn[] = holdout.inputs,
): Promise<ScoredHoldout> {
  const { signature } = replica
  const place = placeOf(signature, holdout, spec)
  const { scores, width, labels, rows } = await scoreRows(replica.client, {
    signature,
    columns,
    score: place,
  })
  if (rows !== holdout.rows)
    throw unfit(`the model answered ${rows} of ${holdout.rows} rows of the holdout ${spec.data}`)
  refuseWidth(holdout, spec, width)
  const scored = scoredOf(holdout, spec, scores)
  if (labels !== undefined) refuseOtherOrder(holdout, { scores, width, labels })
  return { scored, place }
}

/** What the model calls its own answers tells which class a score is of. */
function refuseOtherOrder(
  { labels: known }: Holdout,
  answered: {
    readonly scores: Float64Array
    readonly width: number
    readonly labels: readonly unknown[]
  },
): void {
  const { scores, width, labels } = answered
  if (known.task === 'binary') {
    const fault = faultOfScoreSide(known.classes, scores, labels)
    if (fault !== undefined)
      throw unfit(
        fault,
        'correct evaluate.score.column, or list the positive class last in evaluate.classes',
      )
  }
  if (known.task === 'multiclass') {
    const fault = faultOfClassOrder(known.classes, argmaxOf(scores, width), labels)
    if (fault !== undefined)
      throw unfit(fault, 'list evaluate.classes in the order of the model’s probabilities')
  }
}

/** Another model's or a baseline's scores for the same rows. */
export function scoredOf(holdout: Holdout, spec: EvaluateSpec, scores: Float64Array): Scored {
  const { labels: known, carried, queries } = holdout
  switch (known.task) {
    case 'binary':
      return { ...carried, task: 'binary', labels: known.labels, scores, threshold: spec.threshold }
    case 'multiclass': {
      const { task, labels, classes } = known
      return { ...carried, task, classes, labels, scores }
    }
    case 'regression':
      return { ...carried, task: 'regression', labels: known.labels, scores }
    case 'ranking': {
      const one = queries ?? new Uint32Array(known.labels.length)
      return { ...carried, task: 'ranking', labels: known.labels, scores, queries: one }
    }
  }
}

function placeOf(signature: ModelSignature, { labels }: Holdout, spec: EvaluateSpec): ScorePlace {
  // What the labels happen to show says nothing about how many classes the model knows.
  const classes = labels.task === 'multiclass' ? spec.classes?.length : undefined
  return scorePlaceOf(signature, {
    task: spec.task,
    score: spec.score,
    ...(classes === undefined ? {} : { classes }),
  })
}

function refuseWidth({ labels }: Holdout, spec: EvaluateSpec, width: number): void {
  if (labels.task !== 'multiclass' || labels.classes.length === width) return
  const known = labels.classes.join(', ')
  throw unfit(
    spec.classes === null
      ? `the model gives ${width} probabilities per row, and the labels of the holdout show ${labels.classes.length} classes (${known})`
      : `the model gives ${width} probabilities per row, and evaluate.classes has ${labels.classes.length} (${known})`,
    'list every class of the model under evaluate.classes, in the order of its probabilities',
  )
}

function unfit(message: string, hint?: string): LockstepError {
  return new LockstepError({
    code: 'run.model_unfit',
    kind: 'invalid',
    message,
    ...(hint === undefined ? {} : { hint }),
  })
}
