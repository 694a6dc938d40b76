// Looks again and again until something is over, the deadline passes, or the person lets go with Ctrl-C.
import type { Clock } from '../foundation/clock.ts'
import { isLockstepError } from '../foundation/errors.ts'

export interface Watch<T> {
  readonly clock: Clock
  readonly interrupt: AbortSignal
  look(): Promise<T>
  /** Called with each look. */
  show?(seen: T): void
  isOver(seen: T): boolean
  /** Called when the control plane stops answering; it is asked again for a while. */
  away?(): void
  readonly everyMs?: number
  readonly timeoutMs?: number | undefined
}

export interface Watched<T> {
  readonly ended: 'over' | 'timeout' | 'interrupted'
  readonly seen: T
}

/** A control plane that was killed is usually back within seconds; whoever watches should not notice more than a pause. */
const patienceMs = 20_000

export async function watch<T>(options: Watch<T>): Promise<Watched<T>> {
  const { clock, interrupt, everyMs = 250, timeoutMs = Number.POSITIVE_INFINITY } = options
  const deadline = clock.now() + timeoutMs
  let seen = await options.look()
  for (;;) {
    options.show?.(seen)
    if (options.isOver(seen)) return { ended: 'over', seen }
    if (interrupt.aborted) return { ended: 'interrupted', seen }
    const left = deadline - clock.now()
    if (left <= 0) return { ended: 'timeout', seen }
    await clock.sleep(Math.min(everyMs, left), interrupt)
    if (!interrupt.aborted) seen = await patiently(options, seen)
  }
}

async function patiently<T>(options: Watch<T>, last: T): Promise<T> {
  const { clock, interrupt } = options
  const giveUpAt = clock.now() + patienceMs
  for (let told = false; ; ) {
    try {
      return await options.look()
    } catch (error) {
      if (interrupt.aborted) return last
      const passing = isLockstepError(error) && error.kind === 'unavailable'
      if (!passing || clock.now() >= giveUpAt) throw error
      if (!told) options.away?.()
      told = true
      await clock.sleep(500, interrupt)
    }
  }
}
