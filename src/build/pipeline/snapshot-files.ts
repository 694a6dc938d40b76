// Reads the columns of observed folders as files: entries with their paths, and single stamps.
import type { TreeEntry } from '../artifacts/artifact.ts'
import { looseFiles } from '../artifacts/file-index.ts'
import type { FileStamp } from '../artifacts/file-stat.ts'
import type { FolderBlock } from '../artifacts/folder-block.ts'
import { digestAt, entryKind, namesOf, stampAt } from '../artifacts/folder-block.ts'

export type Blocks = ReadonlyMap<string, FolderBlock>

/** The folder and all beneath it, parents first, with their blocks. */
export function* foldersIn(blocks: Blocks, top: string): Generator<readonly [string, FolderBlock]> {
  const waiting = [top]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const block = blocks.get(folder)
    if (block === undefined) continue
    yield [folder, block]
    if (!block.kinds.includes(entryKind.folder)) continue
    const names = namesOf(block)
    for (let at = names.length - 1; at >= 0; at--) {
      if (block.kinds[at] === entryKind.folder) waiting.push(inside(folder, names[at] ?? ''))
    }
  }
}

/** Every file beneath `top` that `wanted` says yes to, in no promised order. */
export function* filesIn(
  blocks: Blocks,
  top: string,
  wanted: (path: string) => boolean,
): Generator<TreeEntry> {
  for (const [folder, block] of foldersIn(blocks, top)) {
    const names = namesOf(block)
    for (let at = 0; at < names.length; at++) {
      const kind = block.kinds[at]
      const path = inside(folder, names[at] ?? '')
      if (kind === entryKind.folder || !wanted(path)) continue
      const mode = kind === entryKind.executable ? '0755' : '0644'
      yield { path, mode, digest: digestAt(block, at), size: block.stats[at * 4] ?? 0 }
    }
  }
}

export function looseEntry(blocks: Blocks, path: string): TreeEntry | undefined {
  const block = blocks.get(looseFiles)
  const at = block === undefined ? -1 : namesOf(block).indexOf(path)
  if (block === undefined || at < 0) return undefined
  const { mode, digest, size } = stampAt(block, at)
  return { path, mode, digest, size }
}

/** The names of a folder are looked up through a table from its second question on. */
export function stampFinder(blocks: Blocks): (path: string) => FileStamp | undefined {
  const tables = new Map<string, ReadonlyMap<string, number>>()
  const inFolder = (folder: string, name: string) => {
    const block = blocks.get(folder)
    if (block === undefined) return undefined
    const table = tables.get(folder) ?? new Map(namesOf(block).map((one, at) => [one, at]))
    tables.set(folder, table)
    const at = table.get(name)
    return at === undefined || block.kinds[at] === entryKind.folder ? undefined : stampAt(block, at)
  }
  return (path) => {
    const cut = path.lastIndexOf('/')
    const folder = cut < 0 ? '' : path.slice(0, cut)
    return inFolder(folder, path.slice(cut + 1)) ?? inFolder(looseFiles, path)
  }
}

function inside(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
