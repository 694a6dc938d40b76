import { expect, test } from 'vitest'
import type { Clock } from '../foundation/clock.ts'
import { LockstepError } from '../foundation/errors.ts'
import { watch } from './watch.ts'

const never = new AbortController().signal

function passingClock(): Clock {
  let now = 0
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
  }
}

const away = new LockstepError({ code: 'x.away', kind: 'unavailable', message: 'away' })

test('looks until it is over', async () => {
  let looks = 0
  const look = async () => ++looks
  const isOver = (seen: number) => seen === 4
  const seen = await watch({ clock: passingClock(), interrupt: never, look, isOver })
  expect(seen).toEqual({ ended: 'over', seen: 4 })
})

test('the deadline ends it with what was seen last', async () => {
  const clock = passingClock()
  const look = async () => clock.now()
  const ended = await watch({ clock, interrupt: never, look, isOver: () => false, timeoutMs: 600 })
  expect(ended).toEqual({ ended: 'timeout', seen: 600 })
})

test('the first look must succeed; later ones may fail for twenty seconds', async () => {
  const clock = passingClock()
  let looks = 0
  const isOver = () => false
  const look = async () => {
    if (++looks > 1) throw away
    return looks
  }
  const gone = async () => {
    throw away
  }
  await expect(watch({ clock, interrupt: never, look: gone, isOver })).rejects.toBe(away)
  expect(clock.now()).toBe(0)
  await expect(watch({ clock, interrupt: never, look, isOver })).rejects.toBe(away)
  expect(clock.now()).toBe(20_250)
})

test('another error is not waited out', async () => {
  let looks = 0
  const bug = new Error('a bug')
  const look = async () => {
    if (++looks > 1) throw bug
    return looks
  }
  const watching = watch({ clock: passingClock(), interrupt: never, look, isOver: () => false })
  await expect(watching).rejects.toBe(bug)
})
