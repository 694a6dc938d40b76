// What the object store promises, whatever database is below it: give it a way to open an empty one.
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commitNumbered } from '../../src/store/commit-numbered.ts'
import { verifyChain } from '../../src/store/event-chain.ts'
import type { Change } from '../../src/store/object.ts'
import { createObjectStore, type ObjectStore } from '../../src/store/object-store.ts'
import type { Database } from '../../src/store/schema.ts'
import { TestClock } from '../support/test-clock.ts'
import { type Lamp, lamp, lampKind, saved } from './lamp.ts'

export interface OpenedDatabase {
  readonly db: Database
  close(): Promise<void>
}

export function describeObjectStore(name: string, open: () => Promise<OpenedDatabase>): void {
  describe(name, () => {
    let opened: OpenedDatabase
    let db: Database
    let store: ObjectStore
    let clock: TestClock
    beforeEach(async () => {
      opened = await open()
      db = opened.db
      clock = new TestClock()
      store = createObjectStore(db, clock)
    })
    afterEach(() => opened.close())

    const create = (id: string, changes: Parameters<typeof lamp>[1] = {}) =>
      store.commit({ changes: [saved(lamp(id, changes), null, 'lamp.made')] })
    const counts = async () => {
      const count = async (table: 'objects' | 'events' | 'notices' | 'intents') =>
        (await db.selectFrom(table).selectAll().execute()).length
      return {
        objects: await count('objects'),
        events: await count('events'),
        notices: await count('notices'),
      }
    }

    describe('saving', () => {
      test('stamps revision and times; what was read back is what was written', async () => {
        await create('a', { colour: 'red', number: 1, wakeAt: 5 })
        const createdAt = clock.now()
        clock.advance('1m')
        await store.commit({ changes: [saved(lamp('a', { phase: 'on', colour: 'red' }), 1)] })
        expect(await store.get(lampKind, 'a')).toEqual({
          ...lamp('a', { phase: 'on', colour: 'red' }),
          revision: 2,
          createdAt,
          updatedAt: clock.now(),
        })
        expect(await store.find(lampKind, 'b')).toBeUndefined()
        await expect(store.get(lampKind, 'b')).rejects.toMatchObject({ code: 'store.not_found' })
      })

      test('a phase that may not follow is refused with the list of those that may', async () => {
        await create('a')
        await store.commit({ changes: [saved(lamp('a', { phase: 'broken' }), 1)] })
        await expect(
          store.commit({ changes: [saved(lamp('a', { phase: 'on' }), 2)] }),
        ).rejects.toMatchObject({
          code: 'store.transition_refused',
          kind: 'conflict',
          message:
            "a lamp cannot go from 'broken' to 'on'; allowed now: nothing, 'broken' is final",
          details: { from: 'broken', to: 'on', allowed: [] },
        })
        await expect(
          store.commit({ changes: [saved(lamp('b', { phase: 'on' }), null)] }),
        ).rejects.toThrow("a lamp starts as off, not as 'on'")
      })

      test('a phase the table does not know is refused, in either place', async () => {
        await create('a')
        const odd = saved(lamp('a', { phase: 'dim' as 'on' }), 1)
        await expect(store.commit({ changes: [odd] })).rejects.toThrow('allowed now: on, broken')
      })

      test('of two who read the same revision, the second is told', async () => {
        await create('a')
        const change = (colour: string) => saved(lamp('a', { colour }), 1)
        const results = await Promise.allSettled([
          store.commit({ changes: [change('red')] }),
          store.commit({ changes: [change('blue')] }),
        ])
        expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
        expect(results.find((one) => one.status === 'rejected')).toMatchObject({
          reason: { code: 'store.revision_conflict', kind: 'conflict' },
        })
        expect(await store.get(lampKind, 'a')).toMatchObject({ revision: 2 })
      })

      test('creating twice, or saving what is not there, is refused', async () => {
        await create('a')
        await expect(create('a')).rejects.toThrow("lamp 'a' exists already")
        await expect(store.commit({ changes: [saved(lamp('b'), 1)] })).rejects.toMatchObject({
          code: 'store.not_found',
        })
      })

      test('numbers are given once per kind and model, also to those who ask at the same time', async () => {
        await Promise.all(
          ['a', 'b', 'c', 'd', 'e'].map((id) =>
            commitNumbered(store, { kindName: 'lamp', model: 'income' }, (number) => {
              const change = { kind: lampKind, object: lamp(id, { number }), expect: null }
              return change as unknown as Change
            }),
          ),
        )
        const numbers = (await store.list(lampKind)).map((one) => one.number)
        expect(numbers.sort()).toEqual([1, 2, 3, 4, 5])
        expect(await store.nextNumber('lamp', 'income')).toBe(6)
        expect(await store.nextNumber('lamp', 'other')).toBe(1)
        await expect(create('f', { number: 3 })).rejects.toMatchObject({
          code: 'store.revision_conflict',
        })
      })
    })

    describe('one commit is all or nothing', () => {
      const notice = { topic: 'lamps', sentence: 'a lamp was made' }

      test('state, event, answer and notice land together', async () => {
        await create('a')
        const intent = await store.writeIntent({
          kind: 'lamp',
          objectId: 'a',
          command: 'light',
          actor: 'person:olga',
        })
        await store.commit({
          changes: [saved(lamp('a', { phase: 'on' }), 1)],
          answers: [{ intentId: intent.id, accepted: true, because: 'it is dark' }],
          notices: [notice],
        })
        expect(await counts()).toEqual({ objects: 1, events: 2, notices: 1 })
        expect(await store.answerOf(intent.id)).toEqual({
          intentId: intent.id,
          accepted: true,
          because: 'it is dark',
        })
      })

      test.each([
        ['a later change', { changes: [saved(lamp('b'), null), saved(lamp('none'), 7)] }],
        [
          'an event that has no JSON form',
          {
            changes: [
              {
                ...saved(lamp('b'), null),
                event: {
                  type: 't',
                  actor: 'person:o' as const,
                  because: 'b',
                  details: { x: Number.NaN },
                },
              },
            ],
          },
        ],
        [
          'a notice that has no JSON form',
          {
            changes: [saved(lamp('b'), null)],
            notices: [{ ...notice, details: { x: Number.NaN } }],
          },
        ],
        [
          'an answer the database refuses',
          {
            changes: [saved(lamp('b'), null)],
            notices: [notice],
            answers: [{ intentId: 'x', accepted: true, because: Symbol('no') as never }],
          },
        ],
      ])('when %s fails, nothing of it is kept', async (_, commit) => {
        await create('a')
        const before = await counts()
        let announced = 0
        store.onCommit(() => {
          announced += 1
        })
        await expect(store.commit(commit)).rejects.toThrow()
        expect(await counts()).toEqual(before)
        expect(announced).toBe(0)
        await create('b')
        expect(await verifyChain(db)).toMatchObject({ intact: true, events: 2 })
      })
    })

    describe('the event chain', () => {
      const write = async () => {
        await create('a')
        for (let revision = 1; revision <= 4; revision++) {
          const phase = revision % 2 === 1 ? 'on' : 'off'
          await store.commit({ changes: [saved(lamp('a', { phase }), revision)] })
        }
      }
      const swap = async (a: number, b: number) => {
        const move = (from: number, to: number) =>
          sql`update events set seq = ${to} where seq = ${from}`.execute(db)
        await move(a, 99)
        await move(b, a)
        await move(99, b)
      }

      test('verifies, page by page as at once', async () => {
        await write()
        const report = await verifyChain(db)
        expect(report).toMatchObject({ events: 5, intact: true, broken: null })
        expect(await verifyChain(db, 2)).toEqual(report)
        expect(await verifyChain(db, 5)).toEqual(report)
      })

      test.each([
        ['changed', () => sql`update events set because = 'nothing happened' where seq = 3`, 3],
        ['changed in its state', () => sql`update events set after = '{}' where seq = 2`, 2],
        ['missing', () => sql`delete from events where seq = 3`, 4],
        ['missing at the start', () => sql`delete from events where seq = 1`, 2],
      ])('shows an entry that is %s', async (_, spoil, seq) => {
        await write()
        await spoil().execute(db)
        expect(await verifyChain(db)).toMatchObject({ intact: false, broken: { seq } })
      })

      test('shows entries in another order, and an entry rewritten with a fresh hash', async () => {
        await write()
        await swap(2, 4)
        expect(await verifyChain(db)).toMatchObject({ intact: false, broken: { seq: 2 } })
        await swap(2, 4)
        expect(await verifyChain(db)).toMatchObject({ intact: true })
        await sql`update events set hash = previous_hash where seq = 2`.execute(db)
        expect(await verifyChain(db)).toMatchObject({ intact: false, broken: { seq: 2 } })
      })

      test('reads newest first, after a place, and of one object', async () => {
        await write()
        await create('b')
        const seqs = async (query: Parameters<ObjectStore['events']>[0]) =>
          (await store.events(query)).map((event) => event.seq)
        expect(await seqs({ newestFirst: true, limit: 2 })).toEqual([6, 5])
        expect(await seqs({ afterSeq: 4 })).toEqual([5, 6])
        expect(await seqs({ objectId: 'b' })).toEqual([6])
      })

      test('replayed, the last event of each object is its state', async () => {
        await write()
        await create('b', { colour: 'red', wakeAt: 12 })
        await store.wake('lamp', 'b', 99)
        const objects = await db.selectFrom('objects').select(['id', 'body']).execute()
        const events = await db.selectFrom('events').selectAll().orderBy('seq').execute()
        const replayed = new Map(events.map((event) => [event.object_id, event.after]))
        expect(replayed).toEqual(new Map(objects.map(({ id, body }) => [id, body])))
      })
    })

    describe('intents', () => {
      const light = (idempotencyKey?: string) =>
        store.writeIntent({
          kind: 'lamp',
          objectId: 'a',
          command: 'light',
          actor: 'person:olga',
          reason: 'it is dark',
          payload: { watts: 40 },
          ...(idempotencyKey ? { idempotencyKey } : {}),
        })

      test('wait in order until they are answered, and wake their object', async () => {
        await create('a', { wakeAt: clock.now() + 1_000_000 })
        const first = await light()
        clock.advance(1)
        const second = await light()
        expect((await store.openIntents('lamp', 'a')).map((one) => one.id)).toEqual([
          first.id,
          second.id,
        ])
        expect(first).toMatchObject({ reason: 'it is dark', payload: { watts: 40 } })
        expect(await store.due('lamp', clock.now(), 10)).toEqual(['a'])
        expect(await store.answerOf(first.id)).toBeUndefined()
        await store.commit({
          changes: [],
          answers: [{ intentId: first.id, accepted: false, because: 'it is day' }],
        })
        expect(await store.answerOf(first.id)).toMatchObject({ accepted: false })
        expect((await store.openIntents('lamp', 'a')).map((one) => one.id)).toEqual([second.id])
      })

      test('the same key is the same intent, also when sent twice at once', async () => {
        await create('a')
        const [one, two] = await Promise.all([light('k'), light('k')])
        expect(two).toEqual(one)
        expect((await light('k')).id).toBe(one.id)
        expect((await light('other')).id).not.toBe(one.id)
        expect(await store.openIntents('lamp', 'a')).toHaveLength(2)
      })
    })

    describe('waking', () => {
      test('due lists whose time has come, longest waiting first', async () => {
        const now = clock.now()
        await create('late', { wakeAt: now - 1 })
        await create('later', { wakeAt: now - 9 })
        await create('soon', { wakeAt: now + 1 })
        await create('never')
        expect(await store.due('lamp', now, 10)).toEqual(['later', 'late'])
        expect(await store.due('lamp', now, 1)).toEqual(['later'])
        expect(await store.nextWake('lamp')).toBe(now - 9)
        expect(await store.nextWake('bulb')).toBeNull()
      })

      test('a mere wake costs no revision and no event, and shows when read', async () => {
        await create('a')
        await store.wake('lamp', 'a', 77)
        expect(await store.get<Lamp>(lampKind, 'a')).toMatchObject({ wakeAt: 77, revision: 1 })
        expect(await counts()).toMatchObject({ events: 1 })
        await store.wake('lamp', 'a', null)
        expect(await store.nextWake('lamp')).toBeNull()
      })

      test('a restart wakes everything that can still change, and nothing that has ended', async () => {
        await create('a')
        await create('b')
        await store.commit({ changes: [saved(lamp('b', { phase: 'broken' }), 1)] })
        await store.wakeAll(clock.now())
        expect(await store.due('lamp', clock.now(), 10)).toEqual(['a'])
      })

      test('listeners hear which kinds a commit, an intent or a wake for now touched', async () => {
        const heard: string[] = []
        const stop = store.onCommit((kinds) => heard.push([...kinds].join()))
        await create('a')
        await store.wake('lamp', 'a', clock.now() + 1)
        await store.wake('lamp', 'a', clock.now())
        stop()
        await create('b')
        expect(heard).toEqual(['lamp', 'lamp'])
      })
    })

    test('lists by model, environment, parent and whether anything may follow, newest first', async () => {
      await create('a', { model: 'm', environment: 'staging', parentId: 'p' })
      clock.advance(1)
      await create('b', { model: 'm', environment: 'production' })
      await store.commit({
        changes: [saved(lamp('b', { model: 'm', environment: 'production', phase: 'broken' }), 1)],
      })
      const ids = async (filter: Parameters<ObjectStore['list']>[1]) =>
        (await store.list(lampKind, filter)).map((one) => one.id)
      expect(await ids({ model: 'm' })).toEqual(['b', 'a'])
      expect(await ids({ model: 'other' })).toEqual([])
      expect(await ids({ environment: 'production' })).toEqual(['b'])
      expect(await ids({ parentId: 'p' })).toEqual(['a'])
      expect(await ids({ active: true })).toEqual(['a'])
      expect(await ids({ limit: 1 })).toEqual(['b'])
    })
  })
}
