// Time as a value: everything that waits or stamps takes a Clock, so tests can own time.

/** Milliseconds since the Unix epoch, UTC. */
export type Instant = number

export interface Clock {
  /** Wall-clock time. */
  now(): Instant
  /** Resolves after `ms`, or at once when `stop` aborts. Never rejects. */
  sleep(ms: number, stop?: AbortSignal): Promise<void>
}

/** ISO 8601 with milliseconds, UTC: the one way Lockstep writes an instant for people and files. */
export function toIso(at: Instant): string {
  return new Date(at).toISOString()
}
