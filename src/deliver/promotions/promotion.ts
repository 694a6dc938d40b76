// A request to make one release serve in one environment, from the asking to the outcome of its rollout.
// Waiting never holds the lane; only `executing` does. Every guard is asked again at the moment of starting.
import type { Instant } from '../../foundation/clock.ts'
import { formatDuration } from '../../foundation/duration.ts'
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import { type Actor, type Change, defineKind, type StoredObject } from '../../store/object.ts'
import type { ReleaseRef } from '../environments/deployment.ts'
import type { Approval } from '../policy/approvals.ts'
import type { Binding } from '../policy/binding.ts'
import type { Blocker, PromotionIntent } from '../policy/blockers.ts'

interface PromotionFields extends StoredObject {
  readonly environment: string
  readonly release: ReleaseRef
  readonly intent: PromotionIntent
  readonly requester: Actor
  readonly reason: string | null
  readonly requestedAt: Instant
  /** Does not start before, whatever is satisfied; null for at once. */
  readonly notBefore: Instant | null
  /** Expires unless it has started by then. */
  readonly expiresAt: Instant
  /** What an approval must name; null until first evaluated. */
  readonly binding: Binding | null
  /** The last few that no longer hold, so that a stale approval can be told what changed. */
  readonly earlierBindings: readonly Binding[]
  readonly approvals: readonly Approval[]
}

interface WaitingFields extends PromotionFields {
  /** Everything that stands in the way now; in `queued` at most the lane. */
  readonly blockers: readonly Blocker[]
  /** Who still has to approve, in words; null when nobody. */
  readonly missing: string | null
}

interface EndedFields extends PromotionFields {
  readonly endedAt: Instant
  readonly because: string
}

export interface WaitingPromotion extends WaitingFields {
  readonly phase:
    | 'requested'
    | 'evaluating'
    | 'blocked'
    | 'awaiting_approval'
    | 'scheduled'
    | 'queued'
}

export interface ExecutingPromotion extends PromotionFields {
  readonly phase: 'executing'
  readonly startedAt: Instant
  readonly rolloutId: string
}

export interface ExecutedPromotion extends EndedFields {
  readonly phase: 'succeeded' | 'rolled_back' | 'failed' | 'errored'
  readonly startedAt: Instant
  readonly rolloutId: string
}

export interface DroppedPromotion extends EndedFields {
  readonly phase: 'rejected' | 'cancelled' | 'expired'
}

export interface SupersededPromotion extends EndedFields {
  readonly phase: 'superseded'
  readonly supersededBy: string
}

export type Promotion =
  | WaitingPromotion
  | ExecutingPromotion
  | ExecutedPromotion
  | DroppedPromotion
  | SupersededPromotion

const dropped = ['rejected', 'cancelled', 'expired', 'superseded'] as const

export const promotionKind = defineKind<Promotion>({
  name: 'promotion',
  transitions: {
    requested: ['evaluating', ...dropped],
    evaluating: ['blocked', 'awaiting_approval', 'scheduled', 'queued', ...dropped],
    blocked: ['evaluating', ...dropped],
    awaiting_approval: ['evaluating', 'scheduled', 'queued', ...dropped],
    scheduled: ['evaluating', 'queued', ...dropped],
    queued: ['evaluating', 'executing', ...dropped],
    executing: ['succeeded', 'rolled_back', 'failed', 'errored'],
    succeeded: [],
    rolled_back: [],
    failed: [],
    errored: [],
    rejected: [],
    cancelled: [],
    expired: [],
    superseded: [],
  },
  initial: ['requested'],
})

export interface PromotionRequest {
  readonly id: string
  readonly number: number | null
  readonly model: string
  readonly environment: EnvironmentSpec
  readonly release: ReleaseRef
  readonly intent: PromotionIntent
  readonly requester: Actor
  readonly reason: string | null
  readonly notBefore: Instant | null
  readonly now: Instant
}

export function createPromotion(request: PromotionRequest): Change<Promotion> {
  const { id, number, model, environment, release, intent, requester, reason, notBefore, now } =
    request
  const expiresAt = Math.max(now, notBefore ?? now) + environment.promotionTtlMs
  return {
    kind: promotionKind,
    expect: null,
    object: {
      id,
      number,
      model,
      environment: environment.name,
      phase: 'requested',
      parentId: release.releaseId,
      wakeAt: now,
      release: { releaseId: release.releaseId, number: release.number },
      intent,
      requester,
      reason,
      requestedAt: now,
      notBefore,
      expiresAt,
      binding: null,
      earlierBindings: [],
      approvals: [],
      blockers: [],
      missing: null,
    },
    event: {
      type: 'promotion.requested',
      actor: requester,
      because:
        reason ??
        `release ${release.number} is to serve '${environment.name}' (${intent}); it expires unless started within ${formatDuration(expiresAt - now)}`,
    },
  }
}

export function isWaiting(promotion: Promotion): promotion is WaitingPromotion {
  switch (promotion.phase) {
    case 'requested':
    case 'evaluating':
    case 'blocked':
    case 'awaiting_approval':
    case 'scheduled':
    case 'queued':
      return true
    default:
      return false
  }
}
