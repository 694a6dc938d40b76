// Runs one step to its verdict: work folder, command, outputs, and another try when it may help.

import { existsSync } from 'node:fs'
import type { Digest } from '../../foundation/digest.ts'
import { formatDuration } from '../../foundation/duration.ts'
import { isLockstepError } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { storeUnwritable } from '../artifacts/file-errors.ts'
import { enterRuntime } from './enter-runtime-fs.ts'
import { commandText } from './explain-keys.ts'
import type { NeededRun } from './judge-step.ts'
import type { PreparedPipeline } from './pipeline-request.ts'
import { gibibytes } from './run-capacity.ts'
import type { AttemptEnd, StepExecutor } from './step-executor.ts'
import type { PipelineEvent, StepOutput } from './step-run.ts'
import { collectOutputs, fillWorkFolder, removeWorkFolder } from './work-folder-fs.ts'

export interface AttemptContext {
  readonly prepared: PreparedPipeline
  readonly executor: StepExecutor
  /** `.lockstep`: work folders and logs lie beneath it. */
  readonly dataDir: string
  readonly signal: AbortSignal
  readonly onEvent: (event: PipelineEvent) => void
}

export interface StepEnd {
  readonly verdict: 'ran' | 'failed' | 'timed_out' | 'cancelled'
  readonly because: string
  readonly hint: string | null
  readonly outputs: readonly StepOutput[]
  readonly exitCode: number | null
  readonly logPath: string
  readonly logDigest: Digest | null
}

/** Only what may come out differently next time is tried again: an exit code, a crash, a timeout; not a want of memory. */
export async function attemptStep(
  context: AttemptContext,
  step: StepSpec,
  needed: NeededRun,
): Promise<StepEnd & { readonly attempts: number }> {
  const { clock } = context.prepared.request
  for (let attempt = 1; ; attempt++) {
    const place = await newPlace(context)
    await fillWorkFolder(context.prepared, needed, place.workDir)
    await makeFolder(cwdOf(place, step))
    const { id: attemptId, logPath } = place
    context.onEvent({
      ...{ type: 'step_started', step: step.name, attempt, attemptId, logPath, at: clock.now() },
    })
    const { ended, said } = await runIn(context, { step, needed, place })
    const last = attempt > step.retries || !mayHelp(ended)
    if (last || context.signal.aborted) {
      const end = await settle({ context, step, needed, place, ended, said })
      const tries = attempt > 1 ? ` (attempt ${attempt} of ${step.retries + 1})` : ''
      return { ...end, because: `${end.because}${tries}`, attempts: attempt }
    }
    await removeWorkFolder(place.workDir)
    await clock.sleep(backoffMs(step.backoffMs, attempt), context.signal)
    if (context.signal.aborted) {
      const end = await settle({
        context,
        step,
        needed,
        place,
        ended: { end: 'cancelled' },
        said: '',
      })
      return { ...end, attempts: attempt }
    }
  }
}

/** Doubled after each attempt, up to five minutes or what was declared if that is more. */
export function backoffMs(declaredMs: number, attempt: number): number {
  return Math.min(declaredMs * 2 ** (attempt - 1), Math.max(declaredMs, 300_000))
}

function cwdOf(place: Place, step: StepSpec): string {
  return step.folder === '' ? place.workDir : `${place.workDir}/${step.folder}`
}

function presentOnly(inherited: Readonly<Record<string, string | null>>): Record<string, string> {
  const present: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) if (value !== null) present[name] = value
  return present
}

interface Place {
  readonly id: string
  readonly workDir: string
  readonly logPath: string
}

async function newPlace(context: AttemptContext): Promise<Place> {
  const id = newId('attempt', context.prepared.request.clock.now())
  const logs = `${context.dataDir}/logs/steps`
  await makeFolder(logs).catch((error) => {
    throw storeUnwritable(error, `the log folder ${logs}`)
  })
  return { id, workDir: `${context.dataDir}/work/${id}`, logPath: `${logs}/${id}.log` }
}

/** `said` is the last line it wrote to standard error, else to standard output: mostly the reason for a failure. */
async function runIn(
  context: AttemptContext,
  { step, needed, place }: { step: StepSpec; needed: NeededRun; place: Place },
): Promise<{ readonly ended: AttemptEnd; readonly said: string }> {
  const { name, command, folder, environment, secrets, resources, seed, timeoutMs } = step
  const runtime = await enterRuntime({ context, step, needed, workDir: place.workDir })
  if ('end' in runtime) return { ended: runtime, said: '' }
  const last = { stdout: '', stderr: '' }
  const ended = await context.executor.run({
    id: place.id,
    step: name,
    command,
    workDir: place.workDir,
    folder,
    path: runtime.path,
    environment: {
      ...runtime.environment,
      ...presentOnly(needed.document.inherited),
      ...environment,
    },
    secrets,
    memoryBytes: resources.memoryBytes,
    seed,
    timeoutMs,
    logPath: place.logPath,
    signal: context.signal,
    onLine: (stream, line) => {
      if (line.trim() !== '') last[stream] = line.trim().slice(0, 300)
      context.onEvent({ type: 'step_log', step: name, stream, line })
    },
  })
  return { ended, said: last.stderr || last.stdout }
}

/** An attempt that was cancelled before it began has no log. */
async function keepLog(context: AttemptContext, logPath: string): Promise<Digest | null> {
  if (!existsSync(logPath)) return null
  return (await context.prepared.request.store.putFile(logPath, 'lazy')).digest
}

function mayHelp(ended: AttemptEnd): boolean {
  if (ended.end === 'exited') return ended.exitCode !== 0
  return ended.end === 'killed' || ended.end === 'timed_out'
}

/** After success and cancellation the work folder goes; after a failure it stays, for a person to look into. The log is kept always. */
async function settle(last: {
  readonly context: AttemptContext
  readonly step: StepSpec
  readonly needed: NeededRun
  readonly place: Place
  readonly ended: AttemptEnd
  readonly said: string
}): Promise<StepEnd> {
  const { context, step, needed, place, ended, said } = last
  const { workDir, logPath } = place
  const logDigest = await keepLog(context, logPath)
  const kept = { outputs: [], logPath, logDigest, exitCode: null }
  const look = `Its work folder was kept: ${workDir}; its log: ${logPath}`
  const fail = (because: string, hint: string): StepEnd => ({
    ...kept,
    ...{ verdict: 'failed', because, hint },
  })
  if (ended.end === 'cancelled' || ended.end === 'not_started') await removeWorkFolder(workDir)
  if (ended.end === 'cancelled') {
    return { ...kept, verdict: 'cancelled', because: 'the run was cancelled', hint: null }
  }
  if (ended.end === 'not_started') return fail(ended.because, ended.hint)
  if (ended.end === 'killed') {
    return fail(`${commandText(step.command)} was ended by ${ended.signal}`, look)
  }
  if (ended.end === 'out_of_memory') {
    const limit = step.resources.memoryBytes ?? 0
    return fail(
      `it held ${gibibytes(ended.usedBytes)} of memory, more than the ${gibibytes(limit)} of resources.memory, and was ended`,
      `Raise resources.memory, or let the step need less. ${look}`,
    )
  }
  if (ended.end === 'timed_out') {
    const because = `it ran longer than its timeout of ${formatDuration(step.timeoutMs)} and was ended`
    return { ...kept, verdict: 'timed_out', because, hint: look }
  }
  const { exitCode } = ended
  if (exitCode !== 0) {
    return {
      ...fail(
        `${commandText(step.command)} ended with exit code ${exitCode}${said === '' ? '' : `; it said: ${said}`}`,
        look,
      ),
      exitCode,
    }
  }
  try {
    const outputs = await collectOutputs(context.prepared, needed, workDir)
    await removeWorkFolder(workDir)
    return { ...kept, verdict: 'ran', because: needed.because, hint: null, outputs, exitCode }
  } catch (error) {
    if (!isLockstepError(error) || error.kind !== 'invalid') throw error
    const hint = error.hint === undefined ? look : `${error.hint} ${look}`
    return { ...fail(error.message, hint), exitCode }
  }
}
