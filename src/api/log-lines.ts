// What the steps of a run printed: while it runs from memory, later from the content store.
import { type Run, runKind } from '../control/runs/run.ts'
import { toIso } from '../foundation/clock.ts'
import type { ApiWorld } from './api-world.ts'
import type { LockstepApi } from './contract/routes.ts'
import type { LogLineView } from './contract/views.ts'
import { byIdOrNumber, modelOf } from './queries.ts'

/** Live lines from memory; for a run from before a restart, mostly the newest, the logs its steps left in the content store. */
export async function logLines(
  world: ApiWorld,
  { run: asked, step, after = 0 }: Parameters<LockstepApi['logs']>[0],
): Promise<LogLineView[]> {
  const run = asked === undefined ? undefined : await byIdOrNumber<Run>(world, runKind, asked)
  const live = world.runLog.read({
    after,
    ...(run ? { run: run.id } : {}),
    ...(step ? { step } : {}),
  })
  if (live.length > 0 || after > 0)
    return live.map((one) => ({ at: toIso(one.at), source: one.step, line: one.line }))
  const ended = run ?? (await newestRun(world))
  if (!ended) return []
  const steps = ended.steps.filter((one) => step === undefined || one.name === step)
  return (await Promise.all(steps.map((one) => keptLog(world, ended, one)))).flat()
}

async function newestRun(world: ApiWorld): Promise<Run | undefined> {
  const [newest] = await world.store.list<Run>(runKind, { model: modelOf(world), limit: 1 })
  return newest
}

async function keptLog(
  world: ApiWorld,
  run: Run,
  step: Run['steps'][number],
): Promise<LogLineView[]> {
  const { logDigest } = step
  if (logDigest === null || !(await world.content.has(logDigest))) return []
  const text = (await world.content.read(logDigest)).toString('utf8')
  const at = toIso(step.finishedAt ?? run.updatedAt)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => ({ at, source: step.name, line }))
}
