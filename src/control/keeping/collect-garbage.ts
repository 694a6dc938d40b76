// Garbage collection: mark from the roots, note what nothing needs, and, when asked, sweep what nothing has needed for the whole
// waiting period. It may be killed anywhere and started again.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { KeepingPolicy } from './keeping-policy.ts'
import { type Marked, mark, type Unneeded } from './mark.ts'
import { gatherRoots, type KeepingWorld, type Roots } from './roots.ts'
import { historyOf, type Swept, sweep } from './sweep.ts'
import { noteUnreachable } from './unreachable-store.ts'

export interface CollectionRequest {
  readonly policy: KeepingPolicy
  /** false: nothing is removed. */
  readonly apply: boolean
  readonly now: () => Instant
  /** Called once, when removal is about to begin. */
  readonly removing: (due: readonly Unneeded[]) => Promise<void>
  readonly told: (sentence: string, done: number | null, total: number | null) => void
  readonly signal: AbortSignal
}

export interface Collection {
  readonly marked: Marked
  /** Unneeded for the whole waiting period: what goes, or has gone. */
  readonly due: readonly Unneeded[]
  readonly since: ReadonlyMap<Digest, Instant>
  /** Null when nothing was to be removed. */
  readonly swept: Omit<Swept, 'stillTrue'> | null
  /** Language environments that kept releases were made in. */
  readonly runtimes: ReadonlySet<Digest>
  /** When the next object's waiting period ends; null when none waits. */
  readonly nextAt: Instant | null
}

/**
 * The store renews what is put again only when it is a minute old, and file systems stamp with a coarser clock than ours: what looks
 * this young may have been relied on after we looked.
 */
const stampSlackMs = 65_000
/** Each failure means that a run began or ended meanwhile. */
const mostMarkings = 5

export async function collectGarbage(
  world: KeepingWorld,
  request: CollectionRequest,
): Promise<Collection> {
  const { policy, apply, now, told, signal } = request
  await world.shelf.restore()
  const sum = { removed: 0, bytes: 0, spared: 0, actions: 0 }
  for (let markings = 1; ; markings++) {
    const began = now()
    const history = await historyOf(world.db)
    told('marking what is needed', null, null)
    const roots = await gatherRoots(world, policy, began)
    const marked = await mark(world.shelf, roots)
    signal.throwIfAborted()
    const since = await noteUnreachable(world.db, marked.unneeded, began)
    const untouchedSince = began - Math.max(policy.waitMs, stampSlackMs)
    const isDue = ({ digest, mtimeMs }: Unneeded) =>
      (since.get(digest) ?? began) <= began - policy.waitMs && mtimeMs < untouchedSince
    const due = marked.unneeded.filter(isDue)
    const nextAt = nextEnd(marked.unneeded, since, policy)
    const collection = { marked, due, since, runtimes: roots.runtimes, nextAt }
    if (!apply) return { ...collection, swept: null }
    refuseMissingRecords(marked)
    refuseWorkUnderWay(roots)
    if (markings === 1) await request.removing(due)
    const swept = await sweep(world, {
      due: due.map((object) => object.digest),
      droppedActions: roots.droppedActions,
      ...{ untouchedSince, history, now, signal },
      told: (done) => told('removing what nothing needs', done, due.length),
    })
    // What an earlier marking removed before it became untrue counts as well.
    for (const part of ['removed', 'bytes', 'spared', 'actions'] as const) sum[part] += swept[part]
    if (swept.stillTrue) return { ...collection, swept: sum }
    if (markings === mostMarkings) throw tooBusy()
  }
}

function nextEnd(
  unneeded: readonly Unneeded[],
  since: ReadonlyMap<Digest, Instant>,
  { waitMs }: KeepingPolicy,
): Instant | null {
  let next: Instant | null = null
  for (const { digest, mtimeMs } of unneeded) {
    const end = Math.max(since.get(digest) ?? 0, mtimeMs) + waitMs
    if (next === null || end < next) next = end
  }
  return next
}

/** What is missing names nothing any more: a release that is broken already must not lose what could repair it. */
function refuseMissingRecords({ missing }: Marked): void {
  const record = missing.find((one) => one.says.startsWith('its manifest'))
  if (!record) return
  throw new LockstepError({
    code: 'gc.record_missing',
    kind: 'precondition',
    message: `${record.says} (${record.digest}) is not in the content store, so what it needs is unknown; nothing was removed`,
    hint: 'bring it back first: lockstep pull, lockstep release import, or a backup of .lockstep/objects',
    details: { digest: record.digest },
  })
}

/** What work under way relies on is recorded only when it ends. */
function refuseWorkUnderWay({ underWay }: Roots): void {
  if (underWay === null) return
  throw new LockstepError({
    code: 'gc.work_under_way',
    kind: 'conflict',
    message: `${underWay} is under way, and what it relies on is recorded only when it ends; nothing was removed`,
    hint: 'repeat when it has ended: lockstep runs',
  })
}

function tooBusy(): LockstepError {
  return new LockstepError({
    code: 'gc.busy',
    kind: 'unavailable',
    message: `runs began and ended faster than the store could be marked (${mostMarkings} times); nothing was removed`,
    hint: 'try again when fewer runs are under way',
  })
}
