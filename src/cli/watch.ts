// Looks again and again until something is over, the deadline passes, or the person lets go with Ctrl-C.
import type { Clock } from '../foundation/clock.ts'

export interface Watch<T> {
  readonly clock: Clock
  readonly interrupt: AbortSignal
  look(): Promise<T>
  /** Called with each look. */
  show?(seen: T): void
  isOver(seen: T): boolean
  readonly everyMs?: number
  readonly timeoutMs?: number | undefined
}

export type Watched<T> =
  | { readonly ended: 'over'; readonly seen: T }
  | { readonly ended: 'timeout'; readonly seen: T }
  | { readonly ended: 'interrupted'; readonly seen: T }

export async function watch<T>(options: Watch<T>): Promise<Watched<T>> {
  const { clock, interrupt, everyMs = 250, timeoutMs = Number.POSITIVE_INFINITY } = options
  const deadline = clock.now() + timeoutMs
  for (;;) {
    const seen = await options.look()
    options.show?.(seen)
    if (options.isOver(seen)) return { ended: 'over', seen }
    if (interrupt.aborted) return { ended: 'interrupted', seen }
    const left = deadline - clock.now()
    if (left <= 0) return { ended: 'timeout', seen }
    await clock.sleep(Math.min(everyMs, left), interrupt)
  }
}
