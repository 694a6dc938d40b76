// Process entry: the control plane. It composes store, rooms, loops and API by plain calls; nothing here decides anything.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiWorld } from '../api/api-world.ts'
import { isDiskTrouble, storeUnwritable } from '../build/artifacts/file-errors.ts'
import { createLoop, type Loop } from '../control/loop.ts'
import { runPulses } from '../control/pulses.ts'
import {
  deploymentReconciler,
  promotionReconciler,
  rolloutReconciler,
} from '../control/reconcilers/delivery-reconcilers.ts'
import { releaseReconciler } from '../control/reconcilers/release-reconciler.ts'
import { createRunReconciler } from '../control/reconcilers/run-reconciler.ts'
import {
  alertReconciler,
  firingReconciler,
  monitorReconciler,
} from '../control/reconcilers/watch-reconcilers.ts'
import { resolveInputs } from '../control/runs/resolve-inputs.ts'
import { runKind } from '../control/runs/run.ts'
import { writeFileAtomically } from '../foundation/atomic-file.ts'
import { createLogger } from '../foundation/logger.ts'
import { type DataFolder, dataFolder, socketNames } from '../project/data-folder.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { childConfig, enterChild, leave, reportFailure } from './child-process.ts'
import { openDoors } from './control-doors.ts'
import { type ControlConfig, composeControl } from './control-parts.ts'
import { pulsesOf } from './control-pulses.ts'
import { version } from './package-info.ts'
import { registryAccess } from './registry-access.ts'

const life = enterChild()
const logger = createLogger('control', 'info')
const config = childConfig<ControlConfig>()
try {
  await runControl(config)
  leave(0)
} catch (error) {
  const { root } = dataFolder(config.projectDir)
  reportFailure(isDiskTrouble(error) ? storeUnwritable(error, root) : error)
  logger.error('control plane could not go on', {
    error: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack : undefined,
  })
  leave(1)
}

async function runControl(config: ControlConfig): Promise<void> {
  const stop = life.stopSignal
  const parts = await composeControl(config, logger)
  const { clock, folder, source, store, runWorld, watchWorld, ring, trust, db } = parts
  const runs = createRunReconciler(runWorld, stop)
  const reconcilers = config.delivers
    ? [
        runs,
        releaseReconciler(watchWorld, trust),
        deploymentReconciler(watchWorld),
        promotionReconciler(watchWorld),
        rolloutReconciler(watchWorld),
        monitorReconciler(watchWorld),
        alertReconciler(watchWorld),
        firingReconciler(watchWorld),
      ]
    : [runs]
  const loops = reconcilers.map((reconciler) => createLoop(reconciler, { store, clock, logger }))
  const since = clock.now()
  const host = source.spec().gateway.host
  const url = config.port === null ? null : `http://127.0.0.1:${config.port}`
  const apiWorld: ApiWorld = {
    ...watchWorld,
    db,
    runWorld: () => runWorld,
    actions: runWorld.actions,
    index: runWorld.index,
    runLog: runWorld.log,
    resolveInputs: () => resolveInputs(runWorld),
    registryAccess: registryAccess(process.env),
    packageTrust: () => trust.forNewcomers(),
    trust,
    ring,
    stuck: () => loops.flatMap((loop) => loop.stuck()),
    about: { version, pid: process.pid, url, since, host, projectDir: config.projectDir },
  }

  const close = await openDoors(config, folder, apiWorld)
  await store.wakeAll(clock.now())
  const wanted = config.resumes ? Promise.resolve() : firstRunAskedFor(store, stop)
  await announce(config, folder, url)
  life.ready()
  await Promise.all([
    ...loops.map((loop: Loop) => wanted.then(() => loop.run(stop))),
    runPulses(pulsesOf(config, parts), { clock, logger, stop }),
    untilStopped(stop),
  ])
  await runs.drain()
  await close()
  await rm(join(folder.run, 'control.json'), { force: true })
  await parts.lease.release()
  await db.destroy()
}

async function announce(
  { projectDir }: ControlConfig,
  folder: DataFolder,
  at: string | null,
): Promise<void> {
  const socket = join(folder.sockets, socketNames.control)
  await writeFileAtomically(
    join(folder.run, 'control.json'),
    JSON.stringify({ pid: process.pid, socket, url: at, project: projectDir }),
    0o600,
  )
}

/** Whoever only looks must not set going what someone stopped. */
function firstRunAskedFor(store: ObjectStore, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = store.onCommit((kinds) => {
      if (!kinds.has(runKind.name)) return
      unsubscribe()
      resolve()
    })
    stop.addEventListener('abort', () => resolve(), { once: true })
  })
}

function untilStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve()
    stop.addEventListener('abort', () => resolve(), { once: true })
  })
}
