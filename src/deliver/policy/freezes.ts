// Freeze windows: when promotions do not start, and when they may again. Rollback and abort never ask here.
import type { Instant } from '../../foundation/clock.ts'
import type { FreezeSpec } from '../../project/environment-spec.ts'

export interface Freeze {
  readonly because: string
  /** The end of the last window that follows without a gap. */
  readonly until: Instant
}

export function freezeAt(freezes: readonly FreezeSpec[], now: Instant): Freeze | null {
  const first = freezes.find((freeze) => isIn(freeze, now))
  if (first === undefined) return null
  let until = first.until
  // Windows that overlap or touch count as one: "clears at" must be a moment at which it is really clear.
  for (let grown = true; grown; ) {
    const later = freezes.filter((freeze) => isIn(freeze, until)).map((freeze) => freeze.until)
    grown = later.length > 0
    until = Math.max(until, ...later)
  }
  return { because: first.because, until }
}

/** The next window to begin, so that people are warned before. */
export function nextFreeze(freezes: readonly FreezeSpec[], now: Instant): FreezeSpec | null {
  const ahead = freezes.filter((freeze) => freeze.from > now).sort((a, b) => a.from - b.from)
  return ahead[0] ?? null
}

function isIn(freeze: FreezeSpec, at: Instant): boolean {
  return freeze.from <= at && at < freeze.until
}
