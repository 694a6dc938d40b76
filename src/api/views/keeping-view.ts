// Garbage collection, pins and lineage as the wire shows them.
import type { Collection } from '../../control/keeping/collect-garbage.ts'
import type { KeepingPolicy } from '../../control/keeping/keeping-policy.ts'
import type { SortedLeftover } from '../../control/keeping/leftovers-fs.ts'
import type { LineageBranch } from '../../control/keeping/lineage.ts'
import { sumOf } from '../../control/keeping/mark.ts'
import type { Pin } from '../../control/keeping/pins.ts'
import type { Trace } from '../../control/keeping/trace.ts'
import type { WhyKept } from '../../control/keeping/why-kept.ts'
import { toIso } from '../../foundation/clock.ts'
import { type Release, releaseName } from '../../release/release.ts'
import type {
  GcView,
  LineageNodeView,
  PinView,
  TraceView,
  WhyKeptView,
} from '../contract/keeping-routes.ts'
import { isoOrNull } from './run-view.ts'

export function gcView(done: {
  readonly collection: Collection
  readonly leftovers: readonly SortedLeftover[]
  readonly policy: KeepingPolicy
}): GcView {
  const { marked, due, swept, nextAt } = done.collection
  const dueBySort = Map.groupBy(due, (object) => object.sort)
  const bySort = [...Map.groupBy(marked.unneeded, (object) => object.sort)]
  return {
    applied: swept !== null,
    waitMs: done.policy.waitMs,
    total: marked.total,
    kept: marked.kept,
    unneeded: bySort.map(([sort, objects]) => ({
      ...{ sort, ...sumOf(objects), due: sumOf(dueBySort.get(sort) ?? []) },
    })),
    leftovers: [...Map.groupBy(done.leftovers, (one) => one.sort)].map(([sort, some]) => ({
      ...{ sort, ...sumOf(some) },
    })),
    removed: swept && {
      ...{ objects: swept.removed, bytes: swept.bytes, results: swept.actions },
      spared: swept.spared,
    },
    nextAt: isoOrNull(nextAt),
    missing: marked.missing,
  }
}

export function whyKeptView(subject: string, why: WhyKept): WhyKeptView {
  const { digest, kept, stored, chain, goesAt } = why
  return { subject, digest, kept, stored, chain, goesAt: isoOrNull(goesAt) }
}

export function pinView(pin: Pin, releases: readonly Release[]): PinView {
  const { digest, because, by: actor, updatedAt } = pin
  const release = releases.find((one) => one.manifestDigest === digest)
  const name = release ? releaseName(release) : null
  return { digest, because, actor, pinnedAt: toIso(updatedAt), name }
}

export function traceView({ subject, up, down, served }: Trace): TraceView {
  const { id, kind, title, facts } = subject
  return {
    subject: { id, kind, title },
    facts,
    up: up === null ? null : up.map(branchView),
    down: down === null ? null : down.map(branchView),
    served: served.map(({ environment, number, alias, from, until, outcome }) => ({
      ...{ environment, release: number, alias, outcome },
      ...{ from: toIso(from), until: isoOrNull(until) },
    })),
  }
}

function branchView({ node, by, again, next }: LineageBranch): LineageNodeView {
  return { ...node, by, again, next: next.map(branchView) }
}
