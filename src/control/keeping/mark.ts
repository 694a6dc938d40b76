// Marking: every object of the store is either needed, with the sort of root that needs it, or not, with what it used to be.
import type { StoredObject } from '../../build/artifacts/stored-objects-fs.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { RootKind, Sort } from './link.ts'
import type { Roots } from './roots.ts'
import type { Shelf } from './shelf.ts'
import { type Reached, walk } from './walk.ts'

export interface Heap {
  readonly objects: number
  readonly bytes: number
}

export interface Unneeded extends StoredObject {
  readonly sort: Sort
}

export interface Marked {
  readonly total: Heap
  readonly kept: Readonly<Record<RootKind, Heap>>
  readonly unneeded: readonly Unneeded[]
  /** Named by a root and not in the store: `its model of release 3`. */
  readonly missing: readonly { readonly digest: Digest; readonly says: string }[]
}

export const nothing: Heap = { objects: 0, bytes: 0 }

export async function mark(shelf: Shelf, roots: Roots): Promise<Marked> {
  const listed = new Map<Digest, StoredObject>()
  for await (const object of shelf.list()) listed.set(object.digest, object)
  const total = sumOf(listed.values())
  const kept: Record<RootKind, Heap> = {
    ...{ release: nothing, environment: nothing, pin: nothing, run: nothing, action: nothing },
  }
  const seen = new Set<Digest>()
  const missing: { digest: Digest; says: string }[] = []
  const keep = (reached: Reached) => {
    const { link, root } = reached
    const object = listed.get(link.digest)
    if (object) {
      kept[root.kind] = added(kept[root.kind], object.size)
      listed.delete(link.digest)
    } else if (isExpected(reached) && !seen.has(link.digest)) {
      missing.push({ digest: link.digest, says: `${link.says} of ${root.name}` })
    }
    seen.add(link.digest)
    return undefined
  }
  // An object counts for what people rely on, before it counts for a result that happens to be recent.
  await walk(
    shelf,
    roots.kept.filter((root) => root.kind !== 'action'),
    keep,
  )
  await walk(
    shelf,
    roots.kept.filter((root) => root.kind === 'action'),
    keep,
  )
  const sorts = new Map<Digest, Sort>()
  // What is not needed may be damaged as well; then nobody can say what lay behind it.
  for (const root of roots.dropped) {
    await walk(shelf, [root], ({ link }) => {
      if (listed.has(link.digest) && !sorts.has(link.digest)) sorts.set(link.digest, link.sort)
      return undefined
    }).catch(() => {})
  }
  const unneeded = [...listed.values()].map((object) => ({
    ...object,
    sort: sorts.get(object.digest) ?? ('object' as const),
  }))
  return { total, kept, unneeded, missing }
}

/** What a release needs by its own record; not what merely looks like a digest in it. */
function isExpected({ link, root }: Reached): boolean {
  return (root.kind === 'release' || root.kind === 'environment') && link.kind !== 'unknown'
}

export function sumOf(objects: Iterable<{ readonly size: number }>): Heap {
  let sum = nothing
  for (const { size } of objects) sum = added(sum, size)
  return sum
}

function added({ objects, bytes }: Heap, size: number): Heap {
  return { objects: objects + 1, bytes: bytes + size }
}
