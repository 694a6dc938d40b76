// How a waiting promotion stands right now: its blockers, the binding an approval must name, and whose approval is missing.
import type { Instant } from '../../foundation/clock.ts'
import type { ApprovalSpec } from '../../project/environment-spec.ts'
import {
  type Approval,
  type ApprovalJudgement,
  approvalRule,
  type Involved,
  judgeApprovals,
} from '../policy/approvals.ts'
import { type Binding, bind, whatChanged } from '../policy/binding.ts'
import { type Blocker, evaluatePolicy, isHard } from '../policy/blockers.ts'
import type { Promotion } from './promotion.ts'
import type { PromotionSeen } from './promotion-seen.ts'

export interface Standing {
  readonly blockers: readonly Blocker[]
  readonly hard: readonly Blocker[]
  /** Blockers to wait for, the lane apart: that is what the queue is for. */
  readonly soft: readonly Blocker[]
  readonly binding: Binding
  readonly isRebound: boolean
  /** After marking what is stale or expired. */
  readonly approvals: readonly Approval[]
  readonly rule: ApprovalSpec | null
  readonly judgement: ApprovalJudgement
  /** What the gates of its release left open. */
  readonly undecided: string | null
}

export function standingOf(promotion: Promotion, seen: PromotionSeen, now: Instant): Standing {
  const { release, environment, deployment, facts } = seen
  const { intent, requester } = promotion
  const binding = bind({ release, environment, deployment, requester, intent })
  const approvals = promotion.approvals.map((approval) => upkeep(approval, promotion, binding, now))
  const rule = approvalRuleOf(promotion, seen)
  const judgement = judgeApprovals(rule, approvals, involvedOf(promotion, seen))
  const blockers = [
    ...evaluatePolicy({ release, environment, deployment, promotion, facts, now }),
    ...impossible(judgement),
  ]
  return {
    blockers,
    hard: blockers.filter(isHard),
    soft: blockers.filter((blocker) => !isHard(blocker) && blocker.clearedBy !== 'lane'),
    binding,
    isRebound: promotion.binding !== null && promotion.binding.digest !== binding.digest,
    approvals,
    rule,
    judgement,
    undecided: release.undecided,
  }
}

/** Returning to a release that has served here needs nobody's consent: the way back is always open. */
export function approvalRuleOf(
  promotion: Pick<Promotion, 'intent'>,
  seen: Pick<PromotionSeen, 'environment' | 'facts' | 'release'>,
): ApprovalSpec | null {
  if (promotion.intent === 'rollback' && seen.facts.hasServedHere) return null
  return approvalRule(seen.environment.approval, seen.release.undecided)
}

export function involvedOf(
  promotion: Pick<Promotion, 'requester'>,
  seen: Pick<PromotionSeen, 'authors' | 'runStarter' | 'release'>,
): Involved {
  return {
    requester: promotion.requester,
    authors: seen.authors,
    runStarter: seen.runStarter,
    waivedBy: seen.release.waivedBy,
  }
}

/** In words, how the binding someone was shown differs from the one that holds now. */
export function changesSince(promotion: Promotion, digest: string, now: Binding): string {
  const known = [...promotion.earlierBindings, promotion.binding]
  const shown = known.find((binding) => binding?.digest === digest)
  if (!shown) return 'it is not one this promotion ever had'
  return `changed since: ${whatChanged(shown.parts, now.parts).join(', ')}`
}

function upkeep(
  approval: Approval,
  promotion: Promotion,
  binding: Binding,
  now: Instant,
): Approval {
  if (approval.phase !== 'active') return approval
  if (approval.binding !== binding.digest) {
    const because = changesSince(promotion, approval.binding, binding)
    return { ...approval, phase: 'stale', because }
  }
  if (now < approval.expiresAt) return approval
  return { ...approval, phase: 'expired', because: 'it was given too long ago' }
}

function impossible(judgement: ApprovalJudgement): Blocker[] {
  if (judgement.impossible === null) return []
  const because = `${judgement.impossible}; change the approval rule of the environment, or let someone else ask`
  return [{ code: 'approval_impossible', because, clearedBy: 'person', clearsAt: null }]
}
