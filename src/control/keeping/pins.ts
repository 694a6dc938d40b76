// Pins: a person's word that an object, and everything behind it, stays.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { Actor } from '../../store/object.ts'
import type { Database } from '../../store/schema.ts'
import type { Shelf } from './shelf.ts'

export interface Pin {
  readonly digest: Digest
  readonly because: string
  readonly actor: string
  readonly pinnedAt: Instant
}

/** Pinning what is pinned gives it the newer reason. Throws when there is no such object. */
export async function pinObject(
  { db, shelf }: { readonly db: Database; readonly shelf: Shelf },
  pin: Pin & { readonly actor: Actor },
): Promise<void> {
  const { digest, because, actor, pinnedAt } = pin
  const row = { digest, because, actor, pinned_at: pinnedAt }
  const earlier = await db
    .selectFrom('pins')
    .selectAll()
    .where('digest', '=', digest)
    .executeTakeFirst()
  // First the row, which makes every marking under way untrue; then the look.
  await db
    .insertInto('pins')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('digest').doUpdateSet({ because, actor, pinned_at: pinnedAt }),
    )
    .execute()
  if (await shelf.touch(digest)) return
  if (!earlier) await unpinObject(db, digest)
  throw new LockstepError({
    code: 'pin.object_missing',
    kind: 'not_found',
    message: `the object ${digest} is not in the content store, so it cannot be pinned`,
    hint: 'look for it: lockstep trace DIGEST',
    details: { digest },
  })
}

/** False when it was not pinned. */
export async function unpinObject(db: Database, digest: Digest): Promise<boolean> {
  const removed = await db.deleteFrom('pins').where('digest', '=', digest).executeTakeFirst()
  return Number(removed.numDeletedRows) === 1
}

/** Newest first. */
export async function listPins(db: Database): Promise<Pin[]> {
  const rows = await db.selectFrom('pins').selectAll().orderBy('pinned_at', 'desc').execute()
  return rows.map((row) => ({
    digest: row.digest as Digest,
    because: row.because,
    actor: row.actor,
    pinnedAt: row.pinned_at,
  }))
}
