// Brings a step's language environment to its work folder before the command starts.
import { lstat, symlink } from 'node:fs/promises'
import { isLockstepError, systemCodeOf } from '../../foundation/errors.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { storeUnwritable } from '../artifacts/file-errors.ts'
import type { NeededRun } from './judge-step.ts'
import type { PreparedPipeline } from './pipeline-request.ts'
import type { AttemptEnd } from './step-executor.ts'
import type { PipelineEvent } from './step-run.ts'
import type { ReadyRuntime } from './step-runtime.ts'

const nothing: ReadyRuntime = { path: [], environment: {}, links: {} }

/** Installing it may take minutes, the first time; what it says is told as the step's own lines. A failure is the step's. */
export async function enterRuntime(entry: {
  readonly context: {
    readonly prepared: PreparedPipeline
    readonly signal: AbortSignal
    readonly onEvent: (event: PipelineEvent) => void
  }
  readonly step: StepSpec
  readonly needed: NeededRun
  readonly workDir: string
}): Promise<ReadyRuntime | AttemptEnd> {
  const { context, step, needed, workDir } = entry
  const facts = needed.document.runtime
  if (step.runtime === null || facts === null) return nothing
  const { runtimes, projectDir } = context.prepared.request
  try {
    const ready = await runtimes.prepare({
      facts,
      lockPath: `${projectDir}/${step.runtime.lock}`,
      told: (line) =>
        context.onEvent({ type: 'step_log', step: step.name, stream: 'stdout', line }),
      signal: context.signal,
    })
    for (const [name, target] of Object.entries(ready.links)) await link(workDir, name, target)
    return ready
  } catch (error) {
    if (context.signal.aborted) return { end: 'cancelled' }
    if (!isLockstepError(error)) throw error
    const because = `its ${facts.kind} environment is not ready: ${error.message}`
    return { end: 'not_started', because, hint: error.hint ?? `Check ${step.runtime.lock}.` }
  }
}

/** What the step declared under that name goes first. */
async function link(workDir: string, name: string, target: string): Promise<void> {
  const place = `${workDir}/${name}`
  const found = await lstat(place).catch((error) => {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (found !== undefined) return
  await symlink(target, place).catch((error) => {
    throw storeUnwritable(error, `the work folder ${workDir}`)
  })
}
