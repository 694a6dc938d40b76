// Follows links from the roots, nearest first: the first way an object is reached is its shortest.
import { decodeTree } from '../../build/artifacts/artifact.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { parseManifest } from '../../release/manifest.ts'
import { type Link, link, linksOfManifest, type Root, withOthers } from './link.ts'
import type { Shelf } from './shelf.ts'

export interface Reached {
  readonly link: Link
  readonly root: Root
  /** The object that names it; null when the root itself does. */
  readonly from: Digest | null
}

/** Calls `visit` once per digest, whether or not the object exists; `stop` ends the walk. */
export async function walk(
  shelf: Shelf,
  roots: readonly Root[],
  visit: (reached: Reached) => 'stop' | undefined,
): Promise<void> {
  const seen = new Set<Digest>()
  const opened = new Set<Digest>()
  let level: Reached[] = roots.flatMap((root) =>
    root.links.map((one) => ({ link: one, root, from: null })),
  )
  while (level.length > 0) {
    const next: Reached[] = []
    for (const reached of level) {
      const { digest, kind } = reached.link
      if (!seen.has(digest)) {
        seen.add(digest)
        if (visit(reached) === 'stop') return
      }
      // One link may know it as a plain file, another as a folder: what lies behind it is followed if any does.
      if (kind === 'file' || opened.has(digest)) continue
      opened.add(digest)
      for (const one of await behind(shelf, reached)) {
        if (seen.has(one.digest) && (one.kind === 'file' || opened.has(one.digest))) continue
        next.push({ link: one, root: reached.root, from: digest })
      }
    }
    level = next
  }
}

/** Throws `gc.unreadable` when something that is needed cannot be read: what lies behind it could then not be known. */
export async function behind(shelf: Shelf, { link: from, root }: Reached): Promise<Link[]> {
  const { digest, kind, sort } = from
  try {
    if (kind === 'tree') {
      const entries = await shelf.tree(digest)
      return (entries ?? []).map((entry) => link(entry.digest, 'file', sort, entry.path))
    }
    const text = await shelf.json(digest)
    if (kind === 'manifest') return linksOfRecord(text)
    if (text === undefined) return []
    const entries = kind === 'unknown' && text.startsWith('[') ? decodeTree(text) : []
    if (isRefusal(entries) || entries.length === 0) return withOthers([], text)
    return entries.map((entry) => link(entry.digest, 'file', sort, entry.path))
  } catch (error) {
    throw new LockstepError({
      code: 'gc.unreadable',
      kind: 'precondition',
      message: `${from.says} (${digest}), needed by ${root.name}, cannot be read, so nobody can say what else is needed; nothing was removed: ${sentenceOf(error)}`,
      hint: 'bring the object back (lockstep pull, or a backup of .lockstep/objects), or run the pipeline again; then repeat',
      details: { digest, root: root.name },
      cause: error,
    })
  }
}

function linksOfRecord(text: string | undefined): Link[] {
  if (text === undefined) throw new Error('it is not in the content store')
  const manifest = parseManifest(text)
  if (isRefusal(manifest)) throw new Error(manifest.because)
  return linksOfManifest(manifest, text)
}
