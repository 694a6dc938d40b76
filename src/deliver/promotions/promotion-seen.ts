// What the loop shows the decider of promotions, and what a starting promotion hands to the rollouts.
import type { Instant } from '../../foundation/clock.ts'
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import type { Actor, Change, Decision, Intent } from '../../store/object.ts'
import type { Deployment, ReleaseRef } from '../environments/deployment.ts'
import type { EnsureServing } from '../environments/draft.ts'
import type { PromotionFacts, PromotionIntent, ReleaseFacts } from '../policy/blockers.ts'
import type { LanePromotion } from './lane.ts'
import type { Promotion } from './promotion.ts'

export type PromotionDecision = Decision<Promotion, EnsureServing>

/** What the loop shows the decider. */
export interface PromotionSeen {
  /** Unanswered commands, oldest first. At most one is accepted per pass, so that each has its own audit entry. */
  readonly intents: readonly Intent[]
  readonly release: ReleaseFacts
  readonly environment: EnvironmentSpec
  readonly deployment: Deployment
  /** This promotion's rollout, once executing. A stored Rollout fits as it is. */
  readonly rollout: RolloutSighting | null
  /** Others of this model and environment: the open ones, and those that succeeded since this was requested. */
  readonly lane: readonly LanePromotion[]
  readonly facts: PromotionFacts
  readonly authors: readonly string[]
  readonly runStarter: string | null
  /** `openRollout` of rollouts/: handed in, because a promotion starts rollouts and knows nothing of them. */
  readonly openRollout: (order: RolloutOrder) => Change
}

export interface RolloutSighting {
  readonly phase: string
  readonly from: ReleaseRef | null
  readonly because?: string
}

/** Everything a rollout has to know to begin; its declaration is frozen with it. */
export interface RolloutOrder {
  readonly rolloutId: string
  readonly promotionId: string
  readonly number: number | null
  readonly model: string
  readonly environment: EnvironmentSpec
  readonly release: ReleaseRef
  readonly from: ReleaseRef | null
  readonly intent: PromotionIntent
  readonly requester: Actor
  readonly now: Instant
}

/** One rollout per promotion, so its name follows from the promotion's: a repeated start cannot open two. */
export function rolloutIdOf(promotionId: string): string {
  return `rollout_${promotionId.replace(/^[a-z]+_/, '')}`
}
