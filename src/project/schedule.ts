// Cron schedules in a time zone: whether one makes sense, and when it last came due.
import { Cron } from 'croner'
import type { Instant } from '../foundation/clock.ts'
import { sentenceOf } from '../foundation/errors.ts'

export interface ScheduleProblem {
  readonly at: 'schedule' | 'time_zone'
  readonly message: string
}

export function scheduleProblem(pattern: string, timeZone: string): ScheduleProblem | null {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    const message = `there is no time zone '${timeZone}'; write one such as UTC or Europe/Oslo`
    return { at: 'time_zone', message }
  }
  try {
    new Cron(pattern, { timezone: timeZone, paused: true })
    return null
  } catch (error) {
    const reason = sentenceOf(error).replace(/^CronPattern: /, '')
    const message = `'${pattern}' is no cron schedule (${reason}); write minute hour day month weekday, such as '0 3 * * 1'`
    return { at: 'schedule', message }
  }
}

/** Null when it never came due before `now`. */
export function lastDue(pattern: string, timeZone: string, now: Instant): Instant | null {
  const [slot] = new Cron(pattern, { timezone: timeZone }).previousRuns(1, new Date(now))
  return slot?.getTime() ?? null
}
