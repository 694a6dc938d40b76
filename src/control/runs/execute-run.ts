// One run from its cause to its end: resolve → validate data → steps → gates → release. Each part is cached or repeatable,
// so a run that was interrupted anywhere starts again here and does only what is still missing.
import { isLockstepError, LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { makeAndJudge } from './make-and-judge.ts'
import { partOf } from './part-of-pipeline.ts'
import { refuseDirtyTree } from './refuse-dirty-tree.ts'
import { type ResolvedInputs, resolveInputs } from './resolve-inputs.ts'
import { type ActiveRun, type EndedRun, type Run, wholeScope } from './run.ts'
import { runPart } from './run-part.ts'
import { type RunRecorder, recordRun } from './run-recorder.ts'
import type { RunWorld } from './run-world.ts'
import { twinOf } from './twin-run.ts'

export interface RunSignals {
  /** A person ends the run. */
  readonly cancel: AbortSignal
  /** The control plane stops: the run is put down, and goes on when one is back. */
  readonly stop: AbortSignal
}

/** Resolves when the run has ended or was put down, whatever the outcome; throws only when that could not be recorded. */
export async function executeRun(
  world: RunWorld,
  first: ActiveRun,
  signals: RunSignals,
): Promise<void> {
  const recorder = recordRun(world.store, first, () => world.clock.now())
  const { cancel, stop } = signals
  try {
    await conduct(world, recorder, AbortSignal.any([cancel, stop]))
  } catch (error) {
    if (cancel.aborted) return recorder.end({ phase: 'cancelled', because: cancelReason(cancel) })
    if (stop.aborted) return putDown(recorder)
    if (!isLockstepError(error))
      world.logger.error('run broke', {
        run: first.id,
        error: sentenceOf(error),
        stack: error instanceof Error ? error.stack : undefined,
      })
    await recorder.end({ phase: 'errored', because: sentenceWithHint(error) })
  }
}

/** A run that had not begun yet simply stays in the queue. */
async function putDown(recorder: RunRecorder): Promise<void> {
  if (recorder.run.phase === 'queued') return
  await recorder.move(
    { phase: 'interrupted' },
    {
      type: 'run.interrupted',
      because:
        'the control plane was stopped while this run was under way; it goes on when one is back',
    },
  )
}

async function conduct(world: RunWorld, recorder: RunRecorder, signal: AbortSignal): Promise<void> {
  const resumed = recorder.run.phase === 'interrupted'
  if (recorder.run.phase === 'queued')
    await recorder.move(
      { phase: 'resolving', wakeAt: null },
      { type: 'run.resolving', because: 'pinning code, data and parameters' },
    )
  const inputs = await resolveInputs(world)
  if (resumed) refuseChangedInputs(recorder.run, inputs)
  const { inputsDigest, code } = inputs
  const part = partOf(inputs.project.spec.steps, recorder.run.scope ?? wholeScope)
  const twin = asksForMore(recorder.run, part)
    ? undefined
    : await twinOf(world, recorder.run.model, inputs)
  if (twin) return recorder.end({ ...unchanged(twin), code })
  if (part === null) refuseDirtyTree(inputs)
  const commit = code.commit
    ? `commit ${code.commit.slice(0, 9)}${code.dirty ? ' with uncommitted changes' : ''}`
    : 'no commit (not a git repository)'
  await recorder.move(
    { phase: 'running', inputsDigest, code },
    {
      type: 'run.started',
      because: `${commit}; ${inputs.datasets.map((one) => `${one.spec.name} ${one.version.slice(7, 19)}`).join(', ')}`,
    },
  )

  if (part !== null) return runPart(world, { recorder, inputs, part }, signal)
  await makeAndJudge(world, { recorder, inputs }, signal)
}

/** Such a run does its steps even when a run with the same inputs succeeded before. */
function asksForMore({ force, scope }: Run, part: unknown): boolean {
  return force || part !== null || (scope?.forced.length ?? 0) > 0 || scope?.traceReads === true
}

function unchanged(twin: EndedRun): Pick<EndedRun, 'phase' | 'because'> & Partial<EndedRun> {
  return {
    phase: 'unchanged',
    sameAs: twin.id,
    releaseId: twin.releaseId,
    gates: twin.gates,
    inputsDigest: twin.inputsDigest,
    because: `nothing changed since run ${twin.number}: same code, data, parameters and gates`,
  }
}

function refuseChangedInputs(run: Run, inputs: ResolvedInputs): void {
  if (run.inputsDigest === null || run.inputsDigest === inputs.inputsDigest) return
  throw new LockstepError({
    code: 'run.inputs_changed',
    kind: 'conflict',
    message: `the inputs of run ${run.number} changed while it was interrupted, so it cannot go on as the same run`,
    hint: 'start a new one: lockstep run',
  })
}

function cancelReason(signal: AbortSignal): string {
  return typeof signal.reason === 'string' ? signal.reason : 'cancelled'
}

function sentenceWithHint(error: unknown): string {
  const hint = isLockstepError(error) && error.hint ? ` (${error.hint})` : ''
  return `${sentenceOf(error)}${hint}`
}
