// The moves of a rollout that change who answers: each enters a phase and writes the routing it stands for in one transaction.
import type { Actor } from '../../store/object.ts'
import { spoken } from '../environments/deployment.ts'
import { shiftTo } from '../environments/routing.ts'
import { percent } from './analyse-rollout.ts'
import { type MovingState, type Rollout, rolloutLimits } from './rollout.ts'
import {
  inState,
  lookMs,
  marksFrom,
  type Pass,
  type RolloutDecision,
  reroute,
  serve,
  tell,
} from './rollout-seen.ts'

/** All traffic to the candidate: after the last step, or because a person said so. */
export function promoteFully(
  pass: Pass,
  why: { readonly verb: string; readonly because: string; readonly actor?: Actor },
): RolloutDecision {
  const { rollout, seen, now } = pass
  const shifted = shiftTo(seen.deployment, 10_000)
  const deadlineAt = now + rolloutLimits.observeMs
  return split(pass, { phase: 'promoting', epoch: shifted.epoch, deadlineAt }, shifted, {
    ...why,
    share: `all answers come from ${spoken(rollout.release)}`,
  })
}

/** The share of step `at`, or everything when there is no further step. */
export function step(pass: Pass, at: number, because: string): RolloutDecision {
  const { rollout, seen, now } = pass
  const spec = stepsOf(rollout)[at]
  if (spec === undefined) return promoteFully(pass, { verb: 'promoting', because })
  const shifted = shiftTo(seen.deployment, spec.shareBp)
  const deadlineAt = now + rolloutLimits.observeMs
  return split(pass, { phase: 'stepping', step: at, epoch: shifted.epoch, deadlineAt }, shifted, {
    verb: 'stepped',
    because,
    share: `step ${at + 1} of ${stepsOf(rollout).length}: ${percent(spec.shareBp / 10_000)} of answers come from ${spoken(rollout.release)}`,
  })
}

/** Enters a state together with the routing it stands for. */
export function split(
  pass: Pass,
  state: MovingState,
  deployment: ReturnType<typeof shiftTo>,
  why: {
    readonly verb: string
    readonly because: string
    readonly share: string
    readonly actor?: Actor
  },
): RolloutDecision {
  const { rollout, now } = pass
  const movedAt =
    deployment.candidateBp > 0 ? (rollout.marks.movedAt ?? now) : rollout.marks.movedAt
  const { share, ...told } = why
  const isMoved = deployment.epoch !== pass.seen.deployment.epoch
  return {
    next: inState(rollout, state, { wakeAt: now + lookMs, marks: { ...marksFrom(pass), movedAt } }),
    event: tell({
      ...told,
      because: `${why.because}; ${share}`,
      details: { analysis: pass.analysis },
    }),
    also: isMoved ? [reroute(pass, deployment, { verb: 'traffic_moved', because: share })] : [],
    actions: [serve(rollout)],
  }
}

export function stepsOf(rollout: Rollout) {
  return rollout.strategy.kind === 'canary' ? rollout.strategy.steps : []
}
