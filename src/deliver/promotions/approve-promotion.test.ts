// Stories of approval: consent is given to exactly one thing, by the right people, and silence never gives it.
import { expect, test } from 'vitest'
import { approve, asked, hour, reviewed, settle } from '../promotion-story.ts'
import { command, noon, sampleRelease, serving } from '../sample-delivery.ts'

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
