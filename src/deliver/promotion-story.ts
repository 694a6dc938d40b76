// A promotion for tests: passed again and again until it waits for something outside, every move checked against the table.
import type { EnvironmentSpec } from '../project/environment-spec.ts'
import { type Change, checkTransition } from '../store/object.ts'
import { decidePromotion } from './promotions/decide-promotion.ts'
import { createPromotion, type Promotion, promotionKind } from './promotions/promotion.ts'
import type { PromotionSeen } from './promotions/promotion-seen.ts'
import { openRollout } from './rollouts/rollout.ts'
import {
  asStored,
  command,
  created,
  noon,
  production,
  sampleRelease,
  serving,
} from './sample-delivery.ts'

export const hour = 3_600_000
export const reviewed: EnvironmentSpec = {
  ...production,
  approval: {
    count: 1,
    from: ['olga', 'piotr'],
    exclude: ['requester', 'author'],
    expiresMs: 2 * hour,
  },
}
export const calmWorld: PromotionSeen = {
  intents: [],
  release: sampleRelease(2),
  environment: production,
  deployment: serving(1),
  rollout: null,
  lane: [],
  facts: { upstreamSucceededAt: null, hasServedHere: false },
  authors: [],
  runStarter: null,
  openRollout,
}

export function asked(changes: Partial<Parameters<typeof createPromotion>[0]> = {}): Promotion {
  return created(
    createPromotion({
      id: 'promotion_1',
      number: 4,
      model: 'income',
      environment: production,
      release: sampleRelease(2),
      intent: 'forward',
      requester: 'person:kim',
      reason: null,
      notBefore: null,
      now: noon,
      ...changes,
    }),
  )
}

/** Passes until it waits for something outside; every move is checked against the table. */
export function settle(promotion: Promotion, seen: Partial<PromotionSeen>, now = noon) {
  let current = promotion
  const types: string[] = []
  const also: Change[] = []
  let intents = seen.intents ?? []
  const answers: { accepted: boolean; because: string }[] = []
  for (let pass = 0; pass < 10; pass++) {
    const decision = decidePromotion(current, { ...calmWorld, ...seen, intents }, now)
    checkTransition(promotionKind, current.phase, decision.next.phase)
    const answered = new Set(decision.answers?.map((answer) => answer.intentId))
    intents = intents.filter((intent) => !answered.has(intent.id))
    answers.push(...(decision.answers ?? []))
    also.push(...(decision.also ?? []))
    if (decision.event) types.push(decision.event.type)
    current = asStored<Promotion>(decision.next)
    if (decision.event === undefined && intents.length === 0) break
    if (current.phase === 'executing') break
  }
  return { promotion: current, types, also, answers }
}

export const approve = (promotion: Promotion, by: `person:${string}` = 'person:olga') =>
  command('approve', by, { payload: { binding: promotion.binding?.digest } })
