// Runs whose gates were judged: the newest one, or the one that is meant.
import { type EndedRun, isEnded, type Run, runKind } from '../../control/runs/run.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { ApiWorld } from '../api-world.ts'
import { byIdOrNumber, modelOf } from '../queries.ts'

export type JudgedRun = EndedRun & { readonly evidenceDigest: Digest }

/** The newest run that has evidence of gates. */
export async function lastJudged(world: ApiWorld): Promise<JudgedRun | undefined> {
  const runs: Run[] = await world.store.list(runKind, { model: modelOf(world) })
  const judged = runs.filter((run): run is JudgedRun => isEnded(run) && run.evidenceDigest !== null)
  return judged.toSorted((a, b) => b.number - a.number)[0]
}

/** A run by number or id, the run of `release:3`, or the newest; throws when its gates were not judged. */
export async function judgedRun(world: ApiWorld, subject: string | undefined): Promise<JudgedRun> {
  if (subject === undefined) {
    const last = await lastJudged(world)
    if (last) return last
    throw new LockstepError({
      code: 'gates.none_judged',
      kind: 'not_found',
      message: `no run of ${modelOf(world)} has judged its gates yet`,
      hint: 'make one: lockstep run',
    })
  }
  const release = /^release:(.+)$/.exec(subject)?.[1] ?? (/^rel_/.test(subject) ? subject : null)
  const id =
    release === null
      ? subject.replace(/^run:/, '')
      : ((await byIdOrNumber(world, releaseKind, release)) as Release).runId
  const run: Run = await byIdOrNumber(world, runKind, id)
  if (!isEnded(run)) throw notEnded(run)
  const { evidenceDigest, sameAs } = run
  if (evidenceDigest !== null) return { ...run, evidenceDigest }
  // A run with the inputs of an earlier one was judged when that one was.
  if (sameAs === null) throw notJudged(run)
  return judgedRun(world, sameAs)
}

/** A refused run tells every reason already; its checks repeat them. */
export function outcomeOf({ phase, because }: EndedRun): string {
  return phase === 'failed' || phase === 'errored'
    ? `The run ${phase}: no release was made.`
    : `${because.charAt(0).toUpperCase()}${because.slice(1)}.`
}

function notEnded(run: Run): LockstepError {
  return new LockstepError({
    code: 'gates.not_ended',
    kind: 'precondition',
    message: `run ${run.number} is still ${run.phase}; its gates are not judged yet`,
    hint: `wait for it: lockstep runs ${run.number}`,
  })
}

function notJudged(run: EndedRun): LockstepError {
  return new LockstepError({
    code: 'gates.none_judged',
    kind: 'not_found',
    message: `run ${run.number} ended as ${run.phase} before its gates were judged: ${run.because}`,
    hint: `look into it: lockstep why run ${run.number}`,
  })
}
