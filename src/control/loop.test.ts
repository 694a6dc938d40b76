// The loop over a real store and a clock of our own: what fails is tried again ever more slowly, and nobody waits for it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TestClock } from '../../test/support/test-clock.ts'
import { silentLogger } from '../foundation/logger.ts'
import { type Draft, defineKind, type StoredObject } from '../store/object.ts'
import { createObjectStore, type ObjectStore } from '../store/object-store.ts'
import type { Database } from '../store/schema.ts'
import { openSqlite } from '../store/sqlite.ts'
import { createLoop, type Loop, type Reconciler } from './loop.ts'
import { recordDecision } from './record.ts'

interface Kettle extends StoredObject {
  readonly phase: 'cold' | 'hot'
}
const kettleKind = defineKind<Kettle>({
  name: 'kettle',
  initial: ['cold'],
  transitions: { cold: ['hot'], hot: [] },
})

let db: Database
let store: ObjectStore
let clock: TestClock
beforeEach(async () => {
  clock = new TestClock()
  db = await openSqlite(':memory:')
  store = createObjectStore(db, clock)
})
afterEach(() => db.destroy())

function kettle(id: string): Draft<Kettle> {
  const fields = { model: 'm', environment: null, parentId: null, number: null }
  return { id, phase: 'cold', wakeAt: clock.now(), ...fields }
}
const make = (id: string) =>
  store.commit({
    changes: [
      {
        kind: kettleKind,
        object: kettle(id),
        expect: null,
        event: { type: 'kettle.made', actor: 'person:o', because: 'tea' },
      } as never,
    ],
  })

function loopOf(reconcile: Reconciler['reconcile']): Loop {
  return createLoop({ kindName: 'kettle', reconcile }, { store, clock, logger: silentLogger })
}

describe('a pass', () => {
  test('looks at everything that is due and at nothing else', async () => {
    await make('a')
    await make('b')
    const seen: string[] = []
    const loop = loopOf(async (id, now) => {
      seen.push(id)
      await store.wake('kettle', id, now + 1000)
    })
    expect(await loop.tick()).toBe(2)
    expect(await loop.tick()).toBe(0)
    clock.advance('1s')
    expect(await loop.tick()).toBe(2)
    expect(seen).toEqual(['a', 'b', 'a', 'b'])
  })

  test('an object that fails is tried again with growing pauses; the others go on', async () => {
    await make('broken')
    await make('fine')
    const tries: number[] = []
    const start = clock.now()
    let looks = 0
    const loop = loopOf(async (id, now) => {
      if (id === 'broken') {
        tries.push(now - start)
        throw new Error('no water')
      }
      looks += 1
      await store.wake('kettle', id, now + 100)
    })
    for (let at = 0; at <= 200_000; at += 100) {
      await loop.tick()
      clock.advance(100)
    }
    expect(tries).toEqual([0, 100, 600, 2600, 12_600, 72_600, 132_600, 192_600])
    expect(looks).toBe(2001)
  })

  test('from the fourth failure on it is shown as stuck, with its sentence, until it works again', async () => {
    await make('broken')
    let isBroken = true
    const since = clock.now()
    const loop = loopOf(async (id) => {
      if (isBroken) throw new Error('no water')
      await store.wake('kettle', id, null)
    })
    for (const pause of ['100ms', '500ms', '2s']) {
      await loop.tick()
      expect(loop.stuck()).toEqual([])
      clock.advance(pause)
    }
    await loop.tick()
    expect(loop.stuck()).toEqual([
      { kind: 'kettle', id: 'broken', because: 'no water', since, attempts: 4 },
    ])
    isBroken = false
    clock.advance('10s')
    await loop.tick()
    expect(loop.stuck()).toEqual([])
  })
})

describe('running', () => {
  const runOne = async (reconcile: Reconciler['reconcile'], body: () => Promise<void>) => {
    const stop = new AbortController()
    const ended = loopOf(reconcile).run(stop.signal)
    await body()
    stop.abort()
    await ended
  }
  const turns = async (count = 20) => {
    for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
  }

  test('a commit of its kind ends the sleep at once, without time passing', async () => {
    const seen: string[] = []
    await runOne(
      async (id) => {
        seen.push(id)
        await store.wake('kettle', id, null)
      },
      async () => {
        await turns()
        expect(seen).toEqual([])
        await make('a')
        await turns()
        expect(seen).toEqual(['a'])
        await store.writeIntent({
          kind: 'kettle',
          objectId: 'a',
          command: 'boil',
          actor: 'person:o',
        })
        await turns()
        expect(seen).toEqual(['a', 'a'])
      },
    )
  })

  test('it sleeps until the next wake time, and stops while it sleeps', async () => {
    const seen: number[] = []
    await make('a')
    await runOne(
      async (id, now) => {
        seen.push(now)
        await store.wake('kettle', id, now + 700)
      },
      async () => {
        await turns()
        clock.advance(699)
        await turns()
        expect(seen).toHaveLength(1)
        clock.advance(1)
        await turns()
        expect(seen).toHaveLength(2)
      },
    )
  })

  test('an object that is always due keeps nobody else from running', async () => {
    await make('restless')
    let looks = 0
    await runOne(
      async () => {
        looks += 1
        if (looks > 10_000) throw new Error('nobody else got a turn')
      },
      () => turns(50),
    )
    expect(looks).toBeGreaterThan(10)
    expect(looks).toBeLessThan(200)
  })

  test('a database that does not answer is asked again after a second', async () => {
    await make('a')
    const seen: string[] = []
    let isAway = true
    const shaky: ObjectStore = {
      ...store,
      due: (...args) => (isAway ? Promise.reject(new Error('disk gone')) : store.due(...args)),
    }
    const stop = new AbortController()
    const loop = createLoop(
      {
        kindName: 'kettle',
        async reconcile(id) {
          seen.push(id)
          await store.wake('kettle', id, null)
        },
      },
      { store: shaky, clock, logger: silentLogger },
    )
    const ended = loop.run(stop.signal)
    await turns()
    isAway = false
    clock.advance('1s')
    await turns()
    stop.abort()
    await ended
    expect(seen).toEqual(['a'])
  })
})

describe('recording a decision', () => {
  const decide = async (changes: object, more: object = {}) => {
    const before = await store.get(kettleKind, 'a')
    const { revision: _r, createdAt: _c, updatedAt: _u, ...draft } = before
    await recordDecision(store, kettleKind, before, {
      next: { ...draft, ...changes } as Draft<Kettle>,
      actions: [],
      ...more,
    })
    const { revision, wakeAt } = await store.get(kettleKind, 'a')
    return { revision, wakeAt, events: (await store.events({})).length }
  }

  test('a new wake time alone costs no revision and no event', async () => {
    await make('a')
    expect(await decide({ wakeAt: 77 })).toEqual({ revision: 1, wakeAt: 77, events: 1 })
    expect(await decide({ wakeAt: null })).toEqual({ revision: 1, wakeAt: null, events: 1 })
  })

  test('a change without an event costs a revision; an event, an answer or a notice is kept too', async () => {
    await make('a')
    expect(await decide({ parentId: 'p' })).toMatchObject({ revision: 2, events: 1 })
    const event = { type: 'kettle.boiled', actor: 'system:loop', because: 'it is hot' }
    expect(await decide({ phase: 'hot' }, { event })).toMatchObject({ revision: 3, events: 2 })
    const notices = [{ topic: 'tea', sentence: 'tea is ready' }]
    expect(await decide({}, { notices })).toMatchObject({ revision: 4 })
    expect(await db.selectFrom('notices').select('sentence').execute()).toEqual([
      { sentence: 'tea is ready' },
    ])
  })

  test('what was decided on an older revision is refused', async () => {
    await make('a')
    const before = await store.get(kettleKind, 'a')
    await decide({ parentId: 'p' })
    const { revision: _r, createdAt: _c, updatedAt: _u, ...draft } = before
    const late = recordDecision(store, kettleKind, before, {
      next: { ...draft, parentId: 'q' } as Draft<Kettle>,
      actions: [],
    })
    await expect(late).rejects.toMatchObject({ code: 'store.revision_conflict' })
  })
})
