// Decides about a promotion: one step along its table per pass, with the sentence why.
import { type Instant, toIso } from '../../foundation/clock.ts'
import {
  type Draft,
  draftOf,
  type EventDraft,
  type IntentAnswer,
  type Notice,
} from '../../store/object.ts'
import { spoken } from '../environments/deployment.ts'
import { decline } from '../environments/draft.ts'
import { sayMissing } from '../policy/approvals.ts'
import { whatChanged } from '../policy/binding.ts'
import { isItsTurn, successorOf } from './lane.ts'
import { drop, obey } from './obey-promotion.ts'
import {
  type ExecutingPromotion,
  isWaiting,
  type Promotion,
  type WaitingPromotion,
} from './promotion.ts'
import type { PromotionDecision, PromotionSeen } from './promotion-seen.ts'
import { type Standing, standingOf } from './standing.ts'
import { ensureServing, startPromotion } from './start-promotion.ts'

/** A waiting promotion looks again this often: releases, declarations and deployments change without telling it. */
const lookMs = 1000
const laneLookMs = 250

export function decidePromotion(
  promotion: Promotion,
  seen: PromotionSeen,
  now: Instant,
): PromotionDecision {
  if (promotion.phase === 'executing') return follow(promotion, seen, now)
  if (!isWaiting(promotion)) return ended(promotion, seen)
  const overdue = endOf(promotion, seen, now)
  if (overdue !== null) return overdue
  const standing = standingOf(promotion, seen, now)
  const answers: IntentAnswer[] = []
  for (const intent of seen.intents) {
    const { answer, next, event } = obey(intent, { promotion, seen, standing, now })
    answers.push(answer)
    if (next === undefined || event === undefined) continue
    const wakeAt = next.wakeAt === null ? null : now
    return { next: { ...next, wakeAt }, event, actions: [], answers, notices: noticeOfEnd(next) }
  }
  return { ...advance(promotion, standing, seen, now), answers }
}

/** What ends a waiting promotion without anyone's command. */
function endOf(
  promotion: WaitingPromotion,
  seen: PromotionSeen,
  now: Instant,
): PromotionDecision | null {
  if (now >= promotion.expiresAt) {
    const because = `it had not started by ${toIso(promotion.expiresAt)} (${promotion.missing ?? promotion.blockers[0]?.because ?? 'nobody looked'}); ask again if it is still wanted`
    const next = drop(promotion, { phase: 'expired', because, now })
    return { next, event: told('expired', because), actions: [], notices: noticeOfEnd(next) }
  }
  const successor = successorOf(promotion, seen.lane)
  if (successor === null) return null
  const { blockers: _blockers, missing: _missing, ...rest } = draftOf(promotion)
  const next: Draft<Promotion> = {
    ...rest,
    phase: 'superseded',
    wakeAt: null,
    endedAt: now,
    because: successor.because,
    supersededBy: successor.id,
  }
  const event = {
    ...told('superseded', successor.because),
    details: { supersededBy: successor.id },
  }
  return { next, event, actions: [], notices: noticeOfEnd(next) }
}

function advance(
  promotion: WaitingPromotion,
  standing: Standing,
  seen: PromotionSeen,
  now: Instant,
): PromotionDecision {
  const wait = (because: string) => evaluateAgain(promotion, standing, because, now)
  if (promotion.phase === 'requested') return wait('the policy of the environment is asked')
  if (promotion.phase === 'evaluating') return conclude(promotion, standing, now)
  if (standing.isRebound) {
    return wait(`what was to be approved has changed: ${changedParts(promotion, standing)}`)
  }
  switch (promotion.phase) {
    case 'blocked':
      if (sameCodes(promotion, standing)) return stay(promotion, standing, now)
      return wait('what blocks it has changed')
    case 'awaiting_approval':
      if (standing.hard.length > 0 || standing.judgement.impossible !== null) {
        return wait(standing.blockers[0]?.because ?? 'the approval rule has changed')
      }
      if (!standing.judgement.isSatisfied) return stay(promotion, standing, now)
      return conclude(promotion, standing, now)
    case 'scheduled':
    case 'queued':
      return startOrWait(promotion, standing, seen, now)
  }
}

/** From `evaluating` (and from satisfied approvals) to wherever it has to wait next. */
function conclude(
  promotion: WaitingPromotion,
  standing: Standing,
  now: Instant,
): PromotionDecision {
  const [no] = standing.hard
  if (no !== undefined) {
    const next = drop(promotion, { phase: 'rejected', because: no.because, now })
    const event = {
      ...told('rejected', no.because),
      actor: `policy:${promotion.environment}` as const,
    }
    return { next, event, actions: [], notices: noticeOfEnd(next) }
  }
  if (standing.soft.length > 0) {
    if (promotion.phase !== 'evaluating') {
      return evaluateAgain(promotion, standing, standing.soft[0]?.because ?? '', now)
    }
    const because = standing.soft.map((blocker) => blocker.because).join('; ')
    const impossible = standing.judgement.impossible
    const notices =
      impossible === null ? [] : [notice(promotion, 'approval_impossible', impossible)]
    return { ...enter('blocked', promotion, standing, now, because), notices }
  }
  if (!standing.judgement.isSatisfied) {
    const because = sayMissing(standing.judgement, standing.undecided)
    const notices = [notice(promotion, 'approval_needed', because)]
    return { ...enter('awaiting_approval', promotion, standing, now, because), notices }
  }
  if (promotion.notBefore !== null && now < promotion.notBefore) {
    const because = `ready, but not before ${toIso(promotion.notBefore)}`
    return enter('scheduled', promotion, standing, now, because)
  }
  return enter('queued', promotion, standing, now, 'nothing stands in the way but its turn')
}

function startOrWait(
  promotion: WaitingPromotion,
  standing: Standing,
  seen: PromotionSeen,
  now: Instant,
): PromotionDecision {
  const [first] = [...standing.hard, ...standing.soft]
  if (first !== undefined) return evaluateAgain(promotion, standing, first.because, now)
  if (!standing.judgement.isSatisfied) {
    return evaluateAgain(
      promotion,
      standing,
      sayMissing(standing.judgement, standing.undecided),
      now,
    )
  }
  if (promotion.phase === 'scheduled') {
    if (promotion.notBefore !== null && now < promotion.notBefore)
      return stay(promotion, standing, now)
    return enter('queued', promotion, standing, now, 'its time has come')
  }
  if (standing.blockers.length > 0 || !isItsTurn(promotion, seen.lane)) {
    return stay(promotion, standing, now)
  }
  return startPromotion(promotion, standing, seen, now)
}

/** While executing, the rollout decides; the promotion only reports its end. */
function follow(
  promotion: ExecutingPromotion,
  seen: PromotionSeen,
  now: Instant,
): PromotionDecision {
  const answers = seen.intents.map((intent) =>
    decline(
      intent,
      `the promotion is executing; abort, pause or promote its rollout ${promotion.rolloutId} instead`,
    ),
  )
  const phase = outcomeOf(seen)
  if (phase === null) {
    const next: Draft<Promotion> = { ...draftOf(promotion), wakeAt: now + laneLookMs }
    return { next, actions: [ensureServing(promotion)], answers }
  }
  const because = seen.rollout?.because ?? `its rollout is ${seen.rollout?.phase}`
  const next: Draft<Promotion> = {
    ...draftOf(promotion),
    phase,
    wakeAt: null,
    endedAt: now,
    because,
  }
  return { next, event: told(phase, because), actions: [], answers, notices: noticeOfEnd(next) }
}

function outcomeOf(seen: PromotionSeen): 'succeeded' | 'rolled_back' | 'failed' | 'errored' | null {
  switch (seen.rollout?.phase) {
    case 'completed':
      return 'succeeded'
    case 'rolled_back':
      // With nothing to return to, the release said no and the environment is empty: that is a failure, not a way back.
      return seen.rollout.from === null ? 'failed' : 'rolled_back'
    case 'errored':
      return 'errored'
    default:
      return null
  }
}

function ended(promotion: Promotion, seen: PromotionSeen): PromotionDecision {
  const answers = seen.intents.map((intent) =>
    decline(intent, `the promotion is ${promotion.phase}, which is final`),
  )
  return { next: { ...draftOf(promotion), wakeAt: null }, actions: [], answers }
}

function evaluateAgain(
  promotion: WaitingPromotion,
  standing: Standing,
  because: string,
  now: Instant,
): PromotionDecision {
  return enter('evaluating', promotion, standing, now, because)
}

function enter(
  phase: WaitingPromotion['phase'],
  promotion: WaitingPromotion,
  standing: Standing,
  now: Instant,
  because: string,
): PromotionDecision {
  const next = refreshed({ ...draftOf(promotion), phase }, promotion, standing)
  const wakeAt =
    phase === 'blocked' || phase === 'awaiting_approval' ? lookAt(promotion, standing, now) : now
  return { next: { ...next, wakeAt }, event: told(phase, because), actions: [] }
}

function stay(promotion: WaitingPromotion, standing: Standing, now: Instant): PromotionDecision {
  const next = refreshed(draftOf(promotion), promotion, standing)
  return { next: { ...next, wakeAt: lookAt(promotion, standing, now) }, actions: [] }
}

function refreshed<T extends Draft<WaitingPromotion>>(
  next: T,
  promotion: WaitingPromotion,
  standing: Standing,
): T {
  const { binding } = promotion
  const isOld = binding !== null && standing.isRebound
  return {
    ...next,
    blockers: standing.blockers,
    missing: standing.judgement.isSatisfied
      ? null
      : sayMissing(standing.judgement, standing.undecided),
    binding: standing.binding,
    earlierBindings: isOld
      ? [...promotion.earlierBindings, binding].slice(-5)
      : promotion.earlierBindings,
    approvals: standing.approvals,
  }
}

function lookAt(promotion: WaitingPromotion, standing: Standing, now: Instant): Instant {
  const clears = standing.blockers.flatMap((blocker) => blocker.clearsAt ?? [])
  const every = promotion.phase === 'queued' ? laneLookMs : lookMs
  return Math.min(now + every, promotion.expiresAt, ...clears)
}

function sameCodes(promotion: WaitingPromotion, standing: Standing): boolean {
  const codes = (blockers: Standing['blockers']) => blockers.map((blocker) => blocker.code).join()
  return codes(promotion.blockers) === codes(standing.blockers)
}

function changedParts(promotion: WaitingPromotion, standing: Standing): string {
  const { binding } = promotion
  return binding === null
    ? 'everything'
    : whatChanged(binding.parts, standing.binding.parts).join(', ')
}

function told(verb: string, because: string): EventDraft {
  return { type: `promotion.${verb}`, actor: 'system:loop', because }
}

function notice(promotion: WaitingPromotion, topic: string, because: string): Notice {
  const sentence = `${spoken(promotion.release)} of '${promotion.model}' for '${promotion.environment}': ${because}`
  return { topic: `promotion.${topic}`, sentence, details: { promotionId: promotion.id } }
}

function noticeOfEnd(next: Draft<Promotion>): readonly Notice[] {
  if (!('because' in next)) return []
  const sentence = `promotion of ${spoken(next.release)} of '${next.model}' to '${next.environment}' ${next.phase}: ${next.because}`
  return [{ topic: `promotion.${next.phase}`, sentence, details: { promotionId: next.id } }]
}
