// Work beside runs (a transfer, a rebuild) relies on stored objects that nothing names yet. It holds a lease while it does, and garbage
// collection removes nothing meanwhile. The lease of a killed process runs out by itself.
import type { Clock, Instant } from '../../foundation/clock.ts'
import { newId } from '../../foundation/ids.ts'
import { every } from '../../foundation/system-clock.ts'
import { acquireLease } from '../../store/leases.ts'
import type { Database } from '../../store/schema.ts'

const ttlMs = 30_000
const renewMs = 10_000
const prefix = 'uses:'

/** `what` completes "… is under way": `the push of release 3`. Any number at once. */
export async function holdingObjects<T>(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const id = newId('use', clock.now())
  const answer = await acquireLease(db, clock, {
    ...{ name: `${prefix}${what} ${id}`, holder: id, ttlMs },
    mayBeAlive: () => true,
  })
  const lease = 'lease' in answer ? answer.lease : undefined
  // A beat that fails is made good by the next: there are two more before the lease runs out.
  const stop = every(renewMs, () =>
    lease?.renew().then(
      () => {},
      () => {},
    ),
  )
  try {
    return await work()
  } finally {
    stop()
    await lease?.release()
  }
}

/** `the push of release 3`; null when nothing holds objects. */
export async function holdsObjects(db: Database, now: Instant): Promise<string | null> {
  const row = await db
    .selectFrom('leases')
    .select('name')
    .where('name', 'like', `${prefix}%`)
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row ? row.name.slice(prefix.length).replace(/ use_[0-9a-z]+$/, '') : null
}
