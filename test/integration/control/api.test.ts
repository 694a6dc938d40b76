// The API over the real store and loops: what people ask for happens once, to the right object, and is answered in words.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DeliveryStage } from './delivery-stage.ts'

let stage: DeliveryStage
beforeEach(async () => {
  stage = await DeliveryStage.open()
})
afterEach(() => stage.close())
const olga = () => stage.api('person:olga')

describe('starting runs', () => {
  test('many at once are all accepted, each with a number of its own', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => olga().startRun({})))
    expect(runs.map((run) => run.number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('the same request sent again, or twice at once, is one run; keys that only look alike are two', async () => {
    const again = { idempotencyKey: 'build/7' }
    const [one, two] = await Promise.all([olga().startRun(again), olga().startRun(again)])
    expect(two.id).toBe(one.id)
    expect((await olga().startRun(again)).id).toBe(one.id)
    expect((await olga().startRun({ idempotencyKey: 'build_7' })).id).not.toBe(one.id)
  })
})

describe('promotions', () => {
  test('are approved by number as by id', async () => {
    await stage.seal(1)
    const waiting = await stage.promotionIn('production', 1, 'awaiting_approval')
    const view = await olga().promotion(String(waiting.number))
    expect(view.id).toBe(waiting.id)
    const answer = await stage.during(
      olga().approve(String(waiting.number), { binding: waiting.binding?.digest ?? '' }),
    )
    expect(answer).toMatchObject({ accepted: true, id: waiting.id })
    await stage.promotionIn('production', 1, 'succeeded')
  })

  test('one that does not exist is said at once, and nothing is written', async () => {
    await expect(olga().approve('99', { binding: 'x' })).rejects.toMatchObject({
      code: 'api.not_found',
      message: "there is no promotion '99'; there is no promotion yet",
    })
    await expect(olga().reject('99', {})).rejects.toMatchObject({ kind: 'not_found' })
    expect(await stage.db.selectFrom('intents').selectAll().execute()).toEqual([])
  })

  test('asked for twice with one key are one', async () => {
    await stage.seal(1)
    const input = { environment: 'staging', idempotencyKey: 'k' }
    const [one, two] = await stage.during(
      Promise.all([olga().promote(input), olga().promote(input)]),
    )
    expect(two?.id).toBe(one?.id)
  })

  test('of a release or into an environment that does not exist are refused with what there is', async () => {
    await stage.seal(1)
    await expect(olga().promote({ environment: 'staging', release: 9 })).rejects.toThrow(
      'there is no release 9; releases: 1',
    )
    await expect(olga().promote({ environment: 'prod' })).rejects.toThrow(
      "there is no environment 'prod'; declared are staging, production",
    )
  })
})

describe('commands', () => {
  test('a hold without a reason is declined in words, one with a reason holds, and clearing ends it', async () => {
    expect(await stage.during(olga().hold('production', {}))).toMatchObject({
      accepted: false,
      because: expect.stringContaining('needs a reason'),
    })
    expect(await stage.during(olga().hold('production', { because: 'audit week' }))).toMatchObject({
      accepted: true,
    })
    expect((await stage.deployment('production')).hold).toMatchObject({ because: 'audit week' })
    expect(
      await stage.during(olga().clearHold('production', { because: 'it is over' })),
    ).toMatchObject({ accepted: true })
  })

  test('a rollback where nothing serves is declined', async () => {
    expect(await stage.during(olga().rollback('production', {}))).toMatchObject({
      accepted: false,
      because: expect.stringContaining('serves nothing'),
    })
  })

  test('a command nobody knows is declined with those that exist', async () => {
    await stage.seal(1)
    const promotion = await stage.promotionIn('staging', 1, 'executing', 'succeeded')
    const rollout = await stage.rollout(promotion)
    const odd = olga().commandRollout(rollout.id, 'destroy' as 'abort', {})
    expect(await stage.during(odd)).toMatchObject({ accepted: false })
  })
})

test('status, audit and events tell the story of a delivery', async () => {
  await stage.seal(1)
  await stage.promotionIn('production', 1, 'awaiting_approval')
  const status = await olga().status()
  expect(status.environments.map((one) => [one.name, one.stable?.number ?? null])).toEqual([
    ['staging', 1],
    ['production', null],
  ])
  expect(status.waitingForApproval).toHaveLength(1)
  expect(status.stuck).toEqual([])
  expect(await olga().audit()).toMatchObject({ intact: true })
  const types = (await olga().events({})).map((event) => event.type)
  expect(types).toContain('release.sealed')
  expect(types).toContain('promotion.succeeded')
  expect((await olga().events({ after: 2, limit: 1 })).map((event) => event.seq)).toEqual([3])
  expect((await olga().dora()).map((one) => [one.environment, one.deployments])).toEqual([
    ['staging', 1],
    ['production', 0],
  ])
})
