// The waits of a rollout: for a person, or for the gateways. Both end by themselves.
import { formatDuration } from '../../foundation/duration.ts'
import type { Actor } from '../../store/object.ts'
import { spoken } from '../environments/deployment.ts'
import { abortRollout } from './abort-rollout.ts'
import { type MovingState, type PauseCause, rolloutLimits } from './rollout.ts'
import {
  inState,
  lookMs,
  marksFrom,
  moveOn,
  type Pass,
  type RolloutDecision,
  serve,
  tell,
} from './rollout-seen.ts'

type Moving<P extends MovingState['phase']> = Extract<MovingState, { phase: P }>

export function pauseRollout(
  pass: Pass,
  state: MovingState,
  why: { readonly cause: PauseCause; readonly because: string; readonly actor?: Actor },
): RolloutDecision {
  const { rollout, now } = pass
  const deadlineAt = now + rolloutLimits.pauseMs
  const next = {
    phase: 'paused' as const,
    cause: why.cause,
    because: why.because,
    since: now,
    deadlineAt,
    paused: state,
  }
  const sentence = `rollout of ${spoken(rollout.release)} of '${rollout.model}' in '${rollout.environment}' is paused (${why.cause}): ${why.because}; resume, promote or abort it`
  return {
    next: inState(rollout, next, { wakeAt: now + lookMs, marks: marksFrom(pass) }),
    event: tell({ verb: 'paused', ...why, details: { cause: why.cause, analysis: pass.analysis } }),
    actions: [serve(rollout)],
    notices:
      why.cause === 'manual'
        ? []
        : [{ topic: 'rollout.paused', sentence, details: { rolloutId: rollout.id } }],
  }
}

export function awaitGateways(
  pass: Pass,
  state: Moving<'shadowing' | 'stepping' | 'promoting'>,
): RolloutDecision {
  if (pass.now < state.deadlineAt) return moveOn(pass, state, null)
  const because = `not every gateway applied epoch ${state.epoch} within ${formatDuration(rolloutLimits.observeMs)} (${pass.seen.observedEpoch ?? 'none'} seen)`
  return abortRollout(pass, { cause: 'not_observed', because })
}
