// The whole of a run that may make a release: data judged, steps done, the model judged, and sealed when nothing says no.
import type { PipelineResult } from '../../build/pipeline/scheduler.ts'
import { releaseKind } from '../../release/release.ts'
import type { GateReport } from '../../verify/gates/gate-report.ts'
import { type ValidatedData, validateData } from './datasets/validate-data.ts'
import { gateRun } from './gating/gate-run.ts'
import { keepEvidence } from './gating/keep-evidence.ts'
import { isBlocked, type Ruling, ruleOnGates } from './gating/rule-on-gates.ts'
import { packageSealed } from './package-release.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import type { EndedRun } from './run.ts'
import type { RunRecorder } from './run-recorder.ts'
import { runSteps } from './run-steps.ts'
import type { RunWorld } from './run-world.ts'
import { sealRun } from './seal-run.ts'

export interface RunInHand {
  readonly recorder: RunRecorder
  readonly inputs: ResolvedInputs
}

export async function makeAndJudge(
  world: RunWorld,
  { recorder, inputs }: RunInHand,
  signal: AbortSignal,
): Promise<void> {
  const validated = await validateData(world, inputs)
  const early = ruleOn(world, inputs, validated.reports)
  if (isBlocked(early)) {
    const evidence = { ...early.report, datasets: validated.datasets, judged: null, figures: null }
    const evidenceDigest = await keepEvidence(world, evidence)
    return recorder.end({ ...refusedBy(early), evidenceDigest })
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
  await judgeAndSeal(world, { recorder, inputs, validated, steps: steps.result }, signal)
}

interface MadeRun extends RunInHand {
  readonly steps: PipelineResult
  readonly validated: ValidatedData
}

async function judgeAndSeal(
  world: RunWorld,
  { recorder, inputs, steps, validated }: MadeRun,
  signal: AbortSignal,
): Promise<void> {
  const judged = await gateRun(world, { inputs, steps, records: recorder.run.steps }, signal)
  // What was measured while something was being ended is no evidence.
  signal.throwIfAborted()
  const ruling = ruleOn(world, inputs, [...validated.reports, ...judged.reports])
  const { clearance, gates } = ruling
  const { evaluated } = judged
  const evidenceDigest = await keepEvidence(world, {
    ...ruling.report,
    datasets: [...validated.datasets, ...judged.datasets],
    judged: judged.subjects,
    figures: evaluated?.performance ?? null,
  })
  const gated = { evidenceDigest, holdoutDigest: judged.subjects.holdout }
  if (clearance.by === 'nobody' || evaluated === null)
    return recorder.end({ ...refusedBy(ruling), ...gated })
  const sealed = await sealRun(world, {
    ...{ run: recorder.run, inputs, steps, evidenceDigest, ruling },
    ...{ judged: evaluated, data: validated },
  })
  const outcome = outcomeOf(ruling)
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

function ruleOn(
  world: RunWorld,
  { project, code }: ResolvedInputs,
  reports: readonly GateReport[],
): Ruling {
  return ruleOnGates({
    ...{ spec: project.spec, reports, authors: code.authors },
    now: world.clock.now(),
  })
}

function outcomeOf({ clearance, waivedBy }: Ruling): string {
  const waived = waivedBy.length === 0 ? '' : ` or was waived by ${waivedBy.join(', ')}`
  if (clearance.by === 'gates') return `every gate held${waived}`
  return `no gate said no${waived}, and a person decides`
}

/** A waiver lets a check through; it makes no evaluation. */
const unevaluated =
  'the model could not be evaluated, and no check that was waived can stand for that: look into it with lockstep gate report'

/** `failed`: a gate said no. `errored`: one could not answer. Not enough evidence never acts as pass. */
function refusedBy({ clearance, gates }: Ruling): Pick<EndedRun, 'phase' | 'because' | 'gates'> {
  const [because, isError] =
    clearance.by === 'nobody' ? [clearance.because, clearance.isError] : [unevaluated, true]
  return { phase: isError ? 'errored' : 'failed', because, gates }
}
