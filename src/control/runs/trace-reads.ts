// The executor a run uses: as it is, or with every step's reads traced and collected.
import { openTracer } from '../../build/executors/read-trace-fs.ts'
import type { StepExecutor } from '../../build/pipeline/step-executor.ts'
import { type ReadsRecord, untraced } from './run.ts'
import type { RunWorld } from './run-world.ts'

export interface TracedReads {
  readonly executor: StepExecutor
  /** Of a step that ran. */
  readsOf(step: string): ReadsRecord
  /** Why nothing is traced although it was asked for. */
  readonly sentence: string | null
}

export async function traceReads(
  world: Pick<RunWorld, 'executor' | 'folder' | 'tracing'>,
  projectDir: string,
  asked: boolean,
): Promise<TracedReads> {
  const plain = { executor: world.executor, readsOf: () => untraced, sentence: null }
  if (!asked) return plain
  const tracer = await openTracer({ ...world.tracing, projectDir, dataDir: world.folder.root })
  if (typeof tracer === 'string') return { ...plain, sentence: tracer }
  const reads = new Map<string, ReadonlySet<string>>()
  const executor = tracer.wrap(world.executor, (step, undeclared) => {
    reads.set(step, new Set([...(reads.get(step) ?? []), ...undeclared]))
  })
  return {
    executor,
    readsOf: (step) => {
      const found = reads.get(step)
      return found ? { traced: true, undeclared: [...found].sort() } : untraced
    },
    sentence: null,
  }
}
