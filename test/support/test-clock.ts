// A clock that only moves when a test says so.
import type { Clock, Instant } from '../../src/foundation/clock.ts'
import { parseDuration } from '../../src/foundation/duration.ts'

export class TestClock implements Clock {
  #now: Instant
  readonly #sleepers = new Set<{ readonly until: Instant; readonly wake: () => void }>()

  constructor(start: Instant = Date.UTC(2026, 0, 5, 9, 0, 0)) {
    this.#now = start
  }

  now(): Instant {
    return this.#now
  }

  sleep(ms: number, stop?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (stop?.aborted) return resolve()
      const sleeper = { until: this.#now + ms, wake: resolve }
      this.#sleepers.add(sleeper)
      stop?.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper)
        resolve()
      })
    })
  }

  /** Moves time by `250ms`, `10s`, `2h` … and wakes every sleeper whose time has come. */
  advance(by: string | number): void {
    this.#now += typeof by === 'number' ? by : (parseDuration(by) ?? 0)
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.until > this.#now) continue
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
  }
}
