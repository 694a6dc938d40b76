// Decides about a rollout, in the order of urgency: a person's abort, harm, a dead candidate, other commands, the next step.
// Harm is looked for in every phase in which the candidate answers anything, paused and baking included.
import { assert } from '../../foundation/assert.ts'
import type { Instant } from '../../foundation/clock.ts'
import { formatDuration } from '../../foundation/duration.ts'
import { draftOf, type IntentAnswer } from '../../store/object.ts'
import { abortRollout, finishReturn } from './abort-rollout.ts'
import { advance } from './advance-rollout.ts'
import { analyseRollout } from './analyse-rollout.ts'
import { obey, obeyAbort, refuseAll } from './obey-rollout.ts'
import { isEnded, movingStateOf, type Rollout, rolloutLimits } from './rollout.ts'
import {
  inState,
  lookMs,
  marksFrom,
  type Pass,
  type RolloutDecision,
  type RolloutSeen,
  serve,
} from './rollout-seen.ts'

export function decideRollout(rollout: Rollout, seen: RolloutSeen, now: Instant): RolloutDecision {
  if (isEnded(rollout)) {
    const next = { ...draftOf<Rollout>(rollout), wakeAt: null }
    return { next, actions: [], answers: refuseAll(rollout, seen.intents) }
  }
  assert(
    seen.deployment.rolloutId === rollout.id,
    `${rollout.id} is ${rollout.phase}, but its lane belongs to ${seen.deployment.rolloutId ?? 'nobody'}`,
  )
  if (rollout.phase === 'aborting' || rollout.phase === 'rollback_failed') {
    return { ...finishReturn({ rollout, seen, now }), answers: refuseAll(rollout, seen.intents) }
  }
  const pass: Pass = {
    rollout,
    seen,
    now,
    analysis: analyseRollout(seen.evidence, rollout.analysis),
  }
  return decideActive(pass)
}

function decideActive(pass: Pass): RolloutDecision {
  const { rollout, seen, analysis } = pass
  assert(isActive(rollout), `${rollout.id} is ${rollout.phase}, which is not active`)
  const abort = seen.intents.find((intent) => intent.command === 'abort')
  if (abort !== undefined) return obeyAbort(abort, pass)
  if (analysis.verdict === 'fail')
    return abortRollout(pass, { cause: 'harm', because: analysis.because })
  if (seen.replicas.failed !== undefined) {
    return abortRollout(pass, { cause: 'not_ready', because: seen.replicas.failed })
  }
  const state = rollout.phase === 'paused' ? rollout : movingStateOf(rollout)
  const answers: IntentAnswer[] = []
  for (const intent of seen.intents) {
    const { answer, decision } = obey(intent, pass, state)
    answers.push(answer)
    if (decision !== undefined) return { ...decision, answers }
  }
  const decision =
    rollout.phase === 'paused' ? stayPaused(pass, rollout) : advance(pass, movingStateOf(rollout))
  return { ...decision, answers }
}

function stayPaused(pass: Pass, rollout: Extract<Rollout, { phase: 'paused' }>): RolloutDecision {
  const { now } = pass
  if (now >= rollout.deadlineAt) {
    const because = `nobody resumed it within ${formatDuration(rolloutLimits.pauseMs)}; it was paused because: ${rollout.because}`
    return abortRollout(pass, { cause: 'pause_limit', because })
  }
  const { phase, cause, because, since, deadlineAt, paused } = rollout
  const state = { phase, cause, because, since, deadlineAt, paused }
  const wakeAt = Math.min(now + lookMs, deadlineAt)
  return {
    next: inState(rollout, state, { wakeAt, marks: marksFrom(pass) }),
    actions: [serve(rollout)],
  }
}

type Active = Exclude<
  Rollout,
  { phase: 'aborting' | 'rollback_failed' | 'completed' | 'rolled_back' | 'errored' }
>

function isActive(rollout: Rollout): rollout is Active {
  return !isEnded(rollout) && rollout.phase !== 'aborting' && rollout.phase !== 'rollback_failed'
}
