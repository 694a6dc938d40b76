// A release on its way: staging by itself, production by a person's word, back when it does harm, and on after a restart.
import { chmod, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deploymentId, deploymentKind } from '../../../src/deliver/environments/deployment.ts'
import { rolloutKind } from '../../../src/deliver/rollouts/rollout.ts'
import { releaseKind } from '../../../src/release/release.ts'
import { verifyChain } from '../../../src/store/event-chain.ts'
import { DeliveryStage, guarded } from './delivery-stage.ts'

let stage: DeliveryStage
beforeEach(async () => {
  stage = await DeliveryStage.open()
})
afterEach(() => stage.close())

/** The way of a release into production, for what comes after. */
async function deliver(number: number): Promise<void> {
  await stage.seal(number)
  const waiting = await stage.promotionIn('production', number, 'awaiting_approval')
  await stage.approve(waiting)
  await stage.promotionIn('production', number, 'succeeded')
}

test('the first release reaches staging by itself, and production once a person has agreed to exactly that', async () => {
  await stage.seal(1)
  const first = await stage.promotionIn('staging', 1, 'succeeded')
  expect(await stage.rollout(first)).toMatchObject({
    phase: 'completed',
    strategy: { kind: 'initial' },
  })
  expect(first.requester).toBe('policy:staging')
  const waiting = await stage.promotionIn('production', 1, 'awaiting_approval')
  expect(stage.serving('production')?.stable).toBeNull()
  const before = await stage.deployment('production')

  expect(await stage.approve(waiting, 'person:mallory')).toMatchObject({ accepted: false })
  const stale = await stage.command({
    ...{ kind: 'promotion', objectId: waiting.id, command: 'approve', actor: 'person:olga' },
    payload: { binding: 'sha256:something else' },
  })
  expect(stale.accepted).toBe(false)
  expect(await stage.deployment('production')).toEqual(before)

  expect(await stage.approve(waiting)).toMatchObject({ accepted: true })
  const done = await stage.promotionIn('production', 1, 'succeeded')
  expect(done.approvals).toMatchObject([{ phase: 'consumed', approver: 'person:olga' }])
  expect(await stage.rollout(done)).toMatchObject({ phase: 'completed' })
  expect(stage.serving('production')).toMatchObject({
    stable: { number: 1 },
    candidate: null,
    candidateBp: 0,
  })
  expect(await stage.deployment('production')).toMatchObject({ rolloutId: null, hold: null })
  expect(await verifyChain(stage.db)).toMatchObject({ intact: true })
})

test('a healthy canary walks its steps to the end, and the old release stays warm for the way back', async () => {
  await deliver(1)
  stage.requests = 200
  const shares = new Set<number>()
  await stage.seal(2)
  await stage.approve(await stage.promotionIn('production', 2, 'awaiting_approval'))
  await stage.until(
    async () => {
      shares.add(stage.serving('production')?.candidateBp ?? 0)
      return stage.promotion('production', 2)
    },
    (promotion) => promotion?.phase === 'succeeded',
  )
  expect([...shares]).toEqual([0, 1000, 5000, 10_000])
  expect(await stage.deployment('production')).toMatchObject({
    stable: { number: 2 },
    previous: { number: 1 },
    candidate: null,
  })
  expect(stage.serving('production')?.warm).toMatchObject([{ number: 1 }])
})

describe('a canary that does harm', () => {
  beforeEach(async () => {
    await deliver(1)
    stage.requests = 200
    await stage.seal(2)
    const waiting = await stage.promotionIn('production', 2, 'awaiting_approval')
    // Staging has not shown it: only the clients of production ask what breaks it.
    // So bad that the absolute limit alone decides, whichever requests are drawn in the first quarter of a second.
    stage.errorRates.set(1, 0.001).set(2, 0.9)
    await stage.approve(waiting)
  })

  test('is rolled back at the first share that shows it, and a hold stops what would come next', async () => {
    const seen: number[] = []
    const promotion = await stage.until(
      async () => {
        seen.push(stage.serving('production')?.candidateBp ?? 0)
        return stage.promotion('production', 2)
      },
      (one) => one?.phase === 'rolled_back',
    )
    expect(Math.max(...seen)).toBe(1000)
    if (!promotion) throw new Error('unreachable')
    expect(await stage.rollout(promotion)).toMatchObject({ phase: 'rolled_back' })
    const deployment = await stage.deployment('production')
    expect(deployment).toMatchObject({ stable: { number: 1 }, candidate: null, candidateBp: 0 })
    expect(deployment.hold?.because).toMatch(/candidate answers failed: the error rate is at least/)

    stage.errorRates.clear()
    await stage.seal(3)
    await stage.promotionIn('staging', 3, 'succeeded')
    const next = await stage.until(
      () => stage.promotion('production', 3),
      (one) => one?.phase === 'blocked' || one?.phase === 'awaiting_approval',
    )
    for (let beat = 0; beat < 40; beat++) await stage.beat()
    expect((await stage.deployment('production')).stable).toMatchObject({ number: 1 })
    expect(next?.phase === 'executing').toBe(false)

    const answer = await stage.command({
      ...{ kind: deploymentKind.name, objectId: deploymentId('income', 'production') },
      ...{ command: 'clear_hold', actor: 'person:olga', reason: 'release 3 is mended' },
    })
    expect(answer.accepted).toBe(true)
    const open = await stage.promotionIn('production', 3, 'awaiting_approval')
    await stage.approve(open)
    await stage.promotionIn('production', 3, 'succeeded')
  })

  test('a control plane that is restarted at every beat comes to the same end', async () => {
    const promotion = await stage.until(
      async () => {
        await stage.restartAll()
        return stage.promotion('production', 2)
      },
      (one) => one?.phase === 'rolled_back',
    )
    expect(promotion).toBeDefined()
    expect(await stage.deployment('production')).toMatchObject({
      stable: { number: 1 },
      candidate: null,
    })
    expect(await verifyChain(stage.db)).toMatchObject({ intact: true })
  })

  test('a person may abort it first, with the same way back', async () => {
    const promotion = await stage.promotionIn('production', 2, 'executing')
    stage.errorRates.clear()
    await stage.until(
      async () => stage.serving('production')?.candidateBp,
      (share) => share === 1000,
    )
    const rollout = await stage.rollout(promotion)
    const answer = await stage.command({
      ...{ kind: rolloutKind.name, objectId: rollout.id, command: 'abort' },
      ...{ actor: 'person:omar', reason: 'customers complain' },
    })
    expect(answer.accepted).toBe(true)
    await stage.promotionIn('production', 2, 'rolled_back')
    expect(stage.serving('production')).toMatchObject({ stable: { number: 1 }, candidate: null })
  })
})

describe('after a promotion has succeeded', () => {
  beforeEach(async () => {
    await deliver(1)
    stage.requests = 200
    await deliver(2)
  })

  const rollback = () =>
    stage.command({
      ...{ kind: deploymentKind.name, objectId: deploymentId('income', 'production') },
      ...{ command: 'rollback', actor: 'person:omar', reason: 'complaints' },
    })

  test('rollback is one pointer: the release before serves at once, and a hold keeps it so', async () => {
    expect(await rollback()).toMatchObject({ accepted: true })
    expect(stage.serving('production')?.stable).toMatchObject({ number: 1 })
    const deployment = await stage.deployment('production')
    expect(deployment).toMatchObject({ stable: { number: 1 }, hold: { because: 'complaints' } })
    for (let beat = 0; beat < 40; beat++) await stage.beat()
    expect((await stage.deployment('production')).stable).toMatchObject({ number: 1 })
    expect((await stage.deployment('production')).leaving).toEqual([])
  })

  test('a second command does not bring the bad release back', async () => {
    await rollback()
    for (let beat = 0; beat < 8; beat++) await stage.beat()
    const again = await rollback()
    expect(again).toMatchObject({ accepted: false, because: expect.stringContaining('warm') })
    expect((await stage.deployment('production')).stable).toMatchObject({ number: 1 })
  })
})

test('a release whose bytes were changed is quarantined, and nobody may promote it', async () => {
  const id = await stage.seal(1)
  await stage.db.updateTable('objects').set({ wake_at: 0 }).where('id', '=', id).execute()
  const release = await stage.store.get(releaseKind, id)
  const path = stage.content.pathOf(release.envelopeDigest)
  await chmod(path, 0o644)
  await writeFile(path, '{}')
  await stage.beat()
  expect(await stage.store.get(releaseKind, id)).toMatchObject({ phase: 'quarantined' })
  for (let beat = 0; beat < 20; beat++) await stage.beat()
  expect(stage.serving('staging')?.stable).toBeNull()
})

test('changing what was agreed to makes the consent stale: the promotion asks again', async () => {
  await stage.seal(1)
  const waiting = await stage.promotionIn('production', 1, 'awaiting_approval')
  stage.environments = stage.environments.map((one) =>
    one.name === 'production'
      ? {
          ...guarded,
          approval: { count: 2, from: ['olga', 'omar'], exclude: [], expiresMs: 86_400_000 },
        }
      : one,
  )
  const answer = await stage.approve(waiting)
  for (let beat = 0; beat < 8; beat++) await stage.beat()
  const still = await stage.promotion('production', 1)
  expect(still?.phase).toBe('awaiting_approval')
  expect(answer.accepted && still?.binding?.digest === waiting.binding?.digest).toBe(false)
})
