// Durations and shares as lockstep.yaml writes them, as numbers. The schema has checked their form already.
import { parseDuration } from '../foundation/duration.ts'

/** Milliseconds. */
export function ms(text: string): number {
  return parseDuration(text) ?? 0
}

export function shareOf(raw: string | number): number {
  return typeof raw === 'number' ? raw : Number(raw.slice(0, -1)) / 100
}

export function basisPoints(raw: string | number): number {
  return Math.round(shareOf(raw) * 10_000)
}
