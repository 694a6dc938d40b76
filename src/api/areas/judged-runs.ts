// Runs whose gates were judged.
import { type EndedRun, isEnded, type Run, runKind } from '../../control/runs/run.ts'
import type { ApiWorld } from '../api-world.ts'
import { modelOf } from '../queries.ts'

/** The newest run that has evidence of gates. */
export async function lastJudged(world: ApiWorld): Promise<EndedRun | undefined> {
  const runs: Run[] = await world.store.list(runKind, { model: modelOf(world) })
  const judged = runs.filter((run): run is EndedRun => isEnded(run) && run.evidenceDigest !== null)
  return judged.toSorted((a, b) => b.number - a.number)[0]
}
