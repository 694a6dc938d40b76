// Cron schedules in their time zone: when one last came due, and what is said of one that makes no sense.
import { expect, test } from 'vitest'
import { toIso } from '../foundation/clock.ts'
import { lastDue, scheduleProblem } from './schedule.ts'

const due = (pattern: string, timeZone: string, now: string) => {
  const at = lastDue(pattern, timeZone, Date.parse(now))
  return at === null ? null : toIso(at)
}

test('the last time is the one before now, in the zone of the schedule', () => {
  expect(due('0 3 * * *', 'UTC', '2026-01-15T12:00:00Z')).toBe('2026-01-15T03:00:00.000Z')
  expect(due('0 3 * * *', 'UTC', '2026-01-15T02:59:59Z')).toBe('2026-01-14T03:00:00.000Z')
  expect(due('0 3 * * *', 'Europe/Oslo', '2026-01-15T12:00:00Z')).toBe('2026-01-15T02:00:00.000Z')
  expect(due('0 3 * * *', 'Europe/Oslo', '2026-07-15T12:00:00Z')).toBe('2026-07-15T01:00:00.000Z')
  expect(due('30 9 * * 1', 'UTC', '2026-01-15T12:00:00Z')).toBe('2026-01-12T09:30:00.000Z')
})

test('a day without that hour still has its turn, and a day with two of them only one', () => {
  // Clocks in Oslo go from 02:00 to 03:00 on 29 March 2026 and from 03:00 to 02:00 on 25 October 2026.
  const spring = due('30 2 * * *', 'Europe/Oslo', '2026-03-29T12:00:00Z')
  expect(spring?.slice(0, 10)).toBe('2026-03-29')
  const autumn = due('30 2 * * *', 'Europe/Oslo', '2026-10-25T12:00:00Z')
  expect(autumn?.slice(0, 10)).toBe('2026-10-25')
})

test.each([
  ['0 3 * * *', 'UTC', null],
  ['@daily', 'UTC', null],
  ['99 * * * *', 'UTC', 'schedule'],
  ['', 'UTC', 'schedule'],
  ['every night', 'UTC', 'schedule'],
  ['0 3 * * *', 'Mars/Phobos', 'time_zone'],
  ['0 3 * * *', '', 'time_zone'],
])('%j in %j', (pattern, timeZone, at) => {
  expect(scheduleProblem(pattern, timeZone)?.at ?? null).toBe(at)
})
