// What files are there right now, and their digests: one stat for a known one, one read for a new one, each folder looked at once.
import { readdirSync } from 'node:fs'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { turn } from '../../foundation/system-clock.ts'
import { digestStill } from './digest-files-fs.ts'
import { fileUnreadable } from './file-errors.ts'
import type { FileIndexPort, IndexContent } from './file-index.ts'
import { looseFiles } from './file-index.ts'
import type { FileStat } from './file-stat.ts'
import type { FolderBlock } from './folder-block.ts'
import {
  copyOfBlock,
  emptyBlock,
  entryKind,
  hasStat,
  namesOf,
  setFolder,
  setStat,
} from './folder-block.ts'
import { inParallel } from './in-parallel.ts'
import { isListed, refuseUnreadableName } from './list-tree-fs.ts'
import { statEntry, statFile } from './stat-file-fs.ts'

export interface ObservedFiles {
  /** Every folder asked for and all beneath it; `looseFiles` holds the files asked for one by one. */
  readonly blocks: ReadonlyMap<string, FolderBlock>
  readonly memos: IndexContent['memos']
  /** How many files had to be read. */
  readonly hashed: number
  /** Saves what is new in the index, with what was computed from it. */
  keep(memos: ReadonlyMap<string, Digest>): Promise<void>
}

export interface ObserveRequest {
  readonly root: string
  /** Relative to `root`; the empty one is the root itself. Each exists. */
  readonly folders: readonly string[]
  readonly files: readonly string[]
  readonly index: FileIndexPort
  readonly now: Instant
}

interface Observation {
  readonly request: ObserveRequest
  readonly known: IndexContent
  readonly blocks: Map<string, FolderBlock>
  readonly changed: Map<string, FolderBlock>
  readonly gone: string[]
  readonly unread: Unread[]
}

interface Unread {
  readonly block: FolderBlock
  readonly at: number
  readonly path: string
  readonly seen: FileStat
}

/** The files' stats are synchronous, three times faster than promises; after so many of them other work has a turn. */
const statsPerTurn = 2000

export async function observeFiles(request: ObserveRequest): Promise<ObservedFiles> {
  const { index, now } = request
  const known = await index.load()
  const observation: Observation = {
    ...{ request, known, blocks: new Map(), changed: new Map(), gone: [], unread: [] },
  }
  await observeFolders(observation)
  observeLooseFiles(observation)
  const { blocks, changed, gone, unread } = observation
  await readUnread(request.root, unread)
  return {
    ...{ blocks, memos: known.memos, hashed: unread.length },
    async keep(memos) {
      if (changed.size + gone.length + memos.size === 0) return
      await index.save({ blocks: changed, gone, memos, observedAt: now })
    },
  }
}

async function observeFolders(observation: Observation): Promise<void> {
  const { request, blocks } = observation
  const waiting = [...request.folders].reverse()
  let stats = 0
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (blocks.has(folder)) continue
    const names = listFolder(request.root, folder)
    const block = observeFolder(observation, folder, names)
    blocks.set(folder, block)
    for (let at = names.length - 1; at >= 0; at--) {
      if (block.kinds[at] === entryKind.folder) waiting.push(inside(folder, names[at] ?? ''))
    }
    stats += names.length
    if (stats < statsPerTurn) continue
    stats = 0
    await turn()
  }
}

function observeFolder(
  observation: Observation,
  folder: string,
  names: readonly string[],
): FolderBlock {
  const { request, known, changed, gone } = observation
  const before = known.blocks.get(folder)
  const fresh = joined(names)
  const same = before !== undefined && fresh.equals(before.nameBytes)
  const places = same || before === undefined ? undefined : placesIn(before)
  let block = same ? before : emptyBlock(names)
  let copied = !same
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? ''
    const path = inside(folder, name)
    const seen = statEntry(request.root, path)
    const from = same ? at : places?.get(name)
    const unchanged = before !== undefined && from !== undefined && isAsBefore(before, from, seen)
    if (unchanged && same) continue
    if (!copied) {
      block = copyOfBlock(block)
      copied = true
    }
    if (seen === 'folder') setFolder(block, at)
    else {
      setStat(block, at, seen)
      if (unchanged) block.digests.set(before.digests.subarray(from * 32, from * 32 + 32), at * 32)
      else observation.unread.push({ block, at, path, seen })
    }
  }
  if (copied) changed.set(folder, block)
  const still = places === undefined ? undefined : new Set(names)
  for (const [name, at] of places ?? []) {
    if (before?.kinds[at] === entryKind.folder && !still?.has(name)) gone.push(inside(folder, name))
  }
  return block
}

function isAsBefore(before: FolderBlock, at: number, seen: FileStat | 'folder'): boolean {
  return seen === 'folder' ? before.kinds[at] === entryKind.folder : hasStat(before, at, seen)
}

/** Files declared one by one share a block whose names are their paths; those of other pipelines stay in it. */
function observeLooseFiles(observation: Observation): void {
  const { request, known, blocks, changed, unread } = observation
  const before = known.blocks.get(looseFiles) ?? emptyBlock([])
  const places = placesIn(before)
  const added = request.files.filter((path) => !places.has(path))
  const names = [...places.keys(), ...added]
  const block = added.length === 0 ? copyOfBlock(before) : emptyBlock(names)
  if (added.length > 0) {
    block.kinds.set(before.kinds)
    block.stats.set(before.stats)
    block.digests.set(before.digests)
  }
  const placeOf = new Map(names.map((name, at) => [name, at]))
  let differs = false
  for (const path of request.files) {
    const at = placeOf.get(path) ?? 0
    const seen = statFile(request.root, path)
    if (places.has(path) && hasStat(block, at, seen)) continue
    differs = true
    setStat(block, at, seen)
    unread.push({ block, at, path, seen })
  }
  blocks.set(looseFiles, block)
  if (differs) changed.set(looseFiles, block)
}

async function readUnread(root: string, unread: readonly Unread[]): Promise<void> {
  let started = 0
  await inParallel(unread, 8, async ({ block, at, path, seen }) => {
    if (++started % 256 === 0) await turn()
    const { stat, digest } = await digestStill(root, path, seen)
    setStat(block, at, stat)
    block.digests.set(digest, at * 32)
  })
}

function listFolder(root: string, folder: string): string[] {
  const place = folder === '' ? root : `${root}/${folder}`
  let names: string[]
  try {
    names = readdirSync(place)
  } catch (error) {
    throw fileUnreadable(error, place)
  }
  for (const name of names) refuseUnreadableName(place, name)
  return names.every(isListed) ? names : names.filter(isListed)
}

function placesIn(block: FolderBlock): Map<string, number> {
  return new Map(namesOf(block).map((name, at) => [name, at]))
}

function joined(names: readonly string[]): Buffer {
  return Buffer.from(names.join('\0'))
}

function inside(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
