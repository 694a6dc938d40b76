// One run from its cause to its end: resolve → validate data → steps → gates → release. Each part is cached or repeatable,
// so a run that was interrupted anywhere starts again here and does only what is still missing.
import { isLockstepError, LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { releaseKind } from '../../release/release.ts'
import type { GateReport } from '../../verify/gates/gate-report.ts'
import { gateRun } from './gate-run.ts'
import { keepEvidence } from './keep-evidence.ts'
import { packageSealed } from './package-release.ts'
import { partOf } from './part-of-pipeline.ts'
import { refuseDirtyTree } from './refuse-dirty-tree.ts'
import { type ResolvedInputs, resolveInputs } from './resolve-inputs.ts'
import { isBlocked, type Ruling, ruleOnGates } from './rule-on-gates.ts'
import { type ActiveRun, type EndedRun, type Run, wholeScope } from './run.ts'
import { runPart } from './run-part.ts'
import { type RunRecorder, recordRun } from './run-recorder.ts'
import { runSteps } from './run-steps.ts'
import type { RunWorld } from './run-world.ts'
import { sealRun } from './seal-run.ts'
import { twinOf } from './twin-run.ts'
import { validateData } from './validate-data.ts'

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
  const validated = await validateData(world, inputs)
  const { spec } = inputs.project
  const ruleOn = (reports: readonly GateReport[]) =>
    ruleOnGates({ spec, reports, authors: code.authors, now: world.clock.now() })
  const early = ruleOn(validated.reports)
  if (isBlocked(early)) {
    const evidence = { ...early.report, datasets: validated.datasets, judged: null, figures: null }
    return recorder.end({
      ...refusedBy(early),
      evidenceDigest: await keepEvidence(world, evidence),
    })
  }
  const steps = await runSteps(world, recorder, inputs, signal)
  signal.throwIfAborted()
  if (steps.outcome !== 'succeeded')
    return recorder.end({
      phase: steps.outcome === 'failed' ? 'errored' : steps.outcome,
      because: steps.because,
      gates: early.gates,
    })

  await recorder.move(
    { phase: 'gating', gates: early.gates },
    {
      type: 'run.gating',
      because: 'every step is done; the packaged model is judged in the serving runtime',
    },
  )
  const judged = await gateRun(world, { inputs, steps: steps.result }, signal)
  // What was measured while something was being ended is no evidence.
  signal.throwIfAborted()
  const ruling = ruleOn([...validated.reports, ...judged.reports])
  const { clearance, gates } = ruling
  const evidenceDigest = await keepEvidence(world, {
    ...ruling.report,
    datasets: [...validated.datasets, ...judged.datasets],
    judged: judged.subjects,
    figures: judged.performance,
  })
  const gated = { evidenceDigest, holdoutDigest: judged.subjects.holdout }
  if (clearance.by === 'nobody') return recorder.end({ ...refusedBy(ruling), ...gated })
  const sealed = await sealRun(world, {
    run: recorder.run,
    inputs,
    steps: steps.result,
    ...{ judged, evidenceDigest, ruling },
    data: validated,
  })
  const outcome =
    clearance.by === 'gates' ? 'every gate held' : 'no gate said no, and a person decides'
  await recorder.end(
    {
      phase: 'succeeded',
      because: `${outcome}; release ${sealed.release.number} (${sealed.release.alias}) is sealed`,
      gates,
      releaseId: sealed.release.id,
      ...gated,
    },
    [{ kind: releaseKind, object: sealed.release, expect: null, event: sealed.event }],
  )
  await packageSealed(world, sealed.release)
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

/** `failed`: a gate said no. `errored`: one could not answer. Not enough evidence never acts as pass. */
function refusedBy({ clearance, gates }: Ruling): Pick<EndedRun, 'phase' | 'because' | 'gates'> {
  const [because, isError] =
    clearance.by === 'nobody' ? [clearance.because, clearance.isError] : ['', false]
  return { phase: isError ? 'errored' : 'failed', because, gates }
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
