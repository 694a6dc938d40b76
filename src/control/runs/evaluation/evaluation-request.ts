// What an evaluation is given: models as files, the rows they are judged on, and the world they run in.
import type { Tables } from '../../../build/tables/duckdb.ts'
import type { Clock } from '../../../foundation/clock.ts'
import type { Digest } from '../../../foundation/digest.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import type { GateEvidenceInput } from '../../../verify/gates/gate-evidence.ts'
import type { OperationEvidence } from '../../../verify/readiness/readiness-evidence.ts'
import type { GoldenFiles } from '../readiness/measure-answers.ts'
import type { OpenScoringReplica } from './scoring-replica.ts'

export interface ModelFile {
  readonly modelPath: string
  readonly digest: Digest
  readonly sizeBytes: number
}

export interface ReleaseFile extends ModelFile {
  /** The release's number. */
  readonly release: string
}

export interface EvaluationRequest {
  readonly spec: ProjectSpec
  readonly candidate: ModelFile
  readonly champion: ReleaseFile | null
  /** Null where none is declared; a sentence where it cannot be had. */
  readonly anchor: ReleaseFile | string | null
  readonly holdoutPath: string
  /** How many times gates were asked on this holdout, this time included. */
  readonly attempt: number
  /** The rows the logistic baseline learns from; null where none are declared. */
  readonly trainPath: string | null
  /** What the training code predicted; null where no file is declared. */
  readonly predictionsPath: string | null
  /** What was found out about the artifact without serving it. */
  readonly apart: Pick<GateEvidenceInput, 'security' | 'tests' | 'recipe'>
  /** For scratch files; emptied by the caller. */
  readonly workDir: string
  readonly tables: Tables
  readonly openReplica: OpenScoringReplica
  readonly operation: OperationWorld
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What the project says about operation, looked up only when a check asks. */
export interface OperationWorld {
  readonly golden: GoldenFiles
  readonly facts: () => Promise<OperationEvidence>
}
