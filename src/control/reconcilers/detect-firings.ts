// Detecting what triggers wait for: an alert that fires, a time that comes, data that changes. Each occurrence once.
import {
  createFiring,
  type Firing,
  type FiringCause,
  firingKind,
} from '../../deliver/triggers/firing.ts'
import { toIso } from '../../foundation/clock.ts'
import { newId } from '../../foundation/ids.ts'
import { type Alert, alertKind, monitorsOf } from '../../observe/monitors/alert.ts'
import { createMonitor, type Monitor, monitorKind } from '../../observe/monitors/monitor.ts'
import { lastDue } from '../../project/schedule.ts'
import type { TriggerSpec } from '../../project/watch-spec.ts'
import { runKind } from '../runs/run.ts'
import type { WatchWorld } from './watch-world.ts'

/** Level-triggered: an occurrence that already has its firing is left alone, also after a restart. */
export async function detectFirings(world: WatchWorld): Promise<void> {
  for (const trigger of world.spec().triggers) {
    const cause = await causeOf(world, trigger)
    if (cause) await fireOnce(world, trigger, cause)
  }
}

async function causeOf(world: WatchWorld, trigger: TriggerSpec): Promise<FiringCause | null> {
  const { on } = trigger
  switch (on.kind) {
    case 'alert':
      return alertCause(world, on.monitor)
    case 'schedule':
      return scheduleCause(world, on.cron, on.timeZone)
    case 'data':
      return dataCause(world)
  }
}

async function alertCause(world: WatchWorld, monitor: string): Promise<FiringCause | null> {
  const alerts: Alert[] = await world.store.list(alertKind, {
    model: world.spec().model.name,
    active: true,
  })
  const alert = alerts.find((one) => one.phase === 'firing' && monitorsOf(one).includes(monitor))
  return alert ? { kind: 'alert', sentence: alert.sentence, ref: alert.id } : null
}

/** The newest slot that has passed since the project's first run: missed slots fire once, not many times. */
async function scheduleCause(
  world: WatchWorld,
  pattern: string,
  timezone: string,
): Promise<FiringCause | null> {
  const runs = await world.store.list(runKind, { model: world.spec().model.name })
  const first = runs.at(-1)
  if (!first) return null
  const slot = lastDue(pattern, timezone, world.clock.now())
  if (slot === null || slot <= first.createdAt) return null
  return {
    kind: 'schedule',
    sentence: `the schedule '${pattern}' came due at ${toIso(slot)}`,
    ref: toIso(slot),
  }
}

async function dataCause(world: WatchWorld): Promise<FiringCause | null> {
  const digest = await world.inputsDigest()
  const runs = await world.store.list(runKind, { model: world.spec().model.name })
  if (runs.length === 0 || runs.some((run) => run.inputsDigest === digest)) return null
  return {
    kind: 'data',
    sentence: `the inputs changed: no run has used ${digest.slice(7, 19)} yet`,
    ref: digest,
  }
}

async function fireOnce(
  world: WatchWorld,
  trigger: TriggerSpec,
  cause: FiringCause,
): Promise<void> {
  const model = world.spec().model.name
  const earlier: Firing[] = await world.store.list(firingKind, { model })
  const now = world.clock.now()
  const inputDigest = await world.inputsDigest()
  const same = earlier.filter(
    (firing) =>
      firing.trigger === trigger.name &&
      firing.causes.some((one) => one.ref === cause.ref && one.kind === cause.kind),
  )
  if (same.some((firing) => !mayFireAgain(firing, { inputDigest, trigger, now }))) return
  const change = createFiring({ id: newId('firing', now), model, trigger, cause, inputDigest, now })
  await world.store.commit({ changes: [change] })
}

/** A braked occurrence comes back once its brake may have let go: with other data, or after a while. */
function mayFireAgain(
  firing: Firing,
  at: { readonly inputDigest: string; readonly trigger: TriggerSpec; readonly now: number },
): boolean {
  if (firing.phase !== 'suppressed') return false
  if (firing.brake === 'same_input') return firing.inputDigest !== at.inputDigest
  return at.now - firing.detectedAt > Math.max(at.trigger.cooldownMs, leastPauseMs)
}

const leastPauseMs = 60_000

/** One object per declared monitor. */
export async function ensureMonitors(world: WatchWorld): Promise<void> {
  const { monitors, model } = world.spec()
  const known: Monitor[] = await world.store.list(monitorKind, { model: model.name, active: true })
  for (const spec of monitors) {
    if (known.some((monitor) => monitor.spec.name === spec.name)) continue
    const now = world.clock.now()
    const object = createMonitor({ id: newId('monitor', now), model: model.name, spec, now })
    const because = `${spec.name} watches ${spec.environment}`
    await world.store.commit({
      changes: [
        {
          kind: monitorKind,
          object,
          expect: null,
          event: { type: 'monitor.declared', actor: 'system:loop', because },
        },
      ],
    })
  }
}
