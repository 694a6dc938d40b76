// How a trigger stands, derived from its past firings alone: nothing of it is stored twice.
import type { Instant } from '../../foundation/clock.ts'
import type { TriggerSpec } from '../../project/watch-spec.ts'

/** A past firing that became a run, and what came of that. */
export interface PastFiring {
  readonly firingId: string
  readonly firedAt: Instant
  readonly runId: string
  /** `useful`: it made a release. `useless`: failed gates or changed nothing. `open`: still running. */
  readonly outcome: 'useful' | 'useless' | 'errored' | 'open'
}

export interface TriggerState {
  readonly phase: 'enabled' | 'tripped'
  readonly lastFiredAt: Instant | null
  /** The cooldown doubles with each run in a row that made no release. */
  readonly cooldownUntil: Instant | null
  readonly firedInLastDay: number
  /** Runs in a row, newest first, that failed, errored or changed nothing. */
  readonly uselessInARow: number
}

/** So many useless runs in a row and a person has to look. */
export const tripsAfter = 5

const dayMs = 86_400_000

export function triggerState(
  trigger: Pick<TriggerSpec, 'cooldownMs'>,
  past: readonly PastFiring[],
  now: Instant,
): TriggerState {
  const newestFirst = [...past].sort((a, b) => b.firedAt - a.firedAt)
  const closed = newestFirst.filter((firing) => firing.outcome !== 'open')
  const useful = closed.findIndex((firing) => firing.outcome === 'useful')
  const uselessInARow = useful === -1 ? closed.length : useful
  const last = newestFirst[0]?.firedAt ?? null
  const backoff = 2 ** Math.min(uselessInARow, tripsAfter)
  return {
    phase: uselessInARow >= tripsAfter ? 'tripped' : 'enabled',
    lastFiredAt: last,
    cooldownUntil: last === null ? null : last + trigger.cooldownMs * backoff,
    firedInLastDay: past.filter((firing) => firing.firedAt > now - dayMs).length,
    uselessInARow,
  }
}
