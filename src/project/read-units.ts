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

/** `512MiB`, `4GiB`, `1.5GB` as bytes; the schema has checked the form. */
export function bytesOf(text: string): number {
  const [, amount = '0', unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([KMGT]?i?B)$/.exec(text) ?? []
  const power = 'BKMGT'.indexOf(unit.charAt(0))
  const base = unit.includes('i') ? 1024 : 1000
  return Math.round(Number(amount) * (unit === 'B' ? 1 : base ** power))
}
