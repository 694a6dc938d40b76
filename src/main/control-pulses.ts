// What a control plane does by the clock rather than by the loop: take in evidence and captures, look for firings, send notices.
import { deliverNotices, logSender } from '../control/notices.ts'
import type { Pulse } from '../control/pulses.ts'
import { ensureServing } from '../control/reconcilers/delivery-world.ts'
import { detectFirings, ensureMonitors } from '../control/reconcilers/detect-firings.ts'
import { requestPromotions } from '../control/reconcilers/request-promotions.ts'
import { signatureOf } from '../control/reconcilers/watch-world.ts'
import { drainEvidence } from '../observe/ledger/spool.ts'
import { drainCaptures, pruneCaptures } from '../observe/profiles/captures.ts'
import { leaseRenewMs } from './control-lease.ts'
import type { ControlConfig, ControlParts } from './control-parts.ts'

export function pulsesOf({ delivers }: ControlConfig, parts: ControlParts): Pulse[] {
  const { clock, logger, db, folder, source, tables, watchWorld: world } = parts
  const always: Pulse[] = [
    { name: 'lease', everyMs: leaseRenewMs, run: () => renewOrLeave(parts) },
    { name: 'notices', everyMs: 500, run: () => deliverNotices(db, logSender(logger), clock) },
  ]
  if (!delivers) return always
  return [
    ...always,
    { name: 'project file', everyMs: 1000, run: () => source.refresh() },
    {
      name: 'evidence',
      everyMs: 100,
      run: async () =>
        void (await drainEvidence({ folder: folder.spool, ledger: world.ledger, logger })),
    },
    {
      name: 'captures',
      everyMs: 1000,
      run: async () =>
        void (await drainCaptures({
          spool: folder.spool,
          captures: folder.captures,
          tables,
          signatureOf: (id) => signatureOf(world, id),
          logger,
        })),
    },
    {
      name: 'old captures',
      everyMs: 3_600_000,
      run: async () =>
        void (await pruneCaptures({
          captures: folder.captures,
          now: clock.now(),
          keepMs: 30 * 86_400_000,
          keepBytes: 5 * 2 ** 30,
        })),
    },
    { name: 'promotions', everyMs: 250, run: () => requestPromotions(world) },
    { name: 'monitors', everyMs: 1000, run: () => ensureMonitors(world) },
    { name: 'triggers', everyMs: 1000, run: () => detectFirings(world) },
    { name: 'serving', everyMs: 2000, run: () => ensureServing(world) },
  ]
}

/** Whoever lost the lease (a process that was stopped for long) must not write another word. */
async function renewOrLeave({ lease, logger }: ControlParts): Promise<void> {
  if (await lease.renew()) return
  logger.error('another control plane took over; this one leaves', {})
  process.exit(1)
}
