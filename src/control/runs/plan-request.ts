// One way from a project's resolved inputs to a pipeline request: running, planning and explaining must see the same thing.
import type { PlanRequest } from '../../build/pipeline/pipeline-request.ts'
import { namesMeant } from '../../build/pipeline/step-names.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import { type Run, type RunScope, wholeScope } from './run.ts'
import type { RunWorld } from './run-world.ts'

export interface Asked {
  readonly force: boolean
  readonly scope: RunScope
}

export const asksNothing: Asked = { force: false, scope: wholeScope }

export function askedBy(run: Run): Asked {
  return { force: run.force, scope: run.scope ?? wholeScope }
}

export function planRequestOf(
  world: RunWorld,
  inputs: ResolvedInputs,
  { force, scope }: Asked,
): PlanRequest {
  const { spec, dir } = inputs.project
  const { steps } = spec
  const to = namesMeant(steps, scope.to)
  const only = namesMeant(steps, scope.only)
  const forced = namesMeant(steps, scope.forced)
  return {
    steps,
    projectDir: dir,
    store: world.content,
    index: world.index,
    actions: world.actions,
    params: inputs.parameters,
    lockstepVersion: world.versions.lockstep,
    clock: world.clock,
    runtimes: world.runtimes,
    machineEnvironment: world.machineEnvironment,
    capacity: {
      processors: world.machine.processors,
      memoryBytes: world.machine.memoryBytes,
      pools: spec.pools,
    },
    parallelism: scope.parallelism ?? world.parallelism,
    snapshot: inputs.snapshot,
    ...(to.length > 0 ? { only: to } : {}),
    ...(only.length > 0 ? { exactly: only } : {}),
    ...(force ? { force: 'all' as const } : forced.length > 0 ? { force: forced } : {}),
  }
}
