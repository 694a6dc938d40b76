// Garbage collection as one call: one at a time, with what crashes left beside the objects, and the numbers people want to see.
import { hostname } from 'node:os'
import { collectGarbage } from '../../control/keeping/collect-garbage.ts'
import { type KeepingPolicy, usualPolicy } from '../../control/keeping/keeping-policy.ts'
import { findLeftovers, removeAll } from '../../control/keeping/leftovers-fs.ts'
import type { KeepingWorld } from '../../control/keeping/roots.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { every } from '../../foundation/system-clock.ts'
import { dataFolder } from '../../project/data-folder.ts'
import { acquireLease } from '../../store/leases.ts'
import type { ApiWorld } from '../api-world.ts'
import type { GcInput, GcView } from '../contract/keeping-routes.ts'
import type { Listener } from '../contract/route.ts'
import { gcView } from '../views/keeping-view.ts'

const leaseTtlMs = 60_000
const leaseRenewMs = 15_000

export function policyOf(input: GcInput): KeepingPolicy {
  return {
    waitMs: input.waitMs ?? usualPolicy.waitMs,
    recentMs: input.recentMs ?? usualPolicy.recentMs,
    recentRuns: input.recentRuns ?? usualPolicy.recentRuns,
    archivedMs: input.archivedMs ?? usualPolicy.archivedMs,
  }
}

export async function collect(
  world: ApiWorld,
  keeping: KeepingWorld,
  input: GcInput,
  listener: Listener,
): Promise<GcView> {
  const { clock, about } = world
  const policy = policyOf(input)
  const apply = input.apply === true
  return alone(world, async () => {
    const collection = await collectGarbage(keeping, {
      ...{ policy, apply, signal: listener.signal },
      now: () => clock.now(),
      told: (sentence, done, total) => listener.told({ sentence, done, total, unit: 'files' }),
    })
    const { objects, work, logs } = dataFolder(about.projectDir)
    const { waitMs, recentMs } = policy
    const leftovers = await findLeftovers({
      ...{ objects, work, logs, waitMs, recentMs, now: clock.now() },
    })
    if (apply) await removeAll(leftovers)
    return gcView({ collection, leftovers, policy })
  })
}

/** Only this process can be collecting here: the control plane's own lease keeps every other one out, so another's lease is a dead one's. */
async function alone<T>({ db, clock, about }: ApiWorld, work: () => Promise<T>): Promise<T> {
  const here = `${hostname()}/${about.pid}/`
  const answer = await acquireLease(db, clock, {
    name: 'gc',
    holder: `${here}${newId('gc', clock.now())}`,
    ttlMs: leaseTtlMs,
    mayBeAlive: (holder) => holder.startsWith(here),
  })
  if (!('lease' in answer)) {
    throw new LockstepError({
      code: 'gc.under_way',
      kind: 'conflict',
      message: 'a garbage collection is under way already; there is one at a time',
      hint: 'wait until it has ended',
    })
  }
  const stop = every(leaseRenewMs, async () => void (await answer.lease.renew()))
  try {
    return await work()
  } finally {
    stop()
    await answer.lease.release()
  }
}
