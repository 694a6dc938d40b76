// Leases: one holder at a time of a name, for as long as it keeps renewing. What makes one control plane the only writer.
import type { Clock } from '../foundation/clock.ts'
import type { Database } from './schema.ts'

export interface LeaseRequest {
  readonly name: string
  /** Who asks, in words a later asker can judge: `host/pid`. */
  readonly holder: string
  readonly ttlMs: number
  /** False when that holder is certainly gone, so that nobody waits for a dead one's lease to run out. */
  readonly mayBeAlive: (holder: string) => boolean
}

export interface Lease {
  /** False when someone else holds it by now: the caller must stop writing. */
  renew(): Promise<boolean>
  release(): Promise<void>
}

export type LeaseAnswer = { readonly lease: Lease } | { readonly heldBy: string }

export async function acquireLease(
  db: Database,
  clock: Clock,
  request: LeaseRequest,
): Promise<LeaseAnswer> {
  const { name, holder, ttlMs, mayBeAlive } = request
  return db.transaction().execute(async (tx) => {
    const current = await tx
      .selectFrom('leases')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst()
    const isTaken =
      current !== undefined &&
      current.holder !== holder &&
      current.expires_at > clock.now() &&
      mayBeAlive(current.holder)
    if (isTaken) return { heldBy: current.holder }
    const row = { name, holder, expires_at: clock.now() + ttlMs }
    await tx
      .insertInto('leases')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet({ holder, expires_at: row.expires_at }),
      )
      .execute()
    return { lease: leaseOf(db, clock, request) }
  })
}

function leaseOf(db: Database, clock: Clock, { name, holder, ttlMs }: LeaseRequest): Lease {
  return {
    async renew() {
      const renewed = await db
        .updateTable('leases')
        .set({ expires_at: clock.now() + ttlMs })
        .where('name', '=', name)
        .where('holder', '=', holder)
        .executeTakeFirst()
      return Number(renewed.numUpdatedRows) === 1
    },
    async release() {
      await db.deleteFrom('leases').where('name', '=', name).where('holder', '=', holder).execute()
    },
  }
}
