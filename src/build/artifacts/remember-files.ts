// Files that Lockstep itself wrote are known without being read: their stamps go into the index at once.
import type { Instant } from '../../foundation/clock.ts'
import type { TreeEntry } from './artifact.ts'
import type { FileIndexPort } from './file-index.ts'
import { looseFiles } from './file-index.ts'
import type { FolderBlock } from './folder-block.ts'
import { emptyBlock, namesOf, setStat } from './folder-block.ts'
import { statFile } from './stat-file-fs.ts'

/**
 * Call it after the files were written and proved, with their paths relative to `root`, and with the time at this moment: those written in the
 * last milliseconds are not remembered, because a change could still hide behind their stamp.
 */
export async function rememberFiles(request: {
  readonly root: string
  readonly files: readonly Pick<TreeEntry, 'path' | 'digest'>[]
  readonly index: FileIndexPort
  readonly now: Instant
}): Promise<void> {
  const { root, files, index, now } = request
  const known = (await index.load()).blocks
  const byFolder = Map.groupBy(files, ({ path }) =>
    path.slice(0, Math.max(0, path.lastIndexOf('/'))),
  )
  const blocks = new Map<string, FolderBlock>()
  for (const [folder, some] of byFolder) {
    const cut = folder === '' ? 0 : folder.length + 1
    const named = some.map(({ path, digest }) => ({ name: path.slice(cut), path, digest }))
    blocks.set(folder, withFiles(root, known.get(folder), named))
  }
  // A file may be declared by itself or as part of its folder: either question finds it.
  const loose = files.map(({ path, digest }) => ({ name: path, path, digest }))
  blocks.set(looseFiles, withFiles(root, known.get(looseFiles), loose))
  await index.save({ blocks, memos: new Map(), gone: [], observedAt: now })
}

function withFiles(
  root: string,
  before: FolderBlock | undefined,
  files: readonly (Pick<TreeEntry, 'path' | 'digest'> & { readonly name: string })[],
): FolderBlock {
  const names = before === undefined ? [] : namesOf(before)
  const all = [...new Set([...names, ...files.map(({ name }) => name)])]
  const block = emptyBlock(all)
  if (before !== undefined) {
    block.kinds.set(before.kinds)
    block.stats.set(before.stats)
    block.digests.set(before.digests)
  }
  const places = new Map(all.map((name, at) => [name, at]))
  for (const { name, path, digest } of files) {
    const at = places.get(name) ?? 0
    setStat(block, at, statFile(root, path))
    block.digests.set(Buffer.from(digest.slice(7), 'hex'), at * 32)
  }
  return block
}
