// What a model card says beside the manifest: a document made once, when the release is sealed, and never changed. Pure.
import type { Digest } from '../../foundation/digest.ts'
import type { EvaluateSpec, ProjectSpec } from '../../project/project-spec.ts'
import type { DatasetProfile } from '../../verify/data/profile/profile.ts'
import type { GateReport } from '../../verify/gates/gate-report.ts'
import { type CardStatement, readStatement } from './card-statement.ts'
import type { PerformanceFacts } from './performance-facts.ts'
import { type ProfileFacts, profileFacts } from './profile-facts.ts'
import type { TaskFacts } from './task-facts.ts'

export interface CardFacts {
  readonly version: 1
  readonly model: {
    readonly name: string
    readonly owner: string | null
    readonly description: string | null
  }
  /** What people wrote about it: MODEL_CARD.md in the project. */
  readonly statement: CardStatement
  readonly evaluation: {
    readonly data: string
    readonly label: string
    readonly threshold: number
  } | null
  readonly gates: readonly CardGate[]
  readonly performance: PerformanceFacts | null
  /** In place of `performance` for a model that is not one of two classes. */
  readonly otherTask?: TaskFacts
  readonly profile: ProfileFacts | null
  /** The score of every holdout row, so that later releases can be compared row by row. */
  readonly predictions: PredictionsRef | null
}

export interface CardGate {
  readonly name: string
  readonly verdict: string
  readonly checks: readonly CardCheck[]
}

export interface CardCheck {
  readonly text: string
  readonly verdict: string
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly n: number | null
  readonly method: string | null
  /** Observed against allowed. */
  readonly because: string
}

export interface PredictionsRef {
  readonly digest: Digest
  readonly rows: number
  /** What was scored: a dataset's version or the digest of a step's output. */
  readonly holdout: Digest
}

export interface CardSources {
  readonly spec: Pick<ProjectSpec, 'model'> & {
    readonly evaluate: Pick<EvaluateSpec, 'data' | 'label' | 'threshold'>
  }
  /** Every gate that was judged, the data gate among them. */
  readonly reports: readonly GateReport[]
  readonly performance: PerformanceFacts | null
  readonly otherTask?: TaskFacts
  readonly profile: DatasetProfile
  readonly predictions: PredictionsRef | null
  /** The text of MODEL_CARD.md; null without one. */
  readonly statement: string | null
}

export function cardFactsOf(sources: CardSources): CardFacts {
  const { spec, reports, performance, otherTask, profile, predictions, statement } = sources
  const { name, owner, description } = spec.model
  const { data, label, threshold } = spec.evaluate
  return {
    version: 1,
    model: { name, owner, description },
    statement: readStatement(statement ?? ''),
    evaluation: { data, label, threshold },
    gates: reports.flatMap((report) => report.gates).map(gateOf),
    performance,
    ...(otherTask ? { otherTask } : {}),
    profile: profileFacts(profile),
    predictions,
  }
}

function gateOf({ name, verdict, checks }: GateReport['gates'][number]): CardGate {
  return {
    name,
    verdict,
    checks: checks.map((check) => ({
      text: check.text,
      verdict: check.verdict,
      estimate: check.estimate ?? null,
      lower: check.lower ?? null,
      upper: check.upper ?? null,
      n: check.n ?? null,
      method: check.method,
      because: check.because,
    })),
  }
}
