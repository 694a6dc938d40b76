// Keeping over the real store, content and delivery: what served is traced, pinned and never collected.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { holdingObjects } from '../../../src/control/keeping/hold-objects.ts'
import { DeliveryStage } from './delivery-stage.ts'

let stage: DeliveryStage
beforeEach(async () => {
  stage = await DeliveryStage.open()
})
afterEach(() => stage.close())
const olga = () => stage.api('person:olga')
const listener = { told: () => {}, signal: new AbortController().signal }

describe('given a release that served and was followed by another', () => {
  beforeEach(async () => {
    await stage.seal(1)
    await stage.promotionIn('staging', 1, 'succeeded')
    await stage.seal(2)
    await stage.promotionIn('staging', 2, 'succeeded')
  })

  test('tracing the dataset says which environments ever served a model trained on it', async () => {
    const { served, down } = await olga().trace({ subject: 'data:train' })
    expect(served.map((one) => [one.environment, one.release, one.outcome])).toEqual([
      ['staging', 1, 'served'],
      ['staging', 2, 'serves'],
    ])
    expect(served[0]?.until).not.toBeNull()
    expect(down?.[0]).toMatchObject({ kind: 'dataset', title: expect.stringContaining('version') })
  })

  test('an environment is traced back to code and data', async () => {
    const { up, down } = await olga().trace({ subject: 'environment:staging', direction: 'up' })
    expect(down).toBeNull()
    expect(up?.map((one) => one.title)).toEqual([
      expect.stringMatching(/^release 1/),
      expect.stringMatching(/^release 2/),
    ])
    const behind = up?.[0]?.next.map((one) => one.kind)
    expect(behind).toEqual(['dataset', 'commit'])
  })

  test('what nobody has heard of is said with what is known', async () => {
    await expect(olga().trace({ subject: 'environment:moon' })).rejects.toMatchObject({
      code: 'trace.unknown_subject',
      message: expect.stringContaining('environment:staging'),
    })
    await expect(olga().whyKept({ subject: 'moon' })).rejects.toMatchObject({ kind: 'not_found' })
  })

  test('its model stays because the environment needs it, by number and by beginning of its digest', async () => {
    const why = await olga().whyKept({ subject: 'release 2' })
    expect(why.chain[0]).toMatch(/^environment staging: it serves release 2/)
    const short = await olga().whyKept({ subject: why.digest.slice(7, 19) })
    expect(short.digest).toBe(why.digest)
  })

  test('pins are made by number, listed with their reason, and taken away', async () => {
    await olga().pin({ subject: '1', because: 'the audit' })
    expect(await olga().pins()).toMatchObject([{ because: 'the audit', actor: 'person:olga' }])
    await olga().unpin({ subject: 'release:1', because: 'it is over' })
    expect(await olga().pins()).toEqual([])
    await expect(olga().unpin({ subject: '1' })).rejects.toMatchObject({ code: 'pin.not_pinned' })
    const told = (await olga().events({ limit: 1000 })).filter((one) => one.kind === 'pin')
    expect(told.map((one) => [one.type, one.actor, one.because])).toEqual([
      ['pin.pinned', 'person:olga', 'the audit'],
      ['pin.unpinned', 'person:olga', 'it is over'],
    ])
  })

  test('a collection removes none of what it needs', async () => {
    const view = await olga().collectGarbage({ apply: true, waitMs: 0, recentMs: 0 }, listener)
    expect(view).toMatchObject({ applied: true, missing: [], removed: { objects: 0 } })
    expect((await olga().whyKept({ subject: '1' })).stored).toBe(true)
    const told = (await olga().events({ limit: 1000 })).filter((one) => one.kind === 'collection')
    expect(told.map((one) => one.type)).toEqual(['collection.removing', 'collection.removed'])
    expect(told[0]).toMatchObject({
      actor: 'person:olga',
      because: expect.stringContaining('nothing has needed'),
    })
  })

  test('a collection refuses while a transfer is under way, and says which; nothing is written down', async () => {
    const { db, clock } = stage
    await holdingObjects({ db, clock }, 'the push of release 1', () =>
      expect(olga().collectGarbage({ apply: true, waitMs: 0 }, listener)).rejects.toMatchObject({
        code: 'gc.work_under_way',
        message: expect.stringContaining('the push of release 1'),
      }),
    )
    const told = (await olga().events({ limit: 1000 })).filter((one) => one.kind === 'collection')
    expect(told).toEqual([])
  })
})
