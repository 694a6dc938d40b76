// Stories of promotions: from the asking to the outcome, with freezes, queues and second thoughts.
import { expect, test } from 'vitest'
import type { Deployment } from '../environments/deployment.ts'
import { asked, calmWorld, hour, reviewed, settle } from '../promotion-story.ts'
import { asStored, command, noon, sampleRelease, serving } from '../sample-delivery.ts'
import { decidePromotion } from './decide-promotion.ts'
import type { LanePromotion } from './lane.ts'
import type { Promotion } from './promotion.ts'

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

test('given a rule nobody can satisfy, then that is said at once instead of waiting for ever', () => {
  const environment = {
    ...reviewed,
    approval: { count: 1, from: ['kim'], exclude: ['requester'] as const, expiresMs: hour },
  }
  const first = decidePromotion(
    asStored<Promotion>(decidePromotion(asked(), { ...calmWorld, environment }, noon).next),
    { ...calmWorld, environment },
    noon,
  )
  expect(first.next).toMatchObject({
    phase: 'blocked',
    blockers: [{ code: 'approval_impossible' }],
  })
  expect(first.notices?.[0]?.sentence).toContain('only 0 of them can')
})

test('given gates that left something undecided, then automatic delivery too waits for a person with no part in it', () => {
  const environment = { ...calmWorld.environment, delivery: 'automatic' as const, approval: null }
  const undecided = 'gate quality: roc_auc >= 0.9 is not decided'
  const release = sampleRelease(2, { undecided, waivedBy: ['zoe'] })
  const waiting = settle(asked(), { environment, release }).promotion
  expect(waiting).toMatchObject({
    phase: 'awaiting_approval',
    missing: expect.stringContaining('zoe (granted a waiver it rests on)'),
  })
  expect(settle(asked(), { environment }).promotion.phase).toBe('executing')
})

test('given an older release than the one that serves, then a forward promotion is rejected by policy', () => {
  const { promotion } = settle(asked(), { deployment: serving(3) })
  expect(promotion).toMatchObject({
    phase: 'rejected',
    because: expect.stringContaining("intent 'rollback'"),
  })
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
  const decision = decidePromotion(executing, { ...calmWorld, rollout, intents }, noon + 1)
  expect(decision.next).toMatchObject({
    phase: outcome,
    because: 'the numbers said so',
    wakeAt: null,
  })
  expect(decision.answers?.[0]?.because).toContain('abort, pause or promote its rollout rollout_1')
})
