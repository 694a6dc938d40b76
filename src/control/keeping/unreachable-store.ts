// Since when nothing has needed an object: what the waiting period counts from. Survives every crash between marking and sweeping.
import type { StoredObject } from '../../build/artifacts/stored-objects-fs.ts'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { Database, UnreachableRow } from '../../store/schema.ts'

const batch = 1000

/** Notes what has become unreachable, forgets what is needed again or gone; answers since when each has been. */
export async function noteUnreachable(
  db: Database,
  unreachable: readonly StoredObject[],
  now: Instant,
): Promise<ReadonlyMap<Digest, Instant>> {
  const since = await loadUnreachable(db)
  const still = new Set(unreachable.map((object) => object.digest))
  const gone = [...since.keys()].filter((digest) => !still.has(digest))
  await forgetUnreachable(db, gone)
  for (const digest of gone) since.delete(digest)
  const fresh = unreachable.filter((object) => !since.has(object.digest))
  for (const object of fresh) since.set(object.digest, now)
  const rows = fresh.map(({ digest, size }): UnreachableRow => ({ digest, size, since: now }))
  await db.transaction().execute(async (tx) => {
    for (const some of batches(rows, batch)) {
      await tx
        .insertInto('unreachable')
        .values(some)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  })
  return since
}

export async function loadUnreachable(db: Database): Promise<Map<Digest, Instant>> {
  const rows = await db.selectFrom('unreachable').select(['digest', 'since']).execute()
  return new Map(rows.map((row) => [row.digest as Digest, row.since]))
}

export async function forgetUnreachable(db: Database, digests: readonly Digest[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const some of batches(digests, batch)) {
      await tx.deleteFrom('unreachable').where('digest', 'in', some).execute()
    }
  })
}

export function batches<T>(items: readonly T[], size: number): T[][] {
  const found: T[][] = []
  for (let start = 0; start < items.length; start += size) {
    found.push(items.slice(start, start + size))
  }
  return found
}
