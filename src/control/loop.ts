// The one loop: for each kind of object, read → observe → decide → record → act, then sleep until the next wake time or a nudge.
// Invariant: one object's failure never stops the others; what keeps failing is parked as stuck with its sentence visible.
import type { Clock, Instant } from '../foundation/clock.ts'
import { sentenceOf } from '../foundation/errors.ts'
import type { Logger } from '../foundation/logger.ts'
import { turn } from '../foundation/system-clock.ts'
import type { ObjectStore } from '../store/object-store.ts'

export interface Reconciler {
  readonly kindName: string
  /** One pass over one object; it sets the object's next wake time itself. */
  reconcile(id: string, now: Instant): Promise<void>
}

export interface LoopDeps {
  readonly store: ObjectStore
  readonly clock: Clock
  readonly logger: Logger
}

export interface StuckObject {
  readonly kind: string
  readonly id: string
  readonly because: string
  readonly since: Instant
  readonly attempts: number
}

export interface Loop {
  /** One pass over everything due; answers how many objects were looked at. For tests. */
  tick(): Promise<number>
  /** Until `stop` aborts; resolves when the pass under way has ended. */
  run(stop: AbortSignal): Promise<void>
  stuck(): readonly StuckObject[]
}

const batch = 50
const longestSleepMs = 1000
const retryMs = [100, 500, 2000, 10_000, 60_000] as const
/** After this many failures in a row an object is shown as stuck; it is still tried, once a minute. */
const stuckAfter = 4

export function createLoop(reconciler: Reconciler, deps: LoopDeps): Loop {
  const { store, clock, logger } = deps
  const failures = new Map<string, StuckObject>()
  const { kindName } = reconciler

  const once = async (id: string) => {
    try {
      await reconciler.reconcile(id, clock.now())
      failures.delete(id)
    } catch (error) {
      const attempts = (failures.get(id)?.attempts ?? 0) + 1
      const since = failures.get(id)?.since ?? clock.now()
      failures.set(id, { kind: kindName, id, because: sentenceOf(error), since, attempts })
      const pause = retryMs[Math.min(attempts, retryMs.length) - 1] ?? 60_000
      const log = attempts >= stuckAfter ? logger.error : logger.warn
      log('reconcile failed', {
        kind: kindName,
        id,
        attempts,
        error: sentenceOf(error),
        stack: error instanceof Error ? error.stack : undefined,
      })
      await store.wake(kindName, id, clock.now() + pause)
    }
  }

  const tick = async () => {
    const ids = await store.due(kindName, clock.now(), batch)
    for (const id of ids) await once(id)
    return ids.length
  }

  return {
    tick,
    stuck: () => [...failures.values()].filter((failure) => failure.attempts >= stuckAfter),
    async run(stop) {
      while (!stop.aborted) {
        const nudge = new AbortController()
        const unsubscribe = store.onCommit((kinds) => {
          if (kinds.has(kindName)) nudge.abort()
        })
        try {
          if ((await tick()) > 0) {
            // The database answers without waiting, so a busy loop would never let anyone else in.
            await turn()
            continue
          }
          const next = await store.nextWake(kindName)
          const pause = Math.min(
            longestSleepMs,
            Math.max(1, (next ?? Number.POSITIVE_INFINITY) - clock.now()),
          )
          await clock.sleep(pause, AbortSignal.any([stop, nudge.signal]))
        } catch (error) {
          logger.error('the state database did not answer', {
            kind: kindName,
            error: sentenceOf(error),
          })
          await clock.sleep(longestSleepMs, stop)
        } finally {
          unsubscribe()
        }
      }
    },
  }
}
