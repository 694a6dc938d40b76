// The lease that makes a control plane the only writer of its project: a second one is refused, a dead one's is taken over at once.
import { hostname } from 'node:os'
import type { Clock } from '../foundation/clock.ts'
import { LockstepError, systemCodeOf } from '../foundation/errors.ts'
import { acquireLease, type Lease } from '../store/leases.ts'
import type { Database } from '../store/schema.ts'

export const leaseTtlMs = 10_000
export const leaseRenewMs = 2000

/** Throws `control.held` while another control plane lives. */
export async function takeControlLease(db: Database, clock: Clock): Promise<Lease> {
  const holder = `${hostname()}/${process.pid}`
  const answer = await acquireLease(db, clock, {
    name: 'control',
    holder,
    ttlMs: leaseTtlMs,
    mayBeAlive,
  })
  if ('lease' in answer) return answer.lease
  throw new LockstepError({
    code: 'control.held',
    kind: 'conflict',
    message: `another control plane (${answer.heldBy.replace('/', ', process ')}) works on this project; there can be only one`,
    hint: 'wait until it has ended, or use it: lockstep status',
  })
}

/** Of another machine nothing is known but its promise to renew. */
function mayBeAlive(holder: string): boolean {
  const [host, pid] = holder.split('/')
  if (host !== hostname()) return true
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}
