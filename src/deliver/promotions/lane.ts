// The other promotions of the same model and environment: who makes this one pointless, and whose turn it is.
import type { Instant } from '../../foundation/clock.ts'
import type { ReleaseRef } from '../environments/deployment.ts'
import type { PromotionIntent } from '../policy/blockers.ts'
import type { Promotion } from './promotion.ts'

export interface LanePromotion {
  readonly id: string
  readonly phase: Promotion['phase']
  readonly release: ReleaseRef
  readonly intent: PromotionIntent
  readonly requestedAt: Instant
}

type Asked = Pick<Promotion, 'id' | 'release' | 'intent' | 'requestedAt'>

export interface Successor {
  readonly id: string
  readonly because: string
}

/**
 * The promotion that makes this one pointless: a newer release that is ready to go, going or gone (newest wins), or an
 * earlier request for the very same. One that still waits for a person or a blocker supersedes nobody: it may never go.
 */
export function successorOf(promotion: Asked, lane: readonly LanePromotion[]): Successor | null {
  if (promotion.intent !== 'forward') return null
  for (const other of lane) {
    if (other.id === promotion.id || other.intent !== 'forward') continue
    const { number } = other.release
    if (number > promotion.release.number && isReady(other)) {
      const because = `release ${number} is newer and ${other.phase === 'succeeded' ? 'serves' : `is ${other.phase}`}`
      return { id: other.id, because }
    }
    if (number === promotion.release.number && isOpen(other) && isEarlier(other, promotion)) {
      return { id: other.id, because: `release ${number} has already been requested` }
    }
  }
  return null
}

/** Going back goes first; then the order of asking. */
export function isItsTurn(promotion: Asked, lane: readonly LanePromotion[]): boolean {
  return !lane.some((other) => {
    if (other.id === promotion.id || other.phase !== 'queued') return false
    const isBack = other.intent === 'rollback'
    if (isBack !== (promotion.intent === 'rollback')) return isBack
    return isEarlier(other, promotion)
  })
}

function isReady(other: LanePromotion): boolean {
  return ['scheduled', 'queued', 'executing', 'succeeded'].includes(other.phase)
}

function isOpen(other: LanePromotion): boolean {
  const open: readonly Promotion['phase'][] = [
    'requested',
    'evaluating',
    'blocked',
    'awaiting_approval',
    'scheduled',
    'queued',
    'executing',
  ]
  return open.includes(other.phase)
}

function isEarlier(other: LanePromotion, promotion: Asked): boolean {
  if (other.requestedAt !== promotion.requestedAt) return other.requestedAt < promotion.requestedAt
  return other.id < promotion.id
}
