// People's commands to a rollout: abort, pause, resume, promote. Abort is accepted wherever traffic may flow.
import type { Intent, IntentAnswer } from '../../store/object.ts'
import { accept, decline, nameOf, reasonOf } from '../environments/draft.ts'
import { abortRollout } from './abort-rollout.ts'
import { promoteFully } from './move-traffic.ts'
import type { MovingState, PausedState, Rollout } from './rollout.ts'
import { moveOn, type Pass, type RolloutDecision } from './rollout-seen.ts'
import { pauseRollout } from './wait-rollout.ts'

type Active = MovingState | PausedState

export interface RolloutObeyed {
  readonly answer: IntentAnswer
  readonly decision?: RolloutDecision
}

export function obeyAbort(intent: Intent, pass: Pass): RolloutDecision {
  const because = reasonOf(intent) ?? `${nameOf(intent.actor)} aborted it`
  const answers = [accept(intent, 'all traffic returns to stable now')]
  return abortRollout(pass, { cause: 'person', because, actor: intent.actor, answers })
}

/** Any command but abort. */
export function obey(intent: Intent, pass: Pass, state: Active): RolloutObeyed {
  switch (intent.command) {
    case 'pause':
      return obeyPause(intent, pass, state)
    case 'resume':
      return obeyResume(intent, pass, state)
    case 'promote':
      return obeyPromote(intent, pass, state)
    default:
      return no(
        intent,
        `'${intent.command}' is not a command for a rollout; allowed: abort, pause, resume, promote`,
      )
  }
}

/** Once it returns or has ended, nothing can be commanded any more. */
export function refuseAll(rollout: Rollout, intents: readonly Intent[]): readonly IntentAnswer[] {
  const isReturning = rollout.phase === 'aborting' || rollout.phase === 'rollback_failed'
  const because = isReturning
    ? 'the rollout is already giving all traffic back'
    : `the rollout is ${rollout.phase}, which is final; \`lockstep rollback\` takes a completed one back`
  return intents.map((intent) => decline(intent, because))
}

function obeyPause(intent: Intent, pass: Pass, state: Active): RolloutObeyed {
  if (state.phase === 'paused') return no(intent, `the rollout is already paused: ${state.because}`)
  const because = reasonOf(intent) ?? `${nameOf(intent.actor)} paused it`
  const decision = pauseRollout(pass, state, { cause: 'manual', because, actor: intent.actor })
  return yes(intent, decision, 'traffic stays as it is; harm is still looked for')
}

function obeyResume(intent: Intent, pass: Pass, state: Active): RolloutObeyed {
  if (state.phase !== 'paused') return no(intent, `the rollout is ${state.phase}, not paused`)
  if (state.cause === 'invalid' && pass.analysis.verdict === 'error') {
    return no(
      intent,
      `${pass.analysis.because}; it cannot be judged any more: abort it, or promote it with a reason`,
    )
  }
  const because = reasonOf(intent) ?? `${nameOf(intent.actor)} resumed it`
  const resumed = { ...state.paused, deadlineAt: deadlineAfter(pass, state) }
  const decision = moveOn(pass, resumed, { verb: 'resumed', because, actor: intent.actor })
  return yes(intent, decision, `it goes on with ${resumed.phase}`)
}

function obeyPromote(intent: Intent, pass: Pass, state: Active): RolloutObeyed {
  const inner = state.phase === 'paused' ? state.paused : state
  switch (inner.phase) {
    case 'pending':
    case 'provisioning':
    case 'warming':
      return no(intent, `the candidate is not ready for traffic yet (${inner.phase})`)
    case 'promoting':
    case 'baking':
      return no(intent, 'the candidate already gets all traffic; it only has to bake')
  }
  if (!intent.actor.startsWith('person:')) {
    return no(intent, `${intent.actor} is not a person, and only a person goes on without evidence`)
  }
  const reason = reasonOf(intent)
  if (reason === null) return no(intent, 'promoting before the analysis has passed needs a reason')
  const because = `${nameOf(intent.actor)} promoted it without waiting for the analysis (${pass.analysis.verdict}): ${reason}`
  const decision = promoteFully(pass, { verb: 'promoted_by_person', because, actor: intent.actor })
  return yes(intent, decision, 'all traffic goes to the candidate; harm is still looked for')
}

/** Pausing costs a phase none of its time; a step that lacked evidence gets its whole time again. */
function deadlineAfter({ rollout, now }: Pass, state: PausedState): number {
  if (state.cause === 'insufficient') return now + rollout.analysis.deadlineMs
  return state.paused.deadlineAt + (now - state.since)
}

function yes(intent: Intent, decision: RolloutDecision, because: string): RolloutObeyed {
  return { answer: accept(intent, because), decision }
}

function no(intent: Intent, because: string): RolloutObeyed {
  return { answer: decline(intent, because) }
}
