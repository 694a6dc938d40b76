// Why an object stays: the shortest way from something people rely on to it, in sentences; or since when nothing has needed it.
import { type Instant, toIso } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { KeepingPolicy } from './keeping-policy.ts'
import type { Root } from './link.ts'
import { gatherRoots, type KeepingWorld } from './roots.ts'
import { loadUnreachable } from './unreachable-store.ts'
import { type Reached, walk } from './walk.ts'

export interface WhyKept {
  readonly digest: Digest
  readonly kept: boolean
  readonly stored: boolean
  /** From the root to the object. */
  readonly chain: readonly string[]
  /** Of an object that nothing needs: when it may go. */
  readonly goesAt: Instant | null
}

export async function whyKept(
  world: KeepingWorld,
  digest: Digest,
  at: { readonly policy: KeepingPolicy; readonly now: Instant },
): Promise<WhyKept> {
  const { policy, now } = at
  const stored = await world.shelf.has(digest)
  const roots = await gatherRoots(world, policy, now)
  // What people rely on is the better reason than a result that happens to be recent, even when the way is longer.
  const [results, relied] = partition(roots.kept, (root) => root.kind === 'action')
  for (const some of [relied, results]) {
    const chain = await shortestChain(world, some, digest)
    if (chain) return { digest, stored, kept: true, chain, goesAt: null }
  }
  const since = (await loadUnreachable(world.db)).get(digest)
  return { digest, stored, kept: false, ...freed(since, policy, stored) }
}

async function shortestChain(
  { shelf }: KeepingWorld,
  roots: readonly Root[],
  digest: Digest,
): Promise<string[] | undefined> {
  const ways = new Map<Digest, Reached>()
  let isFound = false
  await walk(shelf, roots, (reached) => {
    ways.set(reached.link.digest, reached)
    isFound = reached.link.digest === digest
    return isFound ? 'stop' : undefined
  })
  return isFound ? chainTo(ways, digest) : undefined
}

function partition<T>(items: readonly T[], isIn: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(isIn), items.filter((item) => !isIn(item))]
}

function chainTo(ways: ReadonlyMap<Digest, Reached>, digest: Digest): string[] {
  const way = ways.get(digest)
  if (!way) return []
  const { root, link, from } = way
  if (from !== null) return [...chainTo(ways, from), `which names ${link.says}`]
  return [`${root.name}: ${root.because}`, `${root.name} needs ${link.says}`]
}

function freed(since: Instant | undefined, { waitMs }: KeepingPolicy, stored: boolean) {
  if (!stored) return { chain: ['it is not in the content store'], goesAt: null }
  if (since === undefined) {
    const chain = ['nothing keeps it', 'its waiting period begins with the next lockstep gc']
    return { chain, goesAt: null }
  }
  const goesAt = since + waitMs
  return {
    chain: [
      'nothing keeps it',
      `nothing has needed it since ${toIso(since)}`,
      `it goes with the first lockstep gc --apply after ${toIso(goesAt)}`,
    ],
    goesAt,
  }
}
