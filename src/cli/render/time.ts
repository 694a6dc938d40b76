// Instants and durations for people: how long ago, how long it took.
import type { Instant } from '../../foundation/clock.ts'
import { formatDuration } from '../../foundation/duration.ts'

export function ago(iso: string | null, now: Instant): string {
  if (iso === null) return '-'
  const ms = now - Date.parse(iso)
  return Number.isFinite(ms) && ms >= 1000 ? `${formatDuration(ms)} ago` : 'now'
}

export function took(ms: number | null): string {
  return ms === null ? '' : formatDuration(ms)
}

/** `09:00:00`, UTC: for lines that follow each other within a day. */
export function timeOfDay(iso: string): string {
  return iso.slice(11, 19)
}

/** `2026-01-05 09:00:00`, UTC. */
export function dateAndTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}
