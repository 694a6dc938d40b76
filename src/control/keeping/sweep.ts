// Sweeping. What makes it safe beside everything else that goes on:
// 1. Before an object goes, the rows of all results that need it go, in transactions that hold only while no run, release or pin has
//    come since the marking and no other work relies on stored objects. A run that begins later finds no such result and makes it anew.
// 2. Objects are set aside, and go only if the same still holds then and nobody has touched them: storing bytes that are there already
//    makes the object look new, as pinning does. Otherwise they go back.
// 3. Rows go before objects: after a crash there may be an object too many, never one too few.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { releaseKind } from '../../release/release.ts'
import type { Database } from '../../store/schema.ts'
import { runKind } from '../runs/run.ts'
import type { DroppedAction } from './action-roots.ts'
import { holdsObjects } from './hold-objects.ts'
import { pinKind } from './pins.ts'
import type { KeepingWorld } from './roots.ts'
import type { Removal, Shelf } from './shelf.ts'
import { batches, forgetUnreachable } from './unreachable-store.ts'
import { walk } from './walk.ts'

export interface SweepOrder {
  readonly due: readonly Digest[]
  readonly droppedActions: readonly DroppedAction[]
  /** Only what was last touched before this goes. */
  readonly untouchedSince: Instant
  /** As it was when the marking began. */
  readonly history: string
  readonly now: () => Instant
  readonly told: (done: number) => void
  readonly signal: AbortSignal
}

export interface Swept extends Removal {
  readonly actions: number
  /** False: something happened since the marking, so the rest was left; mark again. */
  readonly stillTrue: boolean
}

const batch = 1000

export async function sweep(world: KeepingWorld, order: SweepOrder): Promise<Swept> {
  const { db, shelf } = world
  const swept = { removed: 0, bytes: 0, spared: 0, actions: 0 }
  const rows = await rowsThatNeed(shelf, order.droppedActions, new Set(order.due))
  for (const some of batches(rows, batch)) {
    const isDone = await removeRows(db, some, order)
    if (!isDone) return { ...swept, stillTrue: false }
    swept.actions += some.length
  }
  for (const some of batches(order.due, batch)) {
    order.signal.throwIfAborted()
    const removal = await shelf.removeUntouched(some, order.untouchedSince, () => holds(db, order))
    if (removal === 'put back') return { ...swept, stillTrue: false }
    await forgetUnreachable(db, some)
    swept.removed += removal.removed
    swept.bytes += removal.bytes
    swept.spared += removal.spared
    order.told(swept.removed)
  }
  return { ...swept, stillTrue: true }
}

/** What decides what is needed: runs, releases and pins. Anything new among them makes a marking untrue. */
export async function historyOf(db: Database): Promise<string> {
  const event = await db
    .selectFrom('events')
    .select((of) => of.fn.max('seq').as('seq'))
    .where('kind', 'in', [runKind.name, releaseKind.name, pinKind.name])
    .executeTakeFirst()
  return String(event?.seq ?? 0)
}

async function removeRows(
  db: Database,
  rows: readonly DroppedAction[],
  order: SweepOrder,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    if (!(await holds(tx, order))) return false
    const ids = (table: DroppedAction['table']) =>
      rows.filter((row) => row.table === table).map((row) => row.id)
    await tx.deleteFrom('actions').where('key', 'in', ids('actions')).execute()
    await tx.deleteFrom('divergences').where('id', 'in', ids('divergences')).execute()
    return true
  })
}

async function holds(db: Database, order: SweepOrder): Promise<boolean> {
  return (await historyOf(db)) === order.history && (await holdsObjects(db, order.now())) === null
}

/** A dropped result whose objects are all needed by others stays: it costs nothing and still spares work. */
async function rowsThatNeed(
  shelf: Shelf,
  dropped: readonly DroppedAction[],
  due: ReadonlySet<Digest>,
): Promise<DroppedAction[]> {
  const found: DroppedAction[] = []
  for (const one of dropped) {
    let isNeeded = false
    await walk(shelf, [one.root], ({ link }) => {
      isNeeded ||= due.has(link.digest)
      return isNeeded ? 'stop' : undefined
    }).catch(() => {
      // A damaged result is no result.
      isNeeded = true
    })
    if (isNeeded) found.push(one)
  }
  return found
}
