// What the project declares and its records show about running the model: owner, runbook, monitors, rollbacks.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Rollout, rolloutKind } from '../../../deliver/rollouts/rollout.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import type {
  OperationEvidence,
  RehearsedRollback,
} from '../../../verify/readiness/readiness-evidence.ts'
import { normalisedPath } from '../../../verify/readiness/report-path.ts'
import type { RunWorld } from '../run-world.ts'

export async function measureOperation(
  { store, clock }: Pick<RunWorld, 'store' | 'clock'>,
  { spec, dir }: { readonly spec: ProjectSpec; readonly dir: string },
): Promise<OperationEvidence> {
  const { owner, runbook, name } = spec.model
  const rollouts: Rollout[] = await store.list(rolloutKind, { model: name })
  return {
    owner,
    runbook: runbook === null ? null : { path: runbook, state: await stateOf(dir, runbook) },
    monitors: spec.monitors.map((monitor) => ({
      name: monitor.name,
      environment: monitor.environment,
    })),
    environments: spec.environments.map((environment) => environment.name),
    rollbacks: rollbacksOf(rollouts),
    now: clock.now(),
  }
}

async function stateOf(dir: string, path: string): Promise<'there' | 'empty' | 'missing'> {
  const inside = normalisedPath(path)
  const found = inside && (await stat(join(dir, inside)).catch(() => undefined))
  if (!found) return 'missing'
  if (!found.isFile()) return 'missing'
  return found.size > 0 ? 'there' : 'empty'
}

/** Newest first. */
export function rollbacksOf(rollouts: readonly Rollout[]): readonly RehearsedRollback[] {
  return rollouts.flatMap(rollbackOf).sort((one, other) => other.at - one.at)
}

/** A rollout that was taken back, or one that a person asked for in order to go back. */
function rollbackOf(rollout: Rollout): RehearsedRollback[] {
  const { environment } = rollout
  const release = String(rollout.release.number)
  if (rollout.phase === 'rolled_back')
    return [{ environment, at: rollout.endedAt, release, how: 'automatic' }]
  if (rollout.phase === 'completed' && rollout.intent === 'rollback')
    return [{ environment, at: rollout.endedAt, release, how: 'asked' }]
  return []
}
