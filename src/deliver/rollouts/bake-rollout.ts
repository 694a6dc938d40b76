// From all traffic at the candidate to done: the gateways apply it, it bakes with the way back warm, it becomes stable.
import { formatDuration } from '../../foundation/duration.ts'
import { spoken } from '../environments/deployment.ts'
import { type Installation, install } from '../environments/routing.ts'
import { endNotice } from './abort-rollout.ts'
import type { EndedState, MovingState, Rollout } from './rollout.ts'
import {
  holdFor,
  inState,
  isObserved,
  marksFrom,
  moveOn,
  type Pass,
  type RolloutDecision,
  reroute,
  serve,
  tell,
} from './rollout-seen.ts'
import { awaitGateways } from './wait-rollout.ts'

type Moving<P extends MovingState['phase']> = Extract<MovingState, { phase: P }>

export function settlePromotion(pass: Pass, state: Moving<'promoting'>): RolloutDecision {
  const { rollout, seen, now } = pass
  if (!isObserved(seen, state.epoch)) return awaitGateways(pass, state)
  const { bakeMs } = rollout.strategy
  const next: MovingState = { phase: 'baking', observedAt: now, deadlineAt: now + bakeMs }
  const wayBack =
    rollout.from === null ? 'there is nothing to go back to yet' : 'the way back stays warm'
  const because = `every gateway sends all traffic to ${spoken(rollout.release)}; it is watched for ${formatDuration(bakeMs)}, ${wayBack}`
  return moveOn(pass, next, { verb: 'baking', because })
}

/** A bake asks "did harm show?", not "is it proven safe?": silence ends it, and the outcome says that it was silence. */
export function bake(pass: Pass, state: Moving<'baking'>): RolloutDecision {
  const { rollout, seen, analysis, now } = pass
  if (now < state.deadlineAt) return moveOn(pass, state, null)
  const baked = `no harm showed while it baked for ${formatDuration(rollout.strategy.bakeMs)}`
  const evidence =
    analysis.verdict === 'pass'
      ? analysis.because
      : `evidence is ${analysis.verdict}: ${analysis.because}`
  const because = `${baked}; ${evidence}`
  const end: EndedState = {
    phase: 'completed',
    because,
    endedAt: now,
    cause: null,
    verdict: analysis,
  }
  const installed = install(seen.deployment, installationOf(rollout, now))
  return {
    next: inState(rollout, end, { wakeAt: null, marks: marksFrom(pass) }),
    event: tell({ verb: 'completed', because, details: { analysis } }),
    also: [
      reroute(pass, installed, {
        verb: 'installed',
        because: `${spoken(rollout.release)} is stable now`,
      }),
    ],
    actions: [serve(rollout)],
    notices: [endNotice(rollout, end)],
  }
}

/** `recreate` frees the old side's memory; every other strategy keeps it warm for the instant rollback. */
function installationOf(rollout: Rollout, now: number): Installation {
  const old =
    rollout.strategy.kind === 'recreate'
      ? { keep: 'no' as const }
      : { keep: 'warm' as const, until: null }
  if (rollout.intent === 'rollback') {
    const because = `'${rollout.environment}' went back to ${spoken(rollout.release)}`
    return { now, old: { keep: 'no' }, hold: holdFor(rollout.requester, because, now) }
  }
  return { now, old, hold: rollout.requester.startsWith('person:') ? 'clear' : 'leave' }
}
