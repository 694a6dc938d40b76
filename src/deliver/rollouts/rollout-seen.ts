// What the loop shows the decider of rollouts, and the small moves every part of it shares.
import type { Instant } from '../../foundation/clock.ts'
import type { Actor, Change, Decision, Draft, EventDraft, Intent } from '../../store/object.ts'
import { type Deployment, deploymentKind, type Hold } from '../environments/deployment.ts'
import type { EnsureServing } from '../environments/draft.ts'
import type { Analysis } from './analyse-rollout.ts'
import type { MovingState, Rollout, RolloutMarks, RolloutState } from './rollout.ts'
import type { RolloutEvidence } from './rollout-evidence.ts'

export interface RolloutSeen {
  /** Unanswered commands, oldest first. At most one is accepted per pass; an abort is accepted before all others. */
  readonly intents: readonly Intent[]
  readonly deployment: Deployment
  readonly replicas: {
    /** Loaded, and answered its warm-up probe. */
    readonly candidateReady: boolean
    readonly stableReady: boolean
    /** Set when the platform has given up on the candidate. */
    readonly failed?: string
  }
  /** The oldest epoch applied by all gateway workers of this environment; null while none has reported. */
  readonly observedEpoch: number | null
  readonly evidence: RolloutEvidence
}

export type RolloutDecision = Decision<Rollout, EnsureServing>

/** Everything a step needs to decide. */
export interface Pass {
  readonly rollout: Rollout
  readonly seen: RolloutSeen
  readonly analysis: Analysis
  readonly now: Instant
}

export const lookMs = 250

export interface Told {
  readonly verb: string
  readonly because: string
  readonly actor?: Actor
  readonly details?: Readonly<Record<string, unknown>>
}

export function tell({ verb, because, actor, details }: Told): EventDraft {
  const event = { type: `rollout.${verb}`, actor: actor ?? 'system:loop', because }
  return details === undefined ? event : { ...event, details }
}

/** The rollout in another state: the fields of the old one go, those every rollout has stay. */
export function inState(
  rollout: Rollout,
  state: RolloutState,
  how: { readonly wakeAt: Instant | null; readonly marks?: Partial<RolloutMarks> },
): Draft<Rollout> {
  const { id, model, environment, parentId, number, promotionId, release, from } = rollout
  const { intent, requester, strategy, analysis, startedAt } = rollout
  return {
    ...{ id, model, environment, parentId, number, promotionId, release, from },
    ...{ intent, requester, strategy, analysis, startedAt },
    ...state,
    marks: { ...rollout.marks, ...how.marks },
    wakeAt: how.wakeAt,
  }
}

/** The next state with traffic as it is. */
export function moveOn(pass: Pass, state: MovingState, told: Told | null): RolloutDecision {
  const { rollout, now } = pass
  const wakeAt = Math.min(now + lookMs, Math.max(now, state.deadlineAt))
  return {
    next: inState(rollout, state, { wakeAt, marks: marksFrom(pass) }),
    ...(told === null ? {} : { event: tell(told) }),
    actions: [serve(rollout)],
  }
}

/** The deployment as it must become, in the same transaction. */
export function reroute(
  pass: Pick<Pass, 'rollout' | 'seen'>,
  next: Draft<Deployment>,
  told: { readonly verb: string; readonly because: string },
): Change<Deployment> {
  return {
    kind: deploymentKind,
    expect: pass.seen.deployment.revision,
    object: next,
    event: {
      type: `deployment.${told.verb}`,
      actor: 'system:loop',
      because: told.because,
      details: { epoch: next.epoch, rolloutId: pass.rollout.id },
    },
  }
}

export function serve(rollout: Rollout): EnsureServing {
  return { kind: 'ensure_serving', model: rollout.model, environment: rollout.environment }
}

export function marksFrom({ seen }: Pick<Pass, 'seen'>): Partial<RolloutMarks> {
  const { firstCandidateErrorAt, lastCandidateAnswerAt } = seen.evidence
  return { firstCandidateErrorAt, lastCandidateAnswerAt }
}

/** Every gateway routes as the deployment says at `epoch`, or later. */
export function isObserved(seen: RolloutSeen, epoch: number): boolean {
  return seen.observedEpoch !== null && seen.observedEpoch >= epoch
}

export function holdFor(actor: Actor, because: string, since: Instant): Hold {
  return { since, because, actor }
}
