// Monitors look, alerts are answered, triggers fire and are braked: five beats each. The deciders are in observe/ and deliver/.

import { deploymentId, deploymentKind } from '../../deliver/environments/deployment.ts'
import type { EnsureRun } from '../../deliver/triggers/decide-firing.ts'
import { decideFiring } from '../../deliver/triggers/decide-firing.ts'
import { type Firing, firingKind } from '../../deliver/triggers/firing.ts'
import type { PastFiring } from '../../deliver/triggers/trigger-state.ts'
import { sentenceOf } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { windowDrift } from '../../observe/drift/window-drift.ts'
import { type Alert, alertKind } from '../../observe/monitors/alert.ts'
import { decideAlert } from '../../observe/monitors/decide-alert.ts'
import { decideMonitor } from '../../observe/monitors/decide-monitor.ts'
import type { Look } from '../../observe/monitors/judge-window.ts'
import { type Monitor, monitorKind } from '../../observe/monitors/monitor.ts'
import type { MonitorSpec, TriggerSpec } from '../../project/watch-spec.ts'
import { commitNumbered } from '../../store/commit-numbered.ts'
import type { Reconciler } from '../loop.ts'
import { recordDecision } from '../record.ts'
import { createRun, type EndedRun, isEnded, type Run, runKind } from '../runs/run.ts'
import { profileOf, servingRelease, type WatchWorld } from './watch-world.ts'

export function monitorReconciler(world: WatchWorld): Reconciler {
  return {
    kindName: monitorKind.name,
    async reconcile(id, now) {
      const monitor: Monitor = await world.store.get(monitorKind, id)
      const spec = world.spec().monitors.find((one) => one.name === monitor.spec.name) ?? null
      const releaseId = await servingRelease(world, monitor.environment)
      const alerts: Alert[] = await world.store.list(alertKind, {
        model: monitor.model,
        environment: monitor.environment,
        active: true,
      })
      const seen = {
        spec,
        releaseId,
        look: spec && releaseId ? await lookAt(world, spec, releaseId, now) : null,
        candidateLook: null,
        openAlert: alerts[0] ?? null,
        newAlertId: newId('alert', now),
      }
      await recordDecision(world.store, monitorKind, monitor, decideMonitor(monitor, seen, now))
    },
  }
}

async function lookAt(
  world: WatchWorld,
  spec: MonitorSpec,
  releaseId: string,
  now: number,
): Promise<Look | null> {
  const profile = await profileOf(world, releaseId)
  if (!profile) return null
  try {
    return await windowDrift({
      tables: world.tables,
      captures: world.captures,
      environment: spec.environment,
      model: world.spec().model.name,
      releaseId,
      profile,
      columns: spec.columns,
      since: now - spec.windowMs,
      criteria: { minRows: spec.minRows, psi: spec.psi, falseDiscovery: spec.falseDiscovery },
    })
  } catch (error) {
    return { failed: sentenceOf(error) }
  }
}

export function alertReconciler(world: WatchWorld): Reconciler {
  return {
    kindName: alertKind.name,
    async reconcile(id, now) {
      const alert: Alert = await world.store.get(alertKind, id)
      const intents = await world.store.openIntents(alertKind.name, id)
      await recordDecision(world.store, alertKind, alert, decideAlert(alert, { intents }, now))
    },
  }
}

export function firingReconciler(world: WatchWorld): Reconciler {
  return {
    kindName: firingKind.name,
    async reconcile(id, now) {
      const firing: Firing = await world.store.get(firingKind, id)
      const trigger =
        world.spec().triggers.find((one) => one.name === firing.trigger) ??
        unknownTrigger(firing.trigger)
      const firings: Firing[] = await world.store.list(firingKind, { model: firing.model })
      const ofTrigger = firings.filter(
        (other) => other.trigger === firing.trigger && other.id !== id,
      )
      const runs: Run[] = await world.store.list(runKind, { model: firing.model })
      const own = runs.find((run) => run.parentId === id)
      const inFlight = runs.find((run) => !isEnded(run) && run.id !== own?.id)
      const seen = {
        trigger,
        past: ofTrigger.flatMap((other) => pastOf(other, runs)),
        open: ofTrigger.filter((other) => other.phase === 'detected' || other.phase === 'admitted'),
        runInFlight: inFlight ? { runId: inFlight.id } : null,
        lastInputDigest: runs.find((run) => run.phase === 'succeeded')?.inputsDigest ?? null,
        hold: await holdOf(world, trigger),
        run: own ? { runId: own.id } : null,
      }
      const decision = decideFiring(firing, seen, now)
      await recordDecision(world.store, firingKind, firing, decision)
      for (const action of decision.actions) await ensureRun(world, action, now)
    },
  }
}

/** A trigger that is no longer declared never starts anything again. */
function unknownTrigger(name: string): TriggerSpec {
  return { name, on: { kind: 'data' }, cooldownMs: 0, maxPerDay: 0 }
}

function pastOf(firing: Firing, runs: readonly Run[]): PastFiring[] {
  if (firing.phase !== 'run_created') return []
  const run = runs.find((one) => one.id === firing.runId)
  return [
    {
      firingId: firing.id,
      firedAt: firing.detectedAt,
      runId: firing.runId,
      outcome: run ? outcomeOf(run) : 'errored',
    },
  ]
}

function outcomeOf(run: Run): PastFiring['outcome'] {
  if (!isEnded(run)) return 'open'
  const useful: Partial<Record<EndedRun['phase'], PastFiring['outcome']>> = {
    succeeded: 'useful',
    failed: 'useless',
    unchanged: 'useless',
  }
  return useful[run.phase] ?? 'errored'
}

/** A hold on the environment a monitor watches also holds the retraining it asks for. */
async function holdOf(world: WatchWorld, trigger: TriggerSpec) {
  const { on } = trigger
  if (on.kind !== 'alert') return null
  const monitor = world.spec().monitors.find((one) => one.name === on.monitor)
  if (!monitor) return null
  const id = deploymentId(world.spec().model.name, monitor.environment)
  return (await world.store.find(deploymentKind, id))?.hold ?? null
}

/** One run per firing: its id follows from the firing's. */
async function ensureRun(world: WatchWorld, action: EnsureRun, now: number): Promise<void> {
  const id = `run_${action.firingId.replace(/^[a-z]+_/, '')}`
  if (await world.store.find(runKind, id)) return
  const { model, trigger, causes, firingId } = action
  await commitNumbered(world.store, { kindName: runKind.name, model }, (number) =>
    createRun({
      id,
      model,
      number,
      startedBy: 'system:triggers',
      trigger,
      cause: causes.map((cause) => cause.sentence).join('; '),
      force: false,
      now,
      parentId: firingId,
    }),
  )
  await world.store.wake(firingKind.name, action.firingId, now)
}
