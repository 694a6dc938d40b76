import { describe, expect, test } from 'vitest'
import { TestClock } from '../../test/support/test-clock.ts'
import { acquireLease, type LeaseAnswer, type LeaseRequest } from './leases.ts'
import { openSqlite } from './sqlite.ts'

const request = (holder: string, change: Partial<LeaseRequest> = {}): LeaseRequest => ({
  name: 'control',
  holder,
  ttlMs: 10_000,
  mayBeAlive: () => true,
  ...change,
})

function held(answer: LeaseAnswer) {
  if (!('lease' in answer)) throw new Error(`held by ${answer.heldBy}`)
  return answer.lease
}

describe('given a control plane that holds the lease', () => {
  test('another is told who holds it', async () => {
    const db = await openSqlite(':memory:')
    const clock = new TestClock()
    held(await acquireLease(db, clock, request('a/1')))
    expect(await acquireLease(db, clock, request('a/2'))).toEqual({ heldBy: 'a/1' })
  })

  test('when it is certainly dead, the next one takes over at once', async () => {
    const db = await openSqlite(':memory:')
    const clock = new TestClock()
    held(await acquireLease(db, clock, request('a/1')))
    held(
      await acquireLease(db, clock, request('a/2', { mayBeAlive: (holder) => holder !== 'a/1' })),
    )
  })

  test('when it stops renewing, the lease runs out, and it is told so', async () => {
    const db = await openSqlite(':memory:')
    const clock = new TestClock()
    const first = held(await acquireLease(db, clock, request('a/1')))
    clock.advance('9s')
    expect(await first.renew()).toBe(true)
    clock.advance('9s')
    expect(await acquireLease(db, clock, request('a/2'))).toEqual({ heldBy: 'a/1' })
    clock.advance('2s')
    held(await acquireLease(db, clock, request('a/2')))
    expect(await first.renew()).toBe(false)
  })

  test('when it lets go, the next one need not wait', async () => {
    const db = await openSqlite(':memory:')
    const clock = new TestClock()
    await held(await acquireLease(db, clock, request('a/1'))).release()
    held(await acquireLease(db, clock, request('a/2')))
  })
})
