// The weak slices of a judged run, searched on the holdout it was judged on.
import { falseDiscovery, findWeakSlices } from '../../control/gates/find-weak-slices.ts'
import { evidenceAt } from '../../control/gates/read-evidence.ts'
import { holdingObjects } from '../../control/keeping/hold-objects.ts'
import { manifestOf } from '../../control/reconcilers/watch-world.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { ApiWorld } from '../api-world.ts'
import type { WeakSlicesInput, WeakSlicesView } from '../contract/gate-routes.ts'
import type { Listener } from '../contract/route.ts'
import { judgedRun } from './judged-runs.ts'

export async function weakSlices(
  world: ApiWorld,
  { subject, metric, columns, most }: WeakSlicesInput,
  listener: Listener,
): Promise<WeakSlicesView> {
  const run = await judgedRun(world, subject)
  const whose = `run ${run.number}`
  const { judged } = await evidenceAt(world.content, run.evidenceDigest, whose)
  if (judged === null) throw onlyData(whose)
  const manifest = run.releaseId === null ? null : await manifestOf(world, run.releaseId)
  const spec = world.spec()
  const found = await holdingObjects(world, `the search for weak slices of ${whose}`, () =>
    findWeakSlices(world.runWorld(), {
      ...{ spec, judged, manifest, whose, projectDir: world.about.projectDir },
      ...{
        metric: metric ?? null,
        columns: columns ?? null,
        most: most ?? null,
        signal: listener.signal,
      },
      told: (sentence) => listener.told({ sentence, done: null, total: null, unit: null }),
    }),
  )
  const { findings, rows, overall, isStored } = found
  const confirmed = findings.slices.filter((one) => one.isConfirmed)
  const watched = confirmed.map(({ name }) => name)
  return {
    run: run.number,
    metric: { name: found.metric.name, words: found.metric.words, better: found.metric.better },
    ...{ rows, overall, isStored, falseDiscovery },
    minSupport: spec.gateDefaults.minSupport,
    searched: findings.searched,
    searchRows: findings.searchRows,
    confirmRows: findings.confirmRows,
    slices: findings.slices,
    skipped: findings.skipped,
    declaration: watched.length === 0 ? null : declarationOf(spec.evaluate.slices, watched),
  }
}

/** A text in JSON is the same text in YAML. */
function declarationOf(declared: readonly string[], found: readonly string[]): string {
  return `slices: [${[...new Set([...declared, ...found])].map((name) => JSON.stringify(name)).join(', ')}]`
}

function onlyData(whose: string): LockstepError {
  return new LockstepError({
    code: 'gates.not_recorded',
    kind: 'precondition',
    message: `${whose} ended before a model was judged, so there is nothing to search`,
    hint: 'name another run, or make one: lockstep run',
  })
}
