// A promotion: what it would change, what it waits for and who can clear it.
import type { PromotionView } from '../../api/contract/views.ts'
import { formatDuration } from '../../foundation/duration.ts'
import type { Paint } from './paint.ts'
import { indent } from './text.ts'
import { ago, dateAndTime } from './time.ts'
import { phaseWord, releaseName } from './words.ts'

export function promotionHeadline(promotion: PromotionView, paint: Paint): string {
  const what = `promotion ${promotion.number}`
  return `${paint.strong(what)}  ${releaseName(promotion.release)} → ${promotion.environment}  ${phaseWord(promotion.phase, paint)}  ${paint.quiet(promotion.id)}`
}

export function promotionReport(promotion: PromotionView, paint: Paint, now: number): string[] {
  const { blockers, approvals } = promotion
  return [
    promotionHeadline(promotion, paint),
    ...indent([
      `asked for by ${promotion.requestedBy}, ${ago(promotion.createdAt, now)}: ${promotion.because}`,
      ...changeLines(promotion),
      ...blockers.map(
        (blocker) =>
          `${paint.warn('!')} ${blocker.because}; cleared by ${blocker.clearedBy}${clearsAt(blocker.clearsAt, now)}`,
      ),
      ...approvals.map(
        (approval) =>
          `approval by ${approval.actor}, ${approval.phase}, ${ago(approval.at, now)}${approval.comment ? `: ${approval.comment}` : ''}`,
      ),
      ...waitingLines(promotion, now),
    ]),
  ]
}

export function changeLines(promotion: PromotionView): string[] {
  if (promotion.changes.length === 0) return []
  return ['what would change:', ...indent(promotion.changes.map((change) => `- ${change}`))]
}

function waitingLines(promotion: PromotionView, now: number): string[] {
  if (promotion.phase !== 'awaiting_approval') return []
  const who =
    promotion.approvers.length > 0 ? promotion.approvers.join(', ') : 'anyone not excluded'
  const given = promotion.approvals.filter((approval) => approval.phase === 'active').length
  const until = promotion.expiresAt
    ? `, until ${dateAndTime(promotion.expiresAt)} UTC${clearsAt(promotion.expiresAt, now)}`
    : ''
  return [
    `waits for approval: ${given} of ${promotion.approvalsNeeded} given; may approve: ${who}${until}`,
  ]
}

function clearsAt(iso: string | null, now: number): string {
  if (iso === null) return ''
  const left = Date.parse(iso) - now
  return left > 0 ? ` (in ${formatDuration(left)})` : ''
}

export function afterPromotion(promotion: PromotionView): string {
  switch (promotion.phase) {
    case 'awaiting_approval':
      return `next: lockstep approve ${promotion.environment} --as ${promotion.approvers[0]?.replace(/^person:/, '') ?? 'NAME'}`
    case 'blocked':
    case 'failed':
    case 'rolled_back':
    case 'errored':
      return `next: lockstep why promotion ${promotion.id}`
    case 'succeeded':
      return 'next: lockstep status'
    default:
      return promotion.rolloutId
        ? `next: lockstep rollout ${promotion.rolloutId}`
        : `next: lockstep why promotion ${promotion.id}`
  }
}
