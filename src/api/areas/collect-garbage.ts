// Garbage collection as one call: one at a time, with what crashes left beside the objects, and the numbers people want to see.
import { hostname } from 'node:os'
import { type Collection, collectGarbage } from '../../control/keeping/collect-garbage.ts'
import {
  type OpenRecord,
  type RemovalCount,
  recordCollection,
} from '../../control/keeping/collection-record.ts'
import { type KeepingPolicy, usualPolicy } from '../../control/keeping/keeping-policy.ts'
import {
  findLeftovers,
  removeAll,
  type SortedLeftover,
} from '../../control/keeping/leftovers-fs.ts'
import { sumOf } from '../../control/keeping/mark.ts'
import { findPackageLeftovers, tidyIndex } from '../../control/keeping/packages-fs.ts'
import { type KeepingWorld, workUnderWay } from '../../control/keeping/roots.ts'
import { findIdleRuntimes, removeRuntimes } from '../../control/keeping/runtimes-fs.ts'
import { formatDuration } from '../../foundation/duration.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { every } from '../../foundation/system-clock.ts'
import { dataFolder } from '../../project/data-folder.ts'
import { acquireLease } from '../../store/leases.ts'
import type { Actor } from '../../store/object.ts'
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

interface CollectWorld extends ApiWorld {
  readonly keeping: KeepingWorld
  readonly actor: Actor
}

export function collect(world: CollectWorld, input: GcInput, listener: Listener): Promise<GcView> {
  return alone(world, async () => {
    const { clock, keeping } = world
    const policy = policyOf(input)
    const apply = input.apply === true
    let record: OpenRecord | undefined
    try {
      const collection = await collectGarbage(keeping, {
        ...{ policy, apply, signal: listener.signal },
        now: () => clock.now(),
        told: (sentence, done, total) => listener.told({ sentence, done, total, unit: 'files' }),
        removing: async (due) => {
          record = await openRecord(world, { input, policy, due: sumOf(due) })
        },
      })
      const leftovers = await collectBeside(world, { collection, policy, apply, listener })
      const view = gcView({ collection, leftovers, policy })
      await record?.removed(allOf(view))
      return view
    } catch (error) {
      await record?.cutShort(error)
      throw error
    }
  })
}

function openRecord(
  { keeping, actor, clock, ...world }: CollectWorld,
  { input, policy, due }: { input: GcInput; policy: KeepingPolicy; due: RemovalCount },
): Promise<OpenRecord> {
  const because =
    input.because ?? `nothing has needed what goes for ${formatDuration(policy.waitMs)}`
  const model = world.spec().model.name
  const word = { actor, because, model, policy, now: clock.now() }
  return recordCollection(keeping.store, word, due)
}

interface BesideRequest {
  readonly collection: Collection
  readonly policy: KeepingPolicy
  readonly apply: boolean
  readonly listener: Listener
}

/** What lies beside the objects: leftovers of crashes, packages, language environments. */
async function collectBeside(
  { about, clock, content, keeping }: CollectWorld,
  { collection, policy, apply, listener }: BesideRequest,
): Promise<SortedLeftover[]> {
  const { packages: oci, objects, work, logs, runtimes } = dataFolder(about.projectDir)
  const { waitMs, recentMs } = policy
  const now = clock.now()
  listener.told({ sentence: 'looking beside the objects', done: null, total: null, unit: null })
  const leftovers = await findLeftovers({ objects, work, logs, waitMs, recentMs, now })
  const packages = await findPackageLeftovers({
    ...{ folder: oci, objectAt: content.pathOf, waitMs, now },
    due: new Set(apply ? [] : collection.due.map(({ digest }) => digest)),
  })
  const idle = await findIdleRuntimes({ root: runtimes, named: collection.runtimes, waitMs, now })
  if (!apply) return [...leftovers, ...packages, ...idle]
  const mayGo = async () =>
    !listener.signal.aborted && (await workUnderWay(keeping, clock.now())) === null
  await removeAll(leftovers)
  const isFree = await mayGo()
  if (isFree) {
    await removeAll(packages)
    await tidyIndex(oci)
  }
  const gone = await removeRuntimes({ root: runtimes, clock }, idle, mayGo)
  return [...leftovers, ...(isFree ? packages : []), ...gone]
}

function allOf({ removed, leftovers }: GcView): RemovalCount {
  const heaps = removed ? [removed, ...leftovers] : leftovers
  return {
    objects: heaps.reduce((sum, one) => sum + one.objects, 0),
    bytes: heaps.reduce((sum, one) => sum + one.bytes, 0),
  }
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
