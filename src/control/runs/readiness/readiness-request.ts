// What measuring readiness needs to know, gathered from an evaluation: the candidate in use, the champion beside it, the files and
// records of the project.
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { systemCodeOf } from '../../../foundation/errors.ts'
import { makeFolder } from '../../../foundation/make-folder.ts'
import type { LoadedProject } from '../../../project/load-project.ts'
import { normalisedPath } from '../../../verify/readiness/report-path.ts'
import type { EvaluationRequest, OperationWorld } from '../evaluation/evaluation-request.ts'
import { type Holdout, readInputs } from '../evaluation/read-holdout.ts'
import type { ScoredHoldout } from '../evaluation/score-holdout.ts'
import type { ScoringReplica } from '../evaluation/scoring-replica.ts'
import type { RunWorld } from '../run-world.ts'
import type { GoldenFiles } from './measure-answers.ts'
import { measureOperation } from './measure-operation.ts'
import type { ReadinessRequest } from './measure-readiness.ts'
import type { ReadinessPlan } from './plan-readiness.ts'

export interface CandidateInUse {
  readonly request: EvaluationRequest
  readonly replica: ScoringReplica
  readonly holdout: Holdout
  readonly answered: ScoredHoldout
  /** The candidate in a fresh process. */
  readonly open: () => Promise<ScoringReplica>
}

export function readinessRequest(
  { request, replica, holdout, answered, open }: CandidateInUse,
  plan: ReadinessPlan,
): ReadinessRequest {
  const { spec, champion, candidate, operation, tables, clock, signal } = request
  return {
    ...{ plan, replica, open, clock, signal },
    columns: holdout.inputs,
    declaredColumns: async () =>
      (await tables.columns(`select * from ${holdout.table} limit 0`)).names,
    label: spec.evaluate.label,
    scoreOutput: answered.place.output,
    sizeBytes: candidate.sizeBytes,
    champion: champion && {
      release: champion.release,
      open: async () => {
        const label = `the model of release ${champion.release}`
        const opened = await request.openReplica(
          { ...champion, label, modelName: spec.model.name },
          signal,
        )
        try {
          const names = opened.signature.inputs.map(({ name }) => name)
          return { replica: opened, columns: await readInputs(tables, holdout, names) }
        } catch (error) {
          await opened.stop()
          throw error
        }
      },
    },
    golden: operation.golden,
    operation: operation.facts,
  }
}

export function operationOf(world: RunWorld, { spec, dir }: LoadedProject): OperationWorld {
  return {
    golden: goldenFiles(dir, join(world.folder.root, 'golden')),
    facts: () => measureOperation(world, { spec, dir }),
  }
}

/** Proposals lie in the data folder: what is in the project is there because someone put it there. */
function goldenFiles(dir: string, proposals: string): GoldenFiles {
  return {
    async read(path) {
      const inside = normalisedPath(path)
      if (inside === undefined) throw new Error(`${path} is not a path inside the project`)
      return readFile(join(dir, inside), 'utf8').catch((error: unknown) => {
        if (systemCodeOf(error) === 'ENOENT') return undefined
        throw error
      })
    },
    async propose(path, text) {
      await makeFolder(proposals)
      await writeFile(join(proposals, basename(path)), text)
      return `.lockstep/golden/${basename(path)}`
    },
  }
}
