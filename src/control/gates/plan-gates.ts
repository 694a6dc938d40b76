// Which gates the holdout can decide, asked before a run: the holdout as it is declared or as the last run made it, and the
// evidence of the last model that was judged.
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { quoteName, type Tables, tableOf } from '../../build/tables/duckdb.ts'
import type { Digest } from '../../foundation/digest.ts'
import { newId } from '../../foundation/ids.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import type { EvaluateSpec, ProjectSpec } from '../../project/project-spec.ts'
import { nameOfGroup } from '../../verify/fairness/group-counts.ts'
import type { PlannedGroup } from '../../verify/gates/planning/plan-gap.ts'
import { type HoldoutCounts, planGates } from '../../verify/gates/planning/plan-gates.ts'
import type { PlannedCheck } from '../../verify/gates/planning/planned-check.ts'
import { isEnded, type Run, runKind } from '../runs/run.ts'
import type { RunWorld } from '../runs/run-world.ts'
import { evidenceAt } from './read-evidence.ts'

export interface GatePlan {
  /** Null while no holdout exists yet. */
  readonly holdout: (HoldoutCounts & { readonly from: string }) | null
  readonly checks: readonly PlannedCheck[]
}

type PlanWorld = Pick<RunWorld, 'store' | 'content' | 'tables' | 'folder' | 'clock'>

export async function planProjectGates(
  world: PlanWorld,
  spec: ProjectSpec,
  projectDir: string,
): Promise<GatePlan> {
  const runs: Run[] = await world.store.list(runKind, { model: spec.model.name })
  const latest = runs.toSorted((a, b) => b.number - a.number)
  const judged = latest.find((run) => isEnded(run) && run.holdoutDigest !== undefined)
  const evidence = judged && isEnded(judged) ? judged.evidenceDigest : null
  // Lost evidence costs a better guess, not the plan.
  const earlier = evidence
    ? await evidenceAt(world.content, evidence, `run ${judged?.number}`).catch(() => null)
    : null
  const holdout = await holdoutOf(world, spec, { latest, projectDir })
  const { evaluate, gates, gateDefaults: defaults } = spec
  return {
    holdout,
    checks: planGates({ gates, defaults, task: evaluate.task, holdout, earlier }),
  }
}

async function holdoutOf(
  world: PlanWorld,
  { datasets, evaluate }: ProjectSpec,
  { latest, projectDir }: { readonly latest: readonly Run[]; readonly projectDir: string },
): Promise<GatePlan['holdout']> {
  const dataset = datasets.find(({ name }) => name === evaluate.data)
  if (dataset !== undefined && dataset.madeBy === null) {
    const counts = await countRows(await world.tables(), join(projectDir, dataset.path), evaluate)
    return { ...counts, from: dataset.path }
  }
  const file = dataset?.path ?? evaluate.data
  const made = await lastMade(world, latest, file)
  if (made === undefined) return null
  const folder = join(world.folder.work, newId('plan', world.clock.now()))
  await makeFolder(folder)
  try {
    const path = join(folder, basename(file))
    await world.content.materialise({ kind: 'file', digest: made.digest }, path)
    const counts = await countRows(await world.tables(), path, evaluate)
    return { ...counts, from: `${file} of run ${made.run}` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function lastMade(
  { content }: PlanWorld,
  latest: readonly Run[],
  path: string,
): Promise<{ digest: Digest; run: number } | undefined> {
  for (const { steps, number } of latest) {
    const output = steps.flatMap((step) => step.outputs).find((one) => one.path === path)
    if (output && (await content.has(output.digest))) return { digest: output.digest, run: number }
  }
  return undefined
}

async function countRows(
  tables: Tables,
  path: string,
  { task, label, groups }: EvaluateSpec,
): Promise<HoldoutCounts> {
  const ones = `count_if(try_cast(${quoteName(label)} as double) = 1)`
  const positives = task === 'binary' ? ones : 'null'
  const [found] = await tables.query<{ rows: number; positives: number | null }>(
    `select count(*) as rows, ${positives} as positives from ${tableOf(path)}`,
  )
  const { rows = 0, positives: count = null } = found ?? {}
  const counted: [string, PlannedGroup[]][] = []
  for (const column of groups) {
    const each = await tables.query<{
      name: string | null
      rows: number
      positives: number | null
    }>(
      `select cast(${quoteName(column)} as varchar) as name, count(*) as rows, ${positives} as positives from ${tableOf(path)} group by all order by all`,
    )
    counted.push([column, each.map((one) => ({ ...one, name: nameOfGroup(one.name) }))])
  }
  return {
    rows: Number(rows),
    positives: count === null ? null : Number(count),
    groups: new Map(counted),
  }
}
