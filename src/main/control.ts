// Process entry: the control plane. It composes store, rooms, loops and API by plain calls; nothing here decides anything.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { ApiWorld } from '../api/api-world.ts'
import { createControlApi } from '../api/control-api.ts'
import { createServer } from '../api/server.ts'
import { openContentStore } from '../build/artifacts/content-store.ts'
import { createFileIndex } from '../build/artifacts/file-index-store.ts'
import { reapOrphans } from '../build/executors/attempt-file.ts'
import { processExecutor } from '../build/executors/process-executor.ts'
import { createActionCache } from '../build/pipeline/action-cache-store.ts'
import { openTables, type Tables } from '../build/tables/duckdb.ts'
import { createLoop, type Loop } from '../control/loop.ts'
import { deliverNotices, logSender } from '../control/notices.ts'
import { openProjectSource } from '../control/project-source.ts'
import { type Pulse, runPulses } from '../control/pulses.ts'
import {
  deploymentReconciler,
  promotionReconciler,
  rolloutReconciler,
} from '../control/reconcilers/delivery-reconcilers.ts'
import { ensureServing } from '../control/reconcilers/delivery-world.ts'
import { detectFirings, ensureMonitors } from '../control/reconcilers/detect-firings.ts'
import { releaseReconciler } from '../control/reconcilers/release-reconciler.ts'
import { requestPromotions } from '../control/reconcilers/request-promotions.ts'
import { createRunReconciler } from '../control/reconcilers/run-reconciler.ts'
import {
  alertReconciler,
  firingReconciler,
  monitorReconciler,
} from '../control/reconcilers/watch-reconcilers.ts'
import { locateVerified, signatureOf, type WatchWorld } from '../control/reconcilers/watch-world.ts'
import { resolveInputs } from '../control/runs/resolve-inputs.ts'
import { createRunLog } from '../control/runs/run-log.ts'
import type { RunWorld } from '../control/runs/run-world.ts'
import { createLocalPlatform } from '../deliver/platforms/local/local-platform.ts'
import { writeFileAtomically } from '../foundation/atomic-file.ts'
import { LockstepError } from '../foundation/errors.ts'
import { createLogger } from '../foundation/logger.ts'
import { freshSeed } from '../foundation/random.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { createLedger } from '../observe/ledger/ledger-store.ts'
import { drainEvidence } from '../observe/ledger/spool.ts'
import { drainCaptures, pruneCaptures } from '../observe/profiles/captures.ts'
import { dataFolder, socketNames } from '../project/data-folder.ts'
import { loadParameters, loadProject } from '../project/load-project.ts'
import { openSigningKey } from '../release/signing.ts'
import type { Actor } from '../store/object.ts'
import { createObjectStore } from '../store/object-store.ts'
import { openSqlite } from '../store/sqlite.ts'
import { childConfig, enterChild, leave } from './child-process.ts'
import { lockstepCommand, version } from './package-info.ts'
import { scoringReplicas } from './scoring-replica.ts'

export interface ControlConfig {
  readonly projectDir: string
  /** false: started for one command; runs work, nothing is delivered. */
  readonly delivers: boolean
  readonly port: number | null
  readonly path: string
}

const life = enterChild()
const logger = createLogger('control', 'info')
try {
  await runControl(childConfig<ControlConfig>())
  leave(0)
} catch (error) {
  logger.error('control plane could not go on', {
    error: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack : undefined,
  })
  leave(1)
}

async function runControl(config: ControlConfig): Promise<void> {
  const clock = systemClock
  const folder = dataFolder(config.projectDir)
  for (const dir of [folder.root, folder.run, folder.sockets, folder.work, folder.spool])
    await mkdir(dir, { recursive: true, mode: 0o700 })
  const source = await openProjectSource(config.projectDir, logger)
  const db = await openSqlite(folder.database)
  const store = createObjectStore(db, clock)
  const content = await openContentStore(folder.objects)
  const signer = await openSigningKey(folder.keys)
  reapOrphans(folder.work)
  const actions = createActionCache(db)
  const index = createFileIndex(db)
  const runLog = createRunLog(clock)
  const tables = lazily(() => openTables())
  const stop = life.stopSignal

  const runWorld: RunWorld = {
    store,
    content,
    index,
    actions,
    signer,
    folder,
    clock,
    logger,
    tables,
    log: runLog,
    executor: processExecutor({ lockstepCommand, path: config.path, clock }),
    loadProject: () => loadProject(config.projectDir),
    loadParameters,
    openReplica: scoringReplicas(folder),
    parallelism: availableParallelism(),
    versions: {
      lockstep: version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    },
  }
  const watchWorld: WatchWorld = {
    store,
    content,
    clock,
    logger,
    tables,
    platform: createLocalPlatform(folder, (releaseId) => locate(releaseId)),
    ledger: createLedger(db, clock),
    spec: source.spec,
    captures: folder.captures,
    spool: folder.spool,
    inputsDigest: async () => (await resolveInputs(runWorld)).inputsDigest,
  }
  const locate = locateVerified(watchWorld, [signer.trusted])
  const runs = createRunReconciler(runWorld, stop)
  const reconcilers = config.delivers
    ? [
        runs,
        releaseReconciler(watchWorld, [signer.trusted]),
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
    actions,
    index,
    runLog,
    resolveInputs: () => resolveInputs(runWorld),
    stuck: () => loops.flatMap((loop) => loop.stuck()),
    about: { version, pid: process.pid, url, since, host, projectDir: config.projectDir },
  }

  const close = await openDoors(config, apiWorld)
  await store.wakeAll(clock.now())
  await announce(config, url)
  life.ready()
  await Promise.all([
    ...loops.map((loop: Loop) => loop.run(stop)),
    runPulses(pulsesOf(config, watchWorld), { clock, logger, stop }),
    untilStopped(stop),
  ])
  await runs.drain()
  await close()
  await rm(join(folder.run, 'control.json'), { force: true })
  await db.destroy()

  function pulsesOf({ delivers }: ControlConfig, world: WatchWorld): Pulse[] {
    const always: Pulse[] = [
      { name: 'notices', everyMs: 500, run: () => deliverNotices(db, logSender(logger), clock) },
    ]
    if (!delivers) return always
    return [
      ...always,
      { name: 'project file', everyMs: 1000, run: () => source.refresh() },
      {
        name: 'evidence',
        everyMs: 100,
        run: async () =>
          void (await drainEvidence({ folder: folder.spool, ledger: world.ledger, logger })),
      },
      {
        name: 'captures',
        everyMs: 1000,
        run: async () =>
          void (await drainCaptures({
            spool: folder.spool,
            captures: folder.captures,
            tables: await tables(),
            signatureOf: (id) => signatureOf(world, id),
            logger,
          })),
      },
      {
        name: 'old captures',
        everyMs: 3_600_000,
        run: async () =>
          void (await pruneCaptures({
            captures: folder.captures,
            now: clock.now(),
            keepMs: 30 * 86_400_000,
            keepBytes: 5 * 2 ** 30,
          })),
      },
      { name: 'promotions', everyMs: 250, run: () => requestPromotions(world) },
      { name: 'monitors', everyMs: 1000, run: () => ensureMonitors(world) },
      { name: 'triggers', everyMs: 1000, run: () => detectFirings(world) },
      { name: 'serving', everyMs: 2000, run: () => ensureServing(world) },
    ]
  }

  async function announce({ projectDir }: ControlConfig, at: string | null): Promise<void> {
    const socket = join(folder.sockets, socketNames.control)
    await writeFileAtomically(
      join(folder.run, 'control.json'),
      JSON.stringify({ pid: process.pid, socket, url: at, project: projectDir }),
      0o600,
    )
  }

  /** The socket is for people of this machine who may open it; the port wants the token from the run folder. */
  async function openDoors({ port }: ControlConfig, world: ApiWorld): Promise<() => Promise<void>> {
    const socket = join(folder.sockets, socketNames.control)
    await rm(socket, { force: true })
    const apiFor = (actor: Actor) => createControlApi(world, actor)
    const metrics = async () =>
      `# HELP lockstep_up 1 while the control plane runs.\n# TYPE lockstep_up gauge\nlockstep_up 1\n`
    const local = createServer({
      apiFor,
      authenticate: ({ actor }) => actorFrom(actor),
      metrics,
      logger,
    })
    await local.listen({ path: socket })
    if (port === null) return () => local.close()
    const token = freshSeed() + freshSeed()
    await writeFile(join(folder.run, 'token'), token, { mode: 0o600 })
    const remote = createServer({
      apiFor,
      metrics,
      logger,
      authenticate: ({ actor, token: given }) => {
        if (given === token) return actorFrom(actor)
        throw new LockstepError({
          code: 'api.unauthenticated',
          kind: 'unauthenticated',
          message: 'this address wants a token',
          hint: `send Authorization: Bearer with the content of ${join(folder.run, 'token')}`,
        })
      },
    })
    await remote.listen({ host: '127.0.0.1', port })
    return async () => {
      await local.close()
      await remote.close()
    }
  }
}

function actorFrom(header: string | undefined): Actor {
  if (header !== undefined && /^(person|service):[\w.@-]{1,100}$/.test(header))
    return header as Actor
  throw new LockstepError({
    code: 'api.no_actor',
    kind: 'unauthenticated',
    message:
      header === undefined ? 'the request does not say who is asking' : `'${header}' names nobody`,
    hint: 'give --as NAME, or set LOCKSTEP_ACTOR; a name has letters, digits, and . _ @ -',
  })
}

function untilStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve()
    stop.addEventListener('abort', () => resolve(), { once: true })
  })
}

function lazily(open: () => Promise<Tables>): () => Promise<Tables> {
  let opened: Promise<Tables> | undefined
  return () => {
    opened ??= open()
    return opened
  }
}
