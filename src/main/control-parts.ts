// The parts of a control plane and the worlds its rooms see, put together by plain calls.
import { openContentStore } from '../build/artifacts/content-store.ts'
import { openFileIndex } from '../build/artifacts/file-index-fs.ts'
import { reapOrphans } from '../build/executors/attempt-file.ts'
import { createActionCache } from '../build/pipeline/action-cache-store.ts'
import { openTables, type Tables } from '../build/tables/duckdb.ts'
import { openProjectSource } from '../control/project-source.ts'
import { locateVerified, type WatchWorld } from '../control/reconcilers/watch-world.ts'
import { resolveInputs } from '../control/runs/resolve-inputs.ts'
import { createRunLog } from '../control/runs/run-log.ts'
import type { RunWorld } from '../control/runs/run-world.ts'
import { introduceKeys, openTrust } from '../control/trust-source.ts'
import { createLocalPlatform } from '../deliver/platforms/local/local-platform.ts'
import type { Logger } from '../foundation/logger.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { createLedger } from '../observe/ledger/ledger-store.ts'
import { dataFolder } from '../project/data-folder.ts'
import { createAttestationStore } from '../release/attestations.ts'
import { openKeyRing } from '../release/key-ring.ts'
import { createObjectStore } from '../store/object-store.ts'
import { openSqlite } from '../store/sqlite.ts'
import { takeControlLease } from './control-lease.ts'
import { machineParts } from './machine-parts.ts'
import { makeDataFolder } from './make-data-folder.ts'

export interface ControlConfig {
  readonly projectDir: string
  /** false: started for one command; runs work, nothing is delivered. */
  readonly delivers: boolean
  /** false: started for a question; it takes up no run, not even one left over, before it is asked for one. */
  readonly resumes: boolean
  readonly port: number | null
  readonly path: string
}

export type ControlParts = Awaited<ReturnType<typeof composeControl>>

export async function composeControl(config: ControlConfig, logger: Logger) {
  const clock = systemClock
  const folder = dataFolder(config.projectDir)
  await makeDataFolder(folder)
  const source = await openProjectSource(config.projectDir, logger)
  const db = await openSqlite(folder.database)
  const lease = await takeControlLease(db, clock)
  const store = createObjectStore(db, clock)
  const content = await openContentStore(folder.objects)
  const ring = await openKeyRing({
    folder: folder.keys,
    given: process.env.LOCKSTEP_SIGNING_KEY,
  })
  await introduceKeys(store, ring, source.spec().model.name)
  reapOrphans(folder.work)
  const actions = createActionCache(db)
  const index = openFileIndex(folder.fileIndex)
  const runLog = createRunLog(clock)
  const tables = lazily(() => openTables())

  const attestations = createAttestationStore(db)
  const { projectDir } = config
  const trust = openTrust({ store, attestations, spec: source.spec, projectDir })
  const runWorld: RunWorld = {
    store,
    content,
    index,
    actions,
    signer: ring.release,
    modelSigner: ring.model,
    attestations,
    folder,
    clock,
    logger,
    tables,
    log: runLog,
    ...machineParts(config, clock),
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
  const locate = locateVerified(watchWorld, trust)
  return {
    clock,
    logger,
    folder,
    source,
    store,
    runWorld,
    watchWorld,
    ring,
    trust,
    db,
    tables,
    lease,
  }
}

function lazily(open: () => Promise<Tables>): () => Promise<Tables> {
  let opened: Promise<Tables> | undefined
  return () => {
    opened ??= open()
    return opened
  }
}
