// Decides about a deployment by itself: the instant rollback, holds, and letting replicas go that nobody needs any more.
// Rollback needs nothing but this object: no build, no start, no metric, no approval. While a rollout moves traffic it is
// refused here, because the way back is then the rollout's `abort`; the API sends `lockstep rollback` to whichever applies.

import type { Instant } from '../../foundation/clock.ts'
import { formatDuration } from '../../foundation/duration.ts'
import {
  type Actor,
  type Decision,
  type Draft,
  draftOf,
  type EventDraft,
  type Intent,
  type IntentAnswer,
} from '../../store/object.ts'
import { type Deployment, type Hold, spoken } from './deployment.ts'
import { accept, decline, type EnsureServing, nameOf, reasonOf } from './draft.ts'
import { swapBack } from './routing.ts'

export interface DeploymentSeen {
  /** Unanswered commands, oldest first. At most one is accepted per pass, so that each has its own audit entry. */
  readonly intents: readonly Intent[]
  /** The oldest epoch applied by all gateway workers of this environment; null while none has reported. */
  readonly observedEpoch: number | null
}

export type DeploymentDecision = Decision<Deployment, EnsureServing>

/** How often to look while a release is leaving. */
const lookMs = 250

export function decideDeployment(
  deployment: Deployment,
  seen: DeploymentSeen,
  now: Instant,
): DeploymentDecision {
  const answers: IntentAnswer[] = []
  for (const intent of seen.intents) {
    const move = obey(deployment, intent, now)
    answers.push(move.answer)
    if (move.next === undefined) continue
    return settle(move.next, seen, now, { event: move.event, answers })
  }
  if (deployment.leaving.length > 0 && hasSeen(deployment, seen)) {
    const because = `all gateways have applied epoch ${deployment.epoch}; the replicas of ${deployment.leaving.map(spoken).join(' and ')} may stop`
    const next = { ...draftOf(deployment), leaving: [] }
    return settle(next, seen, now, { event: told('released', because), answers })
  }
  if (isWarmthOver(deployment, now)) {
    const because = `release ${deployment.previous?.number} was kept warm for rollback and its time is over`
    const next = { ...draftOf(deployment), previous: null, warmUntil: null }
    return settle(next, seen, now, { event: told('cooled', because), answers })
  }
  return settle(draftOf(deployment), seen, now, { answers })
}

interface Move {
  readonly answer: IntentAnswer
  readonly next?: Draft<Deployment>
  readonly event?: EventDraft
}

function obey(deployment: Deployment, intent: Intent, now: Instant): Move {
  switch (intent.command) {
    case 'rollback':
      return obeyRollback(deployment, intent, now)
    case 'hold':
      return obeyHold(deployment, intent, now)
    case 'clear_hold':
      return obeyClearHold(deployment, intent, now)
    default:
      return no(
        intent,
        `'${intent.command}' is not a command for a deployment; allowed: rollback, hold, clear_hold`,
      )
  }
}

function obeyRollback(deployment: Deployment, intent: Intent, now: Instant): Move {
  const place = placeOf(deployment)
  if (deployment.rolloutId !== null) {
    return no(
      intent,
      `rollout ${deployment.rolloutId} is moving traffic in ${place}: abort it, that is the way back`,
    )
  }
  if (deployment.stable === null)
    return no(intent, `${place} serves nothing, so there is nothing to roll back`)
  if (deployment.previous === null) {
    return no(
      intent,
      `no earlier release is kept warm in ${place}; promote the one you want with the intent 'rollback'`,
    )
  }
  const from = deployment.stable.number
  const to = deployment.previous.number
  const because =
    reasonOf(intent) ?? `${nameOf(intent.actor)} rolled back from release ${from} to release ${to}`
  const next = swapBack(deployment, holdBy(intent.actor, because, now))
  return {
    next,
    answer: accept(intent, `release ${to} serves ${place} again from epoch ${next.epoch}`),
    event: { type: 'deployment.rolled_back', actor: intent.actor, because, details: { from, to } },
  }
}

function obeyHold(deployment: Deployment, intent: Intent, now: Instant): Move {
  const because = reasonOf(intent)
  if (because === null)
    return no(intent, 'a hold needs a reason: others will wonder why nothing is promoted')
  if (deployment.hold !== null) {
    return no(intent, `${placeOf(deployment)} is already held: ${deployment.hold.because}`)
  }
  return {
    next: { ...draftOf(deployment), hold: holdBy(intent.actor, because, now) },
    answer: accept(
      intent,
      `automatic promotion to ${placeOf(deployment)} stops until the hold is cleared`,
    ),
    event: { type: 'deployment.held', actor: intent.actor, because },
  }
}

function obeyClearHold(deployment: Deployment, intent: Intent, now: Instant): Move {
  const because = reasonOf(intent)
  if (deployment.hold === null) return no(intent, `${placeOf(deployment)} is not held`)
  if (because === null) {
    return no(
      intent,
      `clearing a hold needs a reason; it was set because: ${deployment.hold.because}`,
    )
  }
  const lasted = formatDuration(now - deployment.hold.since)
  return {
    next: { ...draftOf(deployment), hold: null },
    answer: accept(intent, `the hold is cleared after ${lasted}`),
    event: {
      type: 'deployment.hold_cleared',
      actor: intent.actor,
      because,
      details: { hold: deployment.hold },
    },
  }
}

function settle(
  next: Draft<Deployment>,
  seen: DeploymentSeen,
  now: Instant,
  said: { readonly event?: EventDraft | undefined; readonly answers: readonly IntentAnswer[] },
): DeploymentDecision {
  const isOpen = said.answers.length < seen.intents.length
  return {
    next: { ...next, wakeAt: isOpen ? now : wakeOf(next, now) },
    ...(said.event === undefined ? {} : { event: said.event }),
    actions: [{ kind: 'ensure_serving', model: next.model, environment: next.environment }],
    answers: said.answers,
  }
}

function wakeOf(next: Draft<Deployment>, now: Instant): Instant | null {
  const looks = [next.leaving.length === 0 ? null : now + lookMs, next.warmUntil]
  const times = looks.filter((at) => at !== null)
  return times.length === 0 ? null : Math.min(...times)
}

function hasSeen(deployment: Deployment, seen: DeploymentSeen): boolean {
  return seen.observedEpoch !== null && seen.observedEpoch >= deployment.epoch
}

function isWarmthOver(deployment: Deployment, now: Instant): boolean {
  return (
    deployment.previous !== null && deployment.warmUntil !== null && now >= deployment.warmUntil
  )
}

function holdBy(actor: Actor, because: string, since: Instant): Hold {
  return { since, because, actor }
}

function placeOf(deployment: Deployment): string {
  return `'${deployment.environment}'`
}

function told(verb: string, because: string): EventDraft {
  return { type: `deployment.${verb}`, actor: 'system:loop', because }
}

function no(intent: Intent, because: string): Move {
  return { answer: decline(intent, because) }
}
