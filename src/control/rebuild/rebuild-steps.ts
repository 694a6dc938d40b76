// Running a release's steps again: nothing is taken from memory, results go to a store of their own, one condition may be varied.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type ContentStore, openContentStore } from '../../build/artifacts/content-store.ts'
import { type ActionCachePort, memoryActionCache } from '../../build/pipeline/action-cache.ts'
import { type PipelineResult, runPipeline } from '../../build/pipeline/scheduler.ts'
import type { StepExecutor } from '../../build/pipeline/step-executor.ts'
import type { StepKeyDocument } from '../../build/pipeline/step-key.ts'
import type { PipelineEvent, StepOutput } from '../../build/pipeline/step-run.ts'
import type { RunWorld } from '../runs/run-world.ts'
import type { RebuildPlace } from './rebuild-place.ts'

/** What an experiment holds still: hash order, the number of threads, the folder a step runs in. */
export type Variation = 'hash_seed' | 'one_thread' | 'one_folder'

/** One rebuild from nothing. */
export interface Round {
  readonly content: ContentStore
  readonly result: PipelineResult
  /** Runs one step once more on the same inputs; its outputs, or null when it failed. */
  again(step: string, variation: Variation | null): Promise<readonly StepOutput[] | null>
  /** What its key was made of. */
  documentOf(step: string): Promise<StepKeyDocument | undefined>
}

export interface RoundRequest {
  readonly place: RebuildPlace
  /** 1 for the first. */
  readonly number: number
  readonly signal: AbortSignal
  readonly onEvent: (event: PipelineEvent) => void
}

export async function rebuildOnce(world: RunWorld, request: RoundRequest): Promise<Round> {
  const { place, number, signal, onEvent } = request
  const dataDir = join(place.root, `round-${number}`)
  const content = await openContentStore(join(dataDir, 'objects'))
  const actions: ActionCachePort = memoryActionCache()
  const { processors, memoryBytes } = world.machine
  const shared = {
    steps: place.steps,
    projectDir: place.projectDir,
    store: content,
    index: { load: async () => ({ blocks: new Map(), memos: new Map() }), save: async () => {} },
    actions,
    params: place.params,
    lockstepVersion: world.versions.lockstep,
    clock: world.clock,
    runtimes: world.runtimes,
    machineEnvironment: world.machineEnvironment,
    capacity: { processors, memoryBytes, pools: place.spec.pools },
    parallelism: world.parallelism,
    dataDir,
    signal,
  }
  const result = await runPipeline({ ...shared, executor: world.executor, onEvent })
  return {
    content,
    result,
    documentOf: async (step) => (await actions.latestFor(step))?.document,
    async again(step, variation) {
      const executor = varied(world.executor, variation, join(dataDir, 'one-folder'))
      const known = result.steps.find((one) => one.name === step)?.outputs ?? null
      const done = await runPipeline({ ...shared, executor, only: [step], force: [step] })
      if (done.outcome !== 'succeeded') return null
      return done.divergences.find((one) => one.step === step)?.observed ?? known
    },
  }
}

const heldStill: Readonly<
  Record<Exclude<Variation, 'one_folder'>, Readonly<Record<string, string>>>
> = {
  hash_seed: { PYTHONHASHSEED: '0', PERL_HASH_SEED: '0' },
  one_thread: {
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    NUMEXPR_NUM_THREADS: '1',
    VECLIB_MAXIMUM_THREADS: '1',
    RAYON_NUM_THREADS: '1',
    TF_NUM_INTRAOP_THREADS: '1',
    TF_NUM_INTEROP_THREADS: '1',
  },
}

function varied(executor: StepExecutor, variation: Variation | null, folder: string): StepExecutor {
  if (variation === null) return executor
  if (variation !== 'one_folder') {
    const held = heldStill[variation]
    return {
      run: (attempt) =>
        executor.run({ ...attempt, environment: { ...attempt.environment, ...held } }),
    }
  }
  return {
    async run(attempt) {
      await rename(attempt.workDir, folder)
      try {
        return await executor.run({ ...attempt, workDir: folder })
      } finally {
        await rename(folder, attempt.workDir)
      }
    },
  }
}
