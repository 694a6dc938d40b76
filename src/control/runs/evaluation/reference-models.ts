// Earlier releases on the rows of the candidate: each reads them by its own signature, in a process of its own. One that cannot
// answer is a sentence, so that only the checks that name it are in error.
import type { Tables } from '../../../build/tables/duckdb.ts'
import { sentenceOf } from '../../../foundation/errors.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import type { ReferenceModel } from '../../../verify/gates/gate-evidence.ts'
import type { ReleaseFile } from './evaluation-request.ts'
import { type Holdout, readInputs } from './read-holdout.ts'
import { scoreHoldout } from './score-holdout.ts'
import type { OpenScoringReplica } from './scoring-replica.ts'

export interface ReferenceWorld {
  readonly spec: ProjectSpec
  readonly tables: Tables
  readonly openReplica: OpenScoringReplica
  readonly signal: AbortSignal
}

export async function scoreRelease(
  { spec, tables, openReplica, signal }: ReferenceWorld,
  file: ReleaseFile,
  holdout: Holdout,
): Promise<ReferenceModel> {
  const { release } = file
  const label = `the model of release ${release}`
  try {
    const replica = await openReplica({ ...file, label, modelName: spec.model.name }, signal)
    try {
      const names = replica.signature.inputs.map((input) => input.name)
      const columns = await readInputs(tables, holdout, names)
      const { scored } = await scoreHoldout(replica, holdout, spec.evaluate, columns)
      return { release, scored }
    } finally {
      await replica.stop()
    }
  } catch (error) {
    if (signal.aborted) throw error
    return {
      release,
      scored: `it cannot be scored on these rows: ${sentenceOf(error)}; keep its columns in the holdout, or drop the checks that name it`,
    }
  }
}
