// Decides whether a firing starts a run. Every brake that stops one is recorded with its reason: retraining on every alarm
// is how a feedback loop starts to shake.
import { type Instant, toIso } from '../../foundation/clock.ts'
import { formatDuration } from '../../foundation/duration.ts'
import type { TriggerSpec } from '../../project/watch-spec.ts'
import { type Decision, type Draft, draftOf, type EventDraft } from '../../store/object.ts'
import type { Hold } from '../environments/deployment.ts'
import type { AdmittedFiring, Brake, Firing, FiringCause, OpenFiring } from './firing.ts'
import { type PastFiring, triggerState, tripsAfter } from './trigger-state.ts'

export interface FiringSeen {
  readonly trigger: TriggerSpec
  readonly past: readonly PastFiring[]
  /** Firings of the same trigger that are still detected or admitted, this one left out. */
  readonly open: readonly { readonly id: string; readonly detectedAt: Instant }[]
  /** A run of this model that has not ended; null when none. */
  readonly runInFlight: { readonly runId: string } | null
  /** Of the last run that succeeded. */
  readonly lastInputDigest: string | null
  /** Of the environment the trigger watches; null to let a hold not brake this trigger. */
  readonly hold: Hold | null
  /** What became of `ensure_run`: null while the loop has not done it. */
  readonly run: { readonly runId: string } | { readonly refusedBecause: string } | null
}

/** Idempotent: one run per firing. */
export interface EnsureRun {
  readonly kind: 'ensure_run'
  readonly firingId: string
  readonly model: string
  readonly trigger: string
  readonly causes: readonly FiringCause[]
}

export type FiringDecision = Decision<Firing, EnsureRun>

const startMs = 60_000
const lookMs = 250

export function decideFiring(firing: Firing, seen: FiringSeen, now: Instant): FiringDecision {
  switch (firing.phase) {
    case 'detected':
      return judge(firing, seen, now)
    case 'admitted':
      return followStart(firing, seen, now)
    default:
      return { next: { ...draftOf<Firing>(firing), wakeAt: null }, actions: [] }
  }
}

function judge(firing: OpenFiring, seen: FiringSeen, now: Instant): FiringDecision {
  const older = seen.open.find(
    (other) =>
      other.detectedAt < firing.detectedAt ||
      (other.detectedAt === firing.detectedAt && other.id < firing.id),
  )
  if (older !== undefined) {
    const because = `it says the same as firing ${older.id}, which is being handled`
    const next: Draft<Firing> = {
      ...draftOf(firing),
      phase: 'coalesced',
      wakeAt: null,
      into: older.id,
    }
    return { next, event: told('coalesced', because), actions: [] }
  }
  const stop = brakeOf(firing, seen, now)
  if (stop !== null) {
    const next: Draft<Firing> = { ...draftOf(firing), phase: 'suppressed', wakeAt: null, ...stop }
    const event = { ...told('suppressed', stop.because), details: { brake: stop.brake } }
    return { next, event, actions: [], notices: noticeOf(firing, stop) }
  }
  const next: Draft<Firing> = {
    ...draftOf(firing),
    phase: 'admitted',
    wakeAt: now + lookMs,
    deadlineAt: now + startMs,
  }
  const because = `${firing.causes.map((cause) => cause.sentence).join('; ')}; no brake holds '${firing.trigger}'`
  return { next, event: told('admitted', because), actions: [ensureRun(firing)] }
}

function followStart(firing: AdmittedFiring, seen: FiringSeen, now: Instant): FiringDecision {
  const { deadlineAt, ...rest } = draftOf(firing)
  if (seen.run !== null && 'runId' in seen.run) {
    const { runId } = seen.run
    const next: Draft<Firing> = {
      ...rest,
      phase: 'run_created',
      wakeAt: null,
      runId,
      admittedAt: deadlineAt - startMs,
    }
    const event = {
      ...told('run_created', `'${firing.trigger}' started run ${runId}`),
      details: { runId },
    }
    return { next, event, actions: [] }
  }
  const because =
    seen.run !== null
      ? seen.run.refusedBecause
      : now >= deadlineAt
        ? `no run had started within ${formatDuration(startMs)}`
        : null
  if (because === null) {
    return { next: { ...draftOf(firing), wakeAt: now + lookMs }, actions: [ensureRun(firing)] }
  }
  const next: Draft<Firing> = { ...rest, phase: 'failed', wakeAt: null, because }
  return {
    next,
    event: told('failed', because),
    actions: [],
    notices: [
      {
        topic: 'firing.failed',
        sentence: `trigger '${firing.trigger}' could not start a run: ${because}`,
      },
    ],
  }
}

interface Stop {
  readonly brake: Brake
  readonly because: string
}

/** The first brake that holds, the one a person must lift first. */
function brakeOf(firing: OpenFiring, seen: FiringSeen, now: Instant): Stop | null {
  const { trigger, runInFlight, lastInputDigest, hold } = seen
  const state = triggerState(trigger, seen.past, now)
  if (state.phase === 'tripped') {
    return stop(
      'tripped',
      `the last ${tripsAfter} runs in a row made no release; a person has to look before '${trigger.name}' starts another`,
    )
  }
  if (hold !== null) return stop('held', `the environment is held: ${hold.because}`)
  if (runInFlight !== null) return stop('run_in_flight', `run ${runInFlight.runId} has not ended`)
  if (firing.inputDigest !== null && firing.inputDigest === lastInputDigest) {
    return stop('same_input', 'no new data: the last successful run used exactly the same input')
  }
  if (state.cooldownUntil !== null && now < state.cooldownUntil) {
    const doubled =
      state.uselessInARow === 0
        ? ''
        : ` (lengthened: ${state.uselessInARow} runs in a row made no release)`
    return stop(
      'cooldown',
      `it cools down for another ${formatDuration(state.cooldownUntil - now)}, until ${toIso(state.cooldownUntil)}${doubled}`,
    )
  }
  if (state.firedInLastDay >= trigger.maxPerDay) {
    return stop(
      'daily_cap',
      `it has started ${state.firedInLastDay} runs within a day, and ${trigger.maxPerDay} are allowed`,
    )
  }
  return null
}

function stop(brake: Brake, because: string): Stop {
  return { brake, because }
}

function ensureRun(firing: Firing): EnsureRun {
  const { id, model, trigger, causes } = firing
  return { kind: 'ensure_run', firingId: id, model, trigger, causes }
}

function noticeOf(firing: OpenFiring, { brake, because }: Stop) {
  if (brake !== 'tripped') return []
  return [
    {
      topic: 'trigger.tripped',
      sentence: `trigger '${firing.trigger}' of '${firing.model}' is tripped: ${because}`,
    },
  ]
}

function told(verb: string, because: string): EventDraft {
  return { type: `firing.${verb}`, actor: 'system:loop', because }
}
