// A project in a temporary folder, with real stores and the real executor, as the tests of pipelines need it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { type ContentStore, openContentStore } from '../../../src/build/artifacts/content-store.ts'
import { memoryFileIndex } from '../../../src/build/artifacts/file-index.ts'
import { processExecutor } from '../../../src/build/executors/process-executor.ts'
import { memoryActionCache } from '../../../src/build/pipeline/action-cache.ts'
import { noRuntimes } from '../../../src/build/pipeline/no-runtimes.ts'
import type { PlanRequest } from '../../../src/build/pipeline/pipeline-request.ts'
import { boundless } from '../../../src/build/pipeline/run-capacity.ts'
import {
  type PipelineResult,
  type RunRequest,
  runPipeline,
} from '../../../src/build/pipeline/scheduler.ts'
import type { PipelineEvent, StepResult } from '../../../src/build/pipeline/step-run.ts'
import type { Clock } from '../../../src/foundation/clock.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { plainStep, type StepSpec } from '../../../src/project/step-spec.ts'

export interface Workshop {
  readonly dir: string
  readonly store: ContentStore
  readonly actions: ReturnType<typeof memoryActionCache>
  readonly events: PipelineEvent[]
  request(steps: readonly StepSpec[]): PlanRequest
  run(steps: readonly StepSpec[], parts?: Partial<RunRequest>): Promise<PipelineResult>
  write(path: string, text: string): Promise<void>
  close(): Promise<void>
}

/** Real time, but retries do not wait: only pauses of a second and more without a deadline behind them are skipped. */
export const impatientClock: Clock = {
  now: systemClock.now,
  sleep: (ms, stop) => systemClock.sleep(ms === 1000 || ms === 2000 ? 0 : ms, stop),
}

/** Stands for Lockstep's own program: it only says how it was called. */
const sayArguments = 'console.log("lockstep was called with", ...process.argv.slice(1))'

export async function openWorkshop(): Promise<Workshop> {
  const dir = await mkdtemp(`${tmpdir()}/lockstep-build-`)
  const store = await openContentStore(`${dir}/.lockstep/objects`)
  const actions = memoryActionCache()
  const index = memoryFileIndex()
  const events: PipelineEvent[] = []
  const request = (steps: readonly StepSpec[]): PlanRequest => ({
    ...{ steps, projectDir: dir, store, index, actions, params: new Map() },
    ...{ lockstepVersion: '0.0.0', clock: impatientClock, runtimes: noRuntimes },
    ...{ machineEnvironment: {}, capacity: boundless },
  })
  return {
    ...{ dir, store, actions, events, request },
    run: (steps, parts = {}) =>
      runPipeline({
        ...request(steps),
        dataDir: `${dir}/.lockstep`,
        executor: processExecutor({
          clock: systemClock,
          path: '/usr/bin:/bin',
          lockstepCommand: [process.execPath, '-e', sayArguments, '--'],
          graceMs: 300,
        }),
        parallelism: 2,
        onEvent: (event) => events.push(event),
        ...parts,
      }),
    write: async (path, text) => {
      await mkdir(dirname(`${dir}/${path}`), { recursive: true })
      await writeFile(`${dir}/${path}`, text)
    },
    close: () => rm(dir, { recursive: true, force: true }),
  }
}

export function shellStep(name: string, shell: string, parts: Partial<StepSpec> = {}): StepSpec {
  return {
    ...plainStep,
    ...{ name, declaredAs: name, command: { shell }, timeoutMs: 20_000 },
    ...parts,
  }
}

/** `name:verdict`, in running order. */
export function verdicts(result: PipelineResult): string[] {
  return result.steps.map((step) => `${step.name}:${step.verdict}`)
}

export function resultOf(result: PipelineResult, name: string): StepResult {
  const found = result.steps.find((step) => step.name === name)
  if (found === undefined) throw new Error(`no step ${name} in the result`)
  return found
}
