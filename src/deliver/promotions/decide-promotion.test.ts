// Stories of promotions: from the asking to the outcome, with approvals, freezes, queues and second thoughts.
import { expect, test } from 'vitest'
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import { type Change, checkTransition } from '../../store/object.ts'
import type { Deployment } from '../environments/deployment.ts'
import { openRollout } from '../rollouts/rollout.ts'
import {
  asStored,
  command,
  created,
  noon,
  production,
  sampleRelease,
  serving,
} from '../sample-delivery.ts'
import { decidePromotion } from './decide-promotion.ts'
import type { LanePromotion } from './lane.ts'
import { createPromotion, type Promotion, promotionKind } from './promotion.ts'
import type { PromotionSeen } from './promotion-seen.ts'

const hour = 3_600_000
const reviewed: EnvironmentSpec = {
  ...production,
  approval: {
    count: 1,
    from: ['olga', 'piotr'],
    exclude: ['requester', 'author'],
    expiresMs: 2 * hour,
  },
}
const world: PromotionSeen = {
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

function asked(changes: Partial<Parameters<typeof createPromotion>[0]> = {}): Promotion {
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
function settle(promotion: Promotion, seen: Partial<PromotionSeen>, now = noon) {
  let current = promotion
  const types: string[] = []
  const also: Change[] = []
  let intents = seen.intents ?? []
  const answers: { accepted: boolean; because: string }[] = []
  for (let pass = 0; pass < 10; pass++) {
    const decision = decidePromotion(current, { ...world, ...seen, intents }, now)
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

const approve = (promotion: Promotion, by: `person:${string}` = 'person:olga') =>
  command('approve', by, { payload: { binding: promotion.binding?.digest } })

test('given nothing in the way, when a person asks, then it takes the lane and opens a rollout in one transaction', () => {
  const { promotion, types, also } = settle(asked(), {})
  expect(types).toEqual(['promotion.evaluating', 'promotion.queued', 'promotion.started'])
  expect(promotion).toMatchObject({ phase: 'executing', rolloutId: 'rollout_1' })
  expect(also.map((change) => [change.kind.name, change.expect])).toEqual([
    ['rollout', null],
    ['deployment', 1],
  ])
  expect(also[1]?.object).toMatchObject({
    candidate: { number: 2 },
    candidateBp: 0,
    rolloutId: 'rollout_1',
  })
})

test('given a rule of one approval, when olga approves what she was shown, then it starts and her approval is consumed', () => {
  const waiting = settle(asked(), { environment: reviewed }).promotion
  expect(waiting).toMatchObject({
    phase: 'awaiting_approval',
    missing: expect.stringContaining('olga, piotr'),
  })
  const { promotion, types } = settle(waiting, {
    environment: reviewed,
    intents: [approve(waiting)],
  })
  expect(types).toEqual(['promotion.approved', 'promotion.queued', 'promotion.started'])
  expect(promotion.approvals).toMatchObject([{ phase: 'consumed', approver: 'person:olga' }])
  expect(promotion.approvals[0]?.binding).toBe(promotion.binding?.digest)
})

test('given the release was changed after she looked, when she approves, then it is refused and names what changed', () => {
  const waiting = settle(asked(), { environment: reviewed }).promotion
  const release = sampleRelease(2, { evidenceDigest: 'sha256:other' })
  const { promotion, answers } = settle(waiting, {
    environment: reviewed,
    release,
    intents: [approve(waiting)],
  })
  expect(promotion.phase).toBe('awaiting_approval')
  expect(answers[0]).toMatchObject({
    accepted: false,
    because: expect.stringContaining('stale binding: changed since: the gate evidence'),
  })
})

test('given an approval, when the environment is declared anew before the start, then it is stale and asked again', () => {
  const frozen = { ...reviewed, freezes: [{ from: noon, until: noon + hour, because: 'year end' }] }
  const blocked = settle(asked(), { environment: frozen }).promotion
  const approved = settle(blocked, { environment: frozen, intents: [approve(blocked)] }).promotion
  expect(approved).toMatchObject({ phase: 'blocked', approvals: [{ phase: 'active' }] })
  const { promotion } = settle(approved, { environment: { ...frozen, freezes: [], replicas: 9 } })
  expect(promotion).toMatchObject({
    phase: 'awaiting_approval',
    approvals: [{ phase: 'stale', because: 'changed since: the environment declaration' }],
  })
})

test('given an approval during a freeze, when the freeze ends, then it starts without asking again', () => {
  const environment = {
    ...reviewed,
    freezes: [{ from: noon, until: noon + hour, because: 'year end' }],
  }
  const blocked = settle(asked(), { environment }).promotion
  const approved = settle(blocked, { environment, intents: [approve(blocked)] }).promotion
  expect(settle(approved, { environment }, noon + hour).promotion.phase).toBe('executing')
})

test.each([
  ['person:kim', 'requested this promotion'],
  ['person:piotr', 'wrote part of this release'],
  ['person:eve', 'not among those who may approve'],
  ['service:ci', 'not a person'],
] as const)('%s may not approve: %s', (actor, why) => {
  const seen = { environment: reviewed, authors: ['piotr'] }
  const waiting = settle(asked(), seen).promotion
  const intent = command('approve', actor, { payload: { binding: waiting.binding?.digest } })
  const { answers, promotion } = settle(waiting, { ...seen, intents: [intent] })
  expect(answers[0]).toMatchObject({ accepted: false, because: expect.stringContaining(why) })
  expect(promotion.phase).toBe('awaiting_approval')
})

test('given a rule nobody can satisfy, then that is said at once instead of waiting for ever', () => {
  const environment = {
    ...reviewed,
    approval: { count: 1, from: ['kim'], exclude: ['requester'] as const, expiresMs: hour },
  }
  const first = decidePromotion(
    asStored<Promotion>(decidePromotion(asked(), { ...world, environment }, noon).next),
    { ...world, environment },
    noon,
  )
  expect(first.next).toMatchObject({
    phase: 'blocked',
    blockers: [{ code: 'approval_impossible' }],
  })
  expect(first.notices?.[0]?.sentence).toContain('only 0 of them can')
})

test('given an approval, when it is revoked or grows too old, then it no longer counts', () => {
  const frozen = { ...reviewed, freezes: [{ from: noon, until: noon + 3 * hour, because: 'x' }] }
  const blocked = settle(asked(), { environment: frozen }).promotion
  const approved = settle(blocked, { environment: frozen, intents: [approve(blocked)] }).promotion
  const revoked = settle(approved, { environment: frozen, intents: [command('revoke')] }).promotion
  expect(revoked.approvals[0]?.phase).toBe('revoked')
  const later = settle(approved, { environment: frozen }, noon + 3 * hour).promotion
  expect(later).toMatchObject({ phase: 'awaiting_approval', approvals: [{ phase: 'expired' }] })
})

test('given a rejection or a cancellation, then a reason is asked for and the promotion ends', () => {
  const waiting = settle(asked(), { environment: reviewed }).promotion
  const silent = settle(waiting, { environment: reviewed, intents: [command('reject')] })
  expect(silent.answers[0]).toMatchObject({ accepted: false })
  const rejected = settle(waiting, {
    environment: reviewed,
    intents: [command('reject', 'person:olga', { reason: 'wrong month' })],
  })
  expect(rejected.promotion).toMatchObject({
    phase: 'rejected',
    because: 'wrong month',
    wakeAt: null,
  })
  const cancelled = settle(waiting, {
    environment: reviewed,
    intents: [command('cancel', 'person:kim', { reason: 'not now' })],
  })
  expect(cancelled.promotion.phase).toBe('cancelled')
})

test('given an older release than the one that serves, then a forward promotion is rejected by policy', () => {
  const { promotion } = settle(asked(), { deployment: serving(3) })
  expect(promotion).toMatchObject({
    phase: 'rejected',
    because: expect.stringContaining("intent 'rollback'"),
  })
})

test('given a freeze, then going back to a release that served here needs neither its end nor an approval', () => {
  const environment = {
    ...reviewed,
    freezes: [{ from: 0, until: noon + hour, because: 'year end' }],
  }
  const facts = { upstreamSucceededAt: null, hasServedHere: true }
  const { promotion, also } = settle(asked({ intent: 'rollback' }), {
    environment,
    deployment: serving(3),
    facts,
  })
  expect(promotion.phase).toBe('executing')
  expect(also[0]?.object).toMatchObject({ strategy: { kind: 'blue_green' } })
})

test('given a rollout in the lane, then it waits in the queue without holding anything, and starts when the lane is free', () => {
  const busy = serving(1, {
    candidate: { releaseId: 'release_9', number: 9 },
    rolloutId: 'rollout_9',
  })
  const queued = settle(asked(), { deployment: busy }).promotion
  expect(queued).toMatchObject({
    phase: 'queued',
    blockers: [{ code: 'lane_busy' }],
    wakeAt: noon + 250,
  })
  expect(settle(queued, {}).promotion.phase).toBe('executing')
})

test('given a guard that breaks while it is queued, then it does not start', () => {
  const busy = serving(1, {
    candidate: { releaseId: 'release_9', number: 9 },
    rolloutId: 'rollout_9',
  })
  const queued = settle(asked(), { deployment: busy }).promotion
  const yanked = settle(queued, {
    release: sampleRelease(2, { phase: 'yanked', because: 'leaks' }),
  }).promotion
  expect(yanked).toMatchObject({ phase: 'rejected', because: expect.stringContaining('leaks') })
})

const other = (changes: Partial<LanePromotion>): LanePromotion => ({
  id: 'promotion_0',
  phase: 'queued',
  release: { releaseId: 'release_3', number: 3 },
  intent: 'forward',
  requestedAt: noon + 1,
  ...changes,
})

test('given a newer release that is ready, then the older promotion is superseded, with a link; one that still waits supersedes nobody', () => {
  const waiting = settle(asked(), { environment: reviewed }).promotion
  const beaten = settle(waiting, { environment: reviewed, lane: [other({})] }).promotion
  expect(beaten).toMatchObject({ phase: 'superseded', supersededBy: 'promotion_0' })
  const kept = settle(waiting, {
    environment: reviewed,
    lane: [other({ phase: 'awaiting_approval' })],
  }).promotion
  expect(kept.phase).toBe('awaiting_approval')
})

test('given a rollback in the queue, then it goes first', () => {
  const back = other({ intent: 'rollback', release: { releaseId: 'release_0', number: 0 } })
  expect(settle(asked(), { lane: [back] }).promotion.phase).toBe('queued')
})

test('given a time not before which to start, then it is scheduled until then', () => {
  const scheduled = settle(asked({ notBefore: noon + hour }), {}).promotion
  expect(scheduled.phase).toBe('scheduled')
  expect(settle(scheduled, {}, noon + hour).promotion.phase).toBe('executing')
})

test('given nobody who approves, then it expires: silence never approves', () => {
  const waiting = settle(asked(), { environment: reviewed }).promotion
  const { promotion } = settle(
    waiting,
    { environment: reviewed, intents: [approve(waiting)] },
    waiting.expiresAt,
  )
  expect(promotion).toMatchObject({
    phase: 'expired',
    because: expect.stringContaining('waiting for approval'),
  })
})

test.each([
  ['completed', serving(1), 'succeeded'],
  ['rolled_back', serving(1), 'rolled_back'],
  ['errored', serving(1), 'errored'],
  ['rolled_back', null, 'failed'],
] as const)('given its rollout is %s, then the outcome follows', (phase, from, outcome) => {
  const executing = settle(asked(), {}).promotion
  const rollout = {
    phase,
    from: (from as Deployment | null)?.stable ?? null,
    because: 'the numbers said so',
  }
  const intents = [command('cancel', 'person:kim', { reason: 'x' })]
  const decision = decidePromotion(executing, { ...world, rollout, intents }, noon + 1)
  expect(decision.next).toMatchObject({
    phase: outcome,
    because: 'the numbers said so',
    wakeAt: null,
  })
  expect(decision.answers?.[0]?.because).toContain('abort, pause or promote its rollout rollout_1')
})
