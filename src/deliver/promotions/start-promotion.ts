// The start of a promotion: in one transaction it consumes its approvals, takes the lane and opens its rollout.

import type { Instant } from '../../foundation/clock.ts'
import { digestOfJson } from '../../foundation/digest.ts'
import { type Change, draftOf } from '../../store/object.ts'
import {
  type Deployment,
  deploymentKind,
  type ReleaseRef,
  spoken,
} from '../environments/deployment.ts'
import type { EnsureServing } from '../environments/draft.ts'
import { beginCandidate } from '../environments/routing.ts'
import type { Approval } from '../policy/approvals.ts'
import type { ExecutingPromotion, WaitingPromotion } from './promotion.ts'
import { type PromotionDecision, type PromotionSeen, rolloutIdOf } from './promotion-seen.ts'
import type { Standing } from './standing.ts'

export function startPromotion(
  promotion: WaitingPromotion,
  standing: Standing,
  seen: PromotionSeen,
  now: Instant,
): PromotionDecision {
  const { model, environment, release } = promotion
  const rolloutId = rolloutIdOf(promotion.id)
  const { blockers: _blockers, missing: _missing, ...rest } = draftOf(promotion)
  const approvers = standing.judgement.counted.map((approval) => approval.approver)
  const because = `every guard holds${approvers.length === 0 ? '' : `, approved by ${approvers.join(', ')}`}; ${spoken(release)} takes the lane of '${environment}'`
  return {
    next: {
      ...rest,
      phase: 'executing',
      wakeAt: now + 250,
      binding: standing.binding,
      approvals: consume(standing),
      startedAt: now,
      rolloutId,
    } satisfies Omit<ExecutingPromotion, 'revision' | 'createdAt' | 'updatedAt'>,
    event: {
      type: 'promotion.started',
      actor: 'system:loop',
      because,
      details: { rolloutId, binding: standing.binding.digest, approvers },
    },
    also: [
      seen.openRollout({
        rolloutId,
        promotionId: promotion.id,
        number: promotion.number,
        model,
        environment: seen.environment,
        release,
        from: seen.deployment.stable,
        intent: promotion.intent,
        requester: promotion.requester,
        now,
      }),
      takeLane(seen.deployment, { release, rolloutId }),
    ],
    actions: [ensureServing(promotion)],
  }
}

export function ensureServing(place: { model: string; environment: string }): EnsureServing {
  return { kind: 'ensure_serving', model: place.model, environment: place.environment }
}

/** Expects the revision that was read: of two starts in one lane the store lets one through. */
function takeLane(
  deployment: Deployment,
  lane: { readonly release: ReleaseRef; readonly rolloutId: string },
): Change<Deployment> {
  const salt = digestOfJson({ rolloutId: lane.rolloutId }).slice(
    'sha256:'.length,
    'sha256:'.length + 16,
  )
  return {
    kind: deploymentKind,
    expect: deployment.revision,
    object: beginCandidate(deployment, { ...lane, salt }),
    event: {
      type: 'deployment.candidate_announced',
      actor: 'system:loop',
      because: `${spoken(lane.release)} is to be warmed; ${spoken(deployment.stable)} keeps all traffic`,
    },
  }
}

function consume(standing: Standing): readonly Approval[] {
  const counted = new Set(standing.judgement.counted.map((approval) => approval.id))
  return standing.approvals.map((approval) => {
    if (counted.has(approval.id)) return { ...approval, phase: 'consumed' }
    if (approval.phase !== 'active') return approval
    return { ...approval, phase: 'stale', because: 'the promotion started without needing it' }
  })
}
