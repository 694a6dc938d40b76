// People's commands to a waiting promotion: approve, revoke, reject, cancel. A refused one says why and what to do instead.
import type { Instant } from '../../foundation/clock.ts'
import { formatDuration } from '../../foundation/duration.ts'
import {
  type Actor,
  type Draft,
  draftOf,
  type EventDraft,
  type Intent,
  type IntentAnswer,
} from '../../store/object.ts'
import { accept, decline, nameOf, reasonOf } from '../environments/draft.ts'
import { type Approval, personOf, whyMayNotApprove } from '../policy/approvals.ts'
import type { DroppedPromotion, Promotion, WaitingPromotion } from './promotion.ts'
import type { PromotionSeen } from './promotion-seen.ts'
import { changesSince, involvedOf, type Standing } from './standing.ts'

export interface Obeyed {
  readonly answer: IntentAnswer
  readonly next?: Draft<Promotion>
  readonly event?: EventDraft
}

export interface Moment {
  readonly promotion: WaitingPromotion
  readonly seen: PromotionSeen
  readonly standing: Standing
  readonly now: Instant
}

export function obey(intent: Intent, moment: Moment): Obeyed {
  switch (intent.command) {
    case 'approve':
      return obeyApprove(intent, moment)
    case 'revoke':
      return obeyRevoke(intent, moment)
    case 'reject':
      return obeyReject(intent, moment)
    case 'cancel':
      return obeyCancel(intent, moment)
    default:
      return no(
        intent,
        `'${intent.command}' is not a command for a promotion that is ${moment.promotion.phase}; allowed: approve, revoke, reject, cancel`,
      )
  }
}

/** Ends a waiting promotion for good. */
export function drop(
  promotion: WaitingPromotion,
  end: {
    readonly phase: DroppedPromotion['phase']
    readonly because: string
    readonly now: Instant
  },
): Draft<Promotion> {
  const { blockers: _blockers, missing: _missing, ...rest } = draftOf(promotion)
  return { ...rest, phase: end.phase, wakeAt: null, endedAt: end.now, because: end.because }
}

function obeyApprove(intent: Intent, { promotion, seen, standing, now }: Moment): Obeyed {
  const { rule, binding } = standing
  if (rule === null) return no(intent, 'this promotion needs no approval')
  const notAllowed = whyMayNotApprove(intent.actor, rule, involvedOf(promotion, seen))
  if (notAllowed !== null) return no(intent, notAllowed)
  const shown = intent.payload.binding
  if (typeof shown !== 'string') {
    return no(
      intent,
      'an approval names the binding that was shown; look at the promotion again and approve that',
    )
  }
  if (shown !== binding.digest) {
    return no(
      intent,
      `stale binding: ${changesSince(promotion, shown, binding)}; look again and approve what is there now`,
    )
  }
  const own = activeOf(standing.approvals, intent.actor)
  if (own !== undefined)
    return no(intent, `${nameOf(intent.actor)} has already approved exactly this`)
  const approval: Approval = {
    id: intent.id,
    phase: 'active',
    approver: intent.actor,
    at: now,
    binding: binding.digest,
    comment: reasonOf(intent),
    expiresAt: now + rule.expiresMs,
    because: null,
  }
  const comment = approval.comment === null ? '' : `: ${approval.comment}`
  return {
    next: { ...draftOf(promotion), approvals: [...promotion.approvals, approval] },
    answer: accept(
      intent,
      `recorded; it holds for ${formatDuration(rule.expiresMs)} or until something it names changes`,
    ),
    event: {
      type: 'promotion.approved',
      actor: intent.actor,
      because: `${nameOf(intent.actor)} approved release ${promotion.release.number} for '${promotion.environment}'${comment}`,
      details: { binding: binding.digest },
    },
  }
}

function obeyRevoke(intent: Intent, { promotion, standing }: Moment): Obeyed {
  const own = activeOf(standing.approvals, intent.actor)
  if (own === undefined) return no(intent, `${nameOf(intent.actor)} has no active approval here`)
  const because = reasonOf(intent) ?? `${nameOf(intent.actor)} took the approval back`
  const approvals = promotion.approvals.map((approval) =>
    approval.id === own.id ? { ...approval, phase: 'revoked' as const, because } : approval,
  )
  return {
    next: { ...draftOf(promotion), approvals },
    answer: accept(intent, 'the approval no longer counts'),
    event: { type: 'promotion.approval_revoked', actor: intent.actor, because },
  }
}

function obeyReject(intent: Intent, { promotion, standing, now }: Moment): Obeyed {
  if (!intent.actor.startsWith('person:')) return no(intent, 'only people reject a promotion')
  const from = standing.rule?.from ?? []
  const name = personOf(intent.actor)
  if (from.length > 0 && !from.some((allowed) => personOf(allowed) === name)) {
    return no(intent, `${name} is not among those who decide here: ${from.join(', ')}`)
  }
  return end(intent, { promotion, phase: 'rejected', now })
}

function obeyCancel(intent: Intent, { promotion, now }: Moment): Obeyed {
  return end(intent, { promotion, phase: 'cancelled', now })
}

function end(
  intent: Intent,
  how: { promotion: WaitingPromotion; phase: 'rejected' | 'cancelled'; now: Instant },
): Obeyed {
  const because = reasonOf(intent)
  if (because === null)
    return no(intent, `a promotion is not ${how.phase} without a reason: others asked for it`)
  return {
    next: drop(how.promotion, { phase: how.phase, because, now: how.now }),
    answer: accept(intent, `the promotion is ${how.phase}`),
    event: { type: `promotion.${how.phase}`, actor: intent.actor, because },
  }
}

function activeOf(approvals: readonly Approval[], actor: Actor): Approval | undefined {
  const isOwn = (approval: Approval) => personOf(approval.approver) === personOf(actor)
  return approvals.find((approval) => approval.phase === 'active' && isOwn(approval))
}

function no(intent: Intent, because: string): Obeyed {
  return { answer: decline(intent, because) }
}
