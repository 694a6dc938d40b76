// The way back: traffic returns to stable at once, then the loop waits until every gateway has seen it, and only then do the
// candidate's replicas go. Nothing has to be built, started or measured for it.
import { formatDuration } from '../../foundation/duration.ts'
import type { Actor, IntentAnswer, Notice } from '../../store/object.ts'
import { spoken } from '../environments/deployment.ts'
import { clearCandidate, releaseLane } from '../environments/routing.ts'
import {
  type AbortCause,
  type EndedState,
  type ReturningState,
  type Rollout,
  rolloutLimits,
} from './rollout.ts'
import {
  holdFor,
  inState,
  isObserved,
  marksFrom,
  type Pass,
  type RolloutDecision,
  reroute,
  serve,
  tell,
} from './rollout-seen.ts'

/** How often to look whether gateways have taken the traffic back. */
const returnLookMs = 50
const failedLookMs = 1000

export interface Abort {
  readonly cause: AbortCause
  readonly because: string
  readonly actor?: Actor
  readonly answers?: readonly IntentAnswer[]
}

export function abortRollout(pass: Pass, abort: Abort): RolloutDecision {
  const { rollout, seen, analysis, now } = pass
  const { cause, because } = abort
  const actor = abort.actor ?? 'system:loop'
  const cleared = clearCandidate(seen.deployment, holdFor(actor, because, now))
  const couldNotTry =
    rollout.marks.movedAt === null && (cause === 'not_ready' || cause === 'not_observed')
  const state: ReturningState = {
    phase: 'aborting',
    cause,
    because,
    epoch: cleared.epoch,
    deadlineAt: now + rolloutLimits.returnMs,
    outcome: couldNotTry ? 'errored' : 'rolled_back',
    verdict: analysis,
  }
  const harmDecidedAt = cause === 'harm' ? now : rollout.marks.harmDecidedAt
  const back = `all traffic returns to ${spoken(seen.deployment.stable)}: ${because}`
  return {
    next: inState(rollout, state, {
      wakeAt: now + returnLookMs,
      marks: { ...marksFrom(pass), harmDecidedAt },
    }),
    event: tell({ verb: 'aborted', because, actor, details: { cause, analysis } }),
    also: [reroute(pass, cleared, { verb: 'traffic_returned', because: back })],
    actions: [serve(rollout)],
    answers: abort.answers ?? [],
    notices: unreadyStable(pass),
  }
}

/** `aborting` and `rollback_failed`: wait for the gateways; nothing else can be decided any more. */
export function finishReturn(
  pass: Pick<Pass, 'seen' | 'now'> & { readonly rollout: Rollout & ReturningState },
): RolloutDecision {
  const { rollout, seen, now } = pass
  if (isObserved(seen, rollout.epoch)) return returned(pass)
  const { cause, because, epoch, deadlineAt, outcome, verdict } = rollout
  const base = { cause, because, epoch, deadlineAt, outcome, verdict }
  const marks = marksFrom(pass)
  if (rollout.phase === 'rollback_failed') {
    const state = { phase: 'rollback_failed' as const, ...base }
    return {
      next: inState(rollout, state, { wakeAt: now + failedLookMs, marks }),
      actions: [serve(rollout)],
    }
  }
  if (now < deadlineAt) {
    const state = { phase: 'aborting' as const, ...base }
    return {
      next: inState(rollout, state, { wakeAt: now + returnLookMs, marks }),
      actions: [serve(rollout)],
    }
  }
  const why = `after ${formatDuration(rolloutLimits.returnMs)} not every gateway of '${rollout.environment}' has taken the traffic back (epoch ${epoch} wanted, ${seen.observedEpoch ?? 'none'} seen)`
  const state = { phase: 'rollback_failed' as const, ...base }
  return {
    next: inState(rollout, state, { wakeAt: now + failedLookMs, marks }),
    event: tell({ verb: 'rollback_failed', because: why }),
    actions: [serve(rollout)],
    notices: [
      {
        topic: 'rollout.rollback_failed',
        sentence: `${why}; someone must look at the gateways now`,
        details: { page: true, rolloutId: rollout.id },
      },
    ],
  }
}

function returned(
  pass: Pick<Pass, 'seen' | 'now'> & { readonly rollout: Rollout & ReturningState },
): RolloutDecision {
  const { rollout, seen, now } = pass
  const state: EndedState = {
    phase: rollout.outcome,
    because: rollout.because,
    endedAt: now,
    cause: rollout.cause,
    verdict: rollout.verdict,
  }
  const marks = { ...marksFrom(pass), zeroTrafficAt: now }
  return {
    next: inState(rollout, state, { wakeAt: null, marks }),
    event: tell({
      verb: rollout.outcome,
      because: rollout.because,
      details: { marks: { ...rollout.marks, ...marks } },
    }),
    also: [
      reroute(pass, releaseLane(seen.deployment), {
        verb: 'lane_released',
        because: `rollout of ${spoken(rollout.release)} is over`,
      }),
    ],
    actions: [serve(rollout)],
    notices: [endNotice(rollout, state)],
  }
}

export function endNotice(rollout: Rollout, end: EndedState): Notice {
  const what = `${spoken(rollout.release)} of '${rollout.model}' in '${rollout.environment}'`
  return {
    topic: `rollout.${end.phase}`,
    sentence: `${what}: ${end.phase.replace('_', ' ')}, because ${end.because}`,
    details: { rolloutId: rollout.id, cause: end.cause },
  }
}

function unreadyStable({ rollout, seen }: Pass): readonly Notice[] {
  if (seen.replicas.stableReady) return []
  const stable = seen.deployment.stable
  const sentence =
    stable === null
      ? `'${rollout.environment}' serves nothing now: there was no earlier release to return to`
      : `traffic returned to ${spoken(stable)}, whose replicas are not ready; someone must look now`
  return [
    { topic: 'rollout.stable_not_ready', sentence, details: { page: true, rolloutId: rollout.id } },
  ]
}
