// A small project in a temporary folder with everything real around its runs: database, content store, steps as processes,
// tables, and the serving runtime in this process.
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openContentStore } from '../../../src/build/artifacts/content-store.ts'
import { openFileIndex } from '../../../src/build/artifacts/file-index-fs.ts'
import { processExecutor } from '../../../src/build/executors/process-executor.ts'
import { createActionCache } from '../../../src/build/pipeline/action-cache-store.ts'
import { openRuntimes } from '../../../src/build/runtimes/open-runtimes-fs.ts'
import { openTables } from '../../../src/build/tables/duckdb.ts'
import { loadRunnableProject } from '../../../src/control/load-runnable-project.ts'
import { createLoop } from '../../../src/control/loop.ts'
import { createRunReconciler } from '../../../src/control/reconcilers/run-reconciler.ts'
import type { OpenScoringReplica } from '../../../src/control/runs/evaluation/scoring-replica.ts'
import {
  createRun,
  type EndedRun,
  isEnded,
  type Run,
  type RunScope,
  runKind,
} from '../../../src/control/runs/run.ts'
import { createRunLog } from '../../../src/control/runs/run-log.ts'
import type { RunWorld } from '../../../src/control/runs/run-world.ts'
import { isDigest } from '../../../src/foundation/digest.ts'
import { LockstepError, sentenceOf } from '../../../src/foundation/errors.ts'
import { newId } from '../../../src/foundation/ids.ts'
import { silentLogger } from '../../../src/foundation/logger.ts'
import { randomStream } from '../../../src/foundation/random.ts'
import { stopwatch, systemClock } from '../../../src/foundation/system-clock.ts'
import { lockstepCommand } from '../../../src/main/package-info.ts'
import { dataFolder } from '../../../src/project/data-folder.ts'
import { loadParameters } from '../../../src/project/load-project.ts'
import { createAttestationStore } from '../../../src/release/attestations.ts'
import { key, modelKey } from '../../../src/release/sample-release.ts'
import { startReplica } from '../../../src/serve/runtime/replica.ts'
import { connectReplica } from '../../../src/serve/runtime/replica-client.ts'
import { createObjectStore, type ObjectStore } from '../../../src/store/object-store.ts'
import type { Database } from '../../../src/store/schema.ts'
import { openSqlite } from '../../../src/store/sqlite.ts'
import { eventually } from '../../support/eventually.ts'

const models = new URL('../../support/models/', import.meta.url).pathname

/** Copies a ready model instead of training one: what a run does around it is what these tests are about. */
export const project = `version: 1
project: tiny
model: {name: tiny, artifact: model.onnx}
data:
  people: {path: people.csv, checks: [rows >= 100, age between 0 and 120]}
pipeline:
  train: {shell: "cp ready.onnx model.onnx && echo trained", inputs: [ready.onnx, people.csv], outputs: [model.onnx]}
evaluate: {data: people, label: y, threshold: 0.5}
gates:
  quality: [roc_auc >= 0.6]
  readiness: [{errors = 0: {duration: 50ms}}]
environments:
  staging: {port: 8081, delivery: automatic}
`

/** Rows whose label follows the probability that test/support/models/classifier.onnx answers. */
export function people(rows: number, seed = 'people'): string {
  const random = randomStream(seed, 'rows')
  const lines = Array.from({ length: rows }, () => {
    const age = 18 + random.below(60)
    const hours = random.below(80)
    const isEngineer = random.next() < 0.5
    const logit = 0.02 * age + 0.01 * hours + (isEngineer ? 0.9 : -0.9) - 1.1
    const y = random.next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0
    return `${age},${hours},${isEngineer ? 'engineer' : 'clerk'},${y}`
  })
  return `age,hours,job,y\n${lines.join('\n')}\n`
}

export class RunStage {
  readonly dir: string
  readonly db: Database
  readonly store: ObjectStore
  readonly world: RunWorld
  #control: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined

  private constructor(dir: string, db: Database, world: RunWorld) {
    this.dir = dir
    this.db = db
    this.store = world.store
    this.world = world
  }

  static async open(): Promise<RunStage> {
    const dir = await mkdtemp(join(tmpdir(), 'lockstep-run-'))
    const folder = dataFolder(dir)
    for (const one of [folder.run, folder.sockets, folder.work])
      await mkdir(one, { recursive: true })
    await copyFile(join(models, 'classifier.onnx'), join(dir, 'ready.onnx'))
    await writeFile(join(dir, 'people.csv'), people(600))
    await writeFile(join(dir, 'lockstep.yaml'), project)
    const db = await openSqlite(folder.database)
    const tables = openTables()
    const clock = systemClock
    const world: RunWorld = {
      store: createObjectStore(db, clock),
      content: await openContentStore(folder.objects),
      index: openFileIndex(folder.fileIndex),
      actions: createActionCache(db),
      executor: processExecutor({ lockstepCommand, path: '/usr/bin:/bin', clock, graceMs: 200 }),
      runtimes: openRuntimes({
        root: folder.runtimes,
        path: '/usr/bin:/bin',
        environment: {},
        clock,
      }),
      tables: () => tables,
      loadProject: () => loadRunnableProject(dir),
      loadParameters,
      openReplica: replicaHere(folder.sockets),
      signer: key,
      modelSigner: modelKey,
      attestations: createAttestationStore(db),
      folder,
      log: createRunLog(clock),
      clock,
      logger: silentLogger,
      parallelism: 2,
      machineEnvironment: {},
      tracing: { path: '/usr/bin:/bin', lockstepCommand, home: null },
      machine: { processor: 'a processor', processors: 2, memoryBytes: 8e9 },
      versions: { lockstep: '0.1.0', node: process.version, platform: 'test' },
    }
    return new RunStage(dir, db, world)
  }

  write(path: string, text: string | Buffer): Promise<void> {
    return writeFile(join(this.dir, path), text)
  }

  /** Changes lockstep.yaml by replacing one piece of it. */
  declare(piece: string, by: string): Promise<void> {
    if (!project.includes(piece)) throw new Error(`the project has no ${piece}`)
    return this.write('lockstep.yaml', project.replace(piece, by))
  }

  /** A control plane with the run loop alone. */
  startControl(): void {
    const stop = new AbortController()
    const runs = createRunReconciler(this.world, stop.signal)
    const { store, clock, logger } = this.world
    const loop = createLoop(runs, { store, clock, logger })
    const begin = store.wakeAll(clock.now())
    const ended = begin.then(() => loop.run(stop.signal)).then(() => runs.drain())
    this.#control = { stop, ended }
  }

  /** As SIGTERM does: whatever is under way is put down. */
  async stopControl(): Promise<void> {
    this.#control?.stop.abort()
    await this.#control?.ended
    this.#control = undefined
  }

  async request(force = false, scope?: RunScope): Promise<string> {
    const now = systemClock.now()
    const id = newId('run', now)
    const change = createRun({
      ...{ id, model: 'tiny', number: await this.store.nextNumber('run', 'tiny') },
      ...{ startedBy: 'person:olga', trigger: 'person', cause: 'started by olga', force, now },
      ...{ parentId: null, ...(scope === undefined ? {} : { scope }) },
    })
    await this.store.commit({ changes: [change as never] })
    return id
  }

  phase(id: string, ...phases: Run['phase'][]): Promise<Run> {
    const look = () => this.store.get<Run>(runKind, id)
    return eventually(look, (run) => phases.includes(run.phase), 20_000)
  }

  async ended(id: string): Promise<EndedRun> {
    const run = await eventually(() => this.store.get<Run>(runKind, id), isEnded, 30_000)
    if (!isEnded(run)) throw new Error('unreachable')
    return run
  }

  /** Requests a run and waits for its end. */
  async run(force = false, scope?: RunScope): Promise<EndedRun> {
    if (!this.#control) this.startControl()
    return this.ended(await this.request(force, scope))
  }

  async phasesOf(id: string): Promise<string[]> {
    return (await this.store.events({ objectId: id })).map((event) => event.phase)
  }

  async close(): Promise<void> {
    await this.stopControl()
    ;(await this.world.tables()).close()
    await this.db.destroy()
    await rm(this.dir, { recursive: true, force: true })
  }
}

function replicaHere(folder: string): OpenScoringReplica {
  return async ({ modelPath, digest, modelName }) => {
    const elapsed = stopwatch()
    const socketPath = join(folder, `${newId('scoring', systemClock.now())}.sock`)
    if (!isDigest(digest)) throw new Error(`${digest} is no digest`)
    const replica = await startReplica({
      ...{ modelPath, modelName, release: '0', releaseId: 'candidate', digest, socketPath },
      ...{ clock: systemClock, logger: silentLogger },
    }).catch((error: unknown) => {
      throw new LockstepError({
        code: 'run.model_not_loaded',
        kind: 'invalid',
        message: `the model cannot be served: ${sentenceOf(error)}`,
      })
    })
    const client = connectReplica(socketPath)
    const { inputs, outputs } = replica.metadata
    return {
      client,
      signature: { inputs, outputs },
      loadMs: elapsed(),
      async stop() {
        client.close()
        await replica.stop()
      },
    }
  }
}
