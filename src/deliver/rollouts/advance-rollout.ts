// The way forward, one phase at a time. Doubt never promotes: a step ends with a pass on enough answers of its own, and when
// its deadline finds it undecided, what its owner declared for that case happens, in the open.
import { assertNever } from '../../foundation/assert.ts'
import { formatDuration } from '../../foundation/duration.ts'
import { spoken } from '../environments/deployment.ts'
import { mirrorTo } from '../environments/routing.ts'
import { abortRollout } from './abort-rollout.ts'
import { percent } from './analyse-rollout.ts'
import { bake, settlePromotion } from './bake-rollout.ts'
import { promoteFully, split, step, stepsOf } from './move-traffic.ts'
import { type MovingState, rolloutLimits } from './rollout.ts'
import { candidateCounts } from './rollout-evidence.ts'
import { isObserved, moveOn, type Pass, type RolloutDecision, tell } from './rollout-seen.ts'
import { awaitGateways, pauseRollout } from './wait-rollout.ts'

type Moving<P extends MovingState['phase']> = Extract<MovingState, { phase: P }>

export function advance(pass: Pass, state: MovingState): RolloutDecision {
  switch (state.phase) {
    case 'pending':
      return moveOn(
        pass,
        { phase: 'provisioning', deadlineAt: pass.now + rolloutLimits.provisionMs },
        {
          verb: 'provisioning',
          because: `the replicas of ${spoken(pass.rollout.release)} are being started`,
        },
      )
    case 'provisioning':
    case 'warming':
      return prepare(pass, state)
    case 'shadowing':
      return shadow(pass, state)
    case 'stepping':
      return settleStep(pass, state)
    case 'analysing':
      return analyse(pass, state)
    case 'promoting':
      return settlePromotion(pass, state)
    case 'baking':
      return bake(pass, state)
    default:
      return assertNever(state)
  }
}

function prepare(
  pass: Pass,
  state: Moving<'pending' | 'provisioning' | 'warming'>,
): RolloutDecision {
  const { rollout, seen, now } = pass
  const isKnown = isObserved(seen, seen.deployment.epoch)
  if (seen.replicas.candidateReady && state.phase === 'provisioning') {
    const because = `the replicas of ${spoken(rollout.release)} answered their warm-up probe; the gateways learn about them`
    return moveOn(
      pass,
      { phase: 'warming', deadlineAt: now + rolloutLimits.warmMs },
      { verb: 'warming', because },
    )
  }
  if (seen.replicas.candidateReady && isKnown) return start(pass)
  if (now < state.deadlineAt) return moveOn(pass, state, null)
  if (seen.replicas.candidateReady) {
    return abortRollout(pass, {
      cause: 'not_observed',
      because: `not every gateway learned about the candidate within ${formatDuration(rolloutLimits.warmMs)}`,
    })
  }
  const limit = state.phase === 'warming' ? rolloutLimits.warmMs : rolloutLimits.provisionMs
  const because = `the candidate's replicas were not ready within ${formatDuration(limit)}`
  return abortRollout(pass, { cause: 'not_ready', because })
}

function start(pass: Pass): RolloutDecision {
  const { strategy, release } = pass.rollout
  const ready = `${spoken(release)} is warm and known to every gateway`
  if (strategy.kind !== 'canary')
    return promoteFully(pass, {
      verb: 'promoting',
      because: `${ready}; '${strategy.kind}' moves all traffic at once`,
    })
  if (strategy.shadow === null) return step(pass, 0, ready)
  const mirrored = mirrorTo(pass.seen.deployment, strategy.shadow.mirrorBp)
  const deadlineAt = pass.now + rolloutLimits.observeMs
  const share = `${percent(strategy.shadow.mirrorBp / 10_000)} of requests are copied to ${spoken(release)}, which answers nobody`
  return split(
    pass,
    { phase: 'shadowing', epoch: mirrored.epoch, observedAt: null, deadlineAt },
    mirrored,
    {
      verb: 'shadowing',
      because: ready,
      share,
    },
  )
}

function shadow(pass: Pass, state: Moving<'shadowing'>): RolloutDecision {
  const { rollout, seen, now } = pass
  const { strategy, analysis: spec } = rollout
  const holdMs = strategy.kind === 'canary' ? (strategy.shadow?.holdMs ?? 0) : 0
  if (state.observedAt === null) {
    if (!isObserved(seen, state.epoch)) return awaitGateways(pass, state)
    const deadlineAt = now + Math.max(holdMs, spec.deadlineMs)
    return moveOn(pass, { ...state, observedAt: now, deadlineAt }, null)
  }
  const isLongEnough = now >= state.observedAt + holdMs
  const isEnough = seen.evidence.mirror.requests >= spec.minRequests
  return judge(pass, state, {
    isDue: isLongEnough && isEnough,
    onward: (why) => step(pass, 0, why),
  })
}

function settleStep(pass: Pass, state: Moving<'stepping'>): RolloutDecision {
  const { rollout, seen, now } = pass
  if (!isObserved(seen, state.epoch)) return awaitGateways(pass, state)
  const holdMs = stepsOf(rollout)[state.step]?.holdMs ?? 0
  const next: MovingState = {
    phase: 'analysing',
    step: state.step,
    observedAt: now,
    countedFrom: candidateCounts(seen.evidence).requests,
    deadlineAt: now + Math.max(holdMs, rollout.analysis.deadlineMs),
  }
  const because = `every gateway has applied the split of step ${state.step + 1}; its time and its answers count from now`
  return moveOn(pass, next, { verb: 'analysing', because })
}

function analyse(pass: Pass, state: Moving<'analysing'>): RolloutDecision {
  const { rollout, analysis, now } = pass
  const holdMs = stepsOf(rollout)[state.step]?.holdMs ?? 0
  const own = analysis.candidate.requests - state.countedFrom
  const isDue = now >= state.observedAt + holdMs && own >= rollout.analysis.minRequests
  return judge(pass, state, { isDue, onward: (why) => step(pass, state.step + 1, why) })
}

interface Judging {
  /** Held long enough, with enough answers of its own. */
  readonly isDue: boolean
  readonly onward: (because: string) => RolloutDecision
}

function judge(pass: Pass, state: MovingState, { isDue, onward }: Judging): RolloutDecision {
  const { rollout, analysis, now } = pass
  if (analysis.verdict === 'error')
    return pauseRollout(pass, state, { cause: 'invalid', because: analysis.because })
  if (isDue && analysis.verdict === 'pass') return onward(analysis.because)
  if (now < state.deadlineAt) return moveOn(pass, state, null)
  const open = `still undecided after ${formatDuration(rollout.analysis.deadlineMs)}: ${undecided(pass, isDue)}`
  switch (rollout.analysis.onInsufficient) {
    case 'pause':
      return pauseRollout(pass, state, { cause: 'insufficient', because: open })
    case 'rollback':
      return abortRollout(pass, { cause: 'insufficient', because: open })
    case 'promote': {
      const decision = onward(`${open}; the environment declares to go on without evidence`)
      const event = decision.event ?? tell({ verb: 'advanced', because: open })
      return { ...decision, event: { ...event, type: 'rollout.advanced_without_evidence' } }
    }
  }
}

function undecided({ rollout, analysis }: Pass, isDue: boolean): string {
  if (isDue || analysis.verdict !== 'pass') return analysis.because
  return `this step has not had ${rollout.analysis.minRequests} candidate answers of its own`
}
