// One declared input in the snapshot. Its digest is a memo: the same columns gave the same manifest before.
import { createHash } from 'node:crypto'
import type { Digest } from '../../foundation/digest.ts'
import { type TreeEntry, treeOf } from '../artifacts/artifact.ts'
import { isWithin } from '../artifacts/relative-path.ts'
import { globMatcher } from './path-pattern.ts'
import { type Blocks, filesIn, foldersIn, looseEntry } from './snapshot-files.ts'

/** The project files that one declared input names; outputs of steps are not among them. */
export interface SnapshotInput {
  readonly path: string
  readonly kind: 'file' | 'tree' | 'glob'
  readonly isEmpty: boolean
  /** Of the tree manifest of its entries, of the file itself for a file. Known without listing anything when no file changed. */
  readonly digest: Digest
  /** By path, project-relative. Made anew at each call: there can be a million. */
  entries(): readonly TreeEntry[]
}

interface InputPlace {
  readonly path: string
  readonly is: 'file' | 'tree' | 'glob' | 'absent'
  readonly folder: string | undefined
  readonly outputs: readonly string[]
  readonly isOutput: (path: string) => boolean
}

/** @param made takes the memos that were not known yet. */
export function snapshotInput(
  place: InputPlace,
  known: { readonly blocks: Blocks; readonly memos: ReadonlyMap<string, Digest> },
  made: Map<string, Digest>,
): SnapshotInput {
  const { path, is, folder } = place
  const files = () => filesOf(place, known.blocks)
  const entries = () => [...files()].sort((a, b) => (a.path < b.path ? -1 : 1))
  const isEmpty = files().next().done === true
  if (folder === undefined || is === 'file' || is === 'absent') {
    const [only] = entries()
    const digest = only?.digest ?? treeOf([]).digest
    return { path, kind: 'file', isEmpty, digest, entries }
  }
  const fingerprint = fingerprintOf(place, folder, known.blocks)
  let digest = known.memos.get(fingerprint) ?? made.get(fingerprint)
  if (digest === undefined) {
    digest = treeOf(withinInput(path, is, entries())).digest
    made.set(fingerprint, digest)
  }
  return { path, kind: is, isEmpty, digest, entries }
}

/** Paths in the manifest of a folder begin beneath it; those of a glob are the project's. */
export function withinInput(
  path: string,
  kind: SnapshotInput['kind'],
  entries: readonly TreeEntry[],
): readonly TreeEntry[] {
  if (kind !== 'tree') return entries
  return entries.map(({ path: whole, mode, digest, size }) => ({
    path: whole.slice(path.length + 1),
    ...{ mode, digest, size },
  }))
}

function* filesOf(place: InputPlace, blocks: Blocks): Generator<TreeEntry> {
  const { path, is, folder, outputs, isOutput } = place
  if (is === 'file') {
    const entry = looseEntry(blocks, path)
    if (entry !== undefined) yield entry
  }
  if (folder === undefined) return
  const free = !outputs.some((output) => folder === '' || isWithin(output, folder))
  const matches = is === 'glob' ? globMatcher(path) : () => true
  yield* filesIn(blocks, folder, (file) => matches(file) && (free || !isOutput(file)))
}

/** Over all that decides the manifest, without making a string per file. Sizes are not in it: the digests stand for them. */
function fingerprintOf(place: InputPlace, top: string, blocks: Blocks): string {
  const hash = createHash('sha256')
  const outputs = place.outputs.filter((output) => top === '' || isWithin(output, top)).sort()
  hash.update(JSON.stringify(['input 1', place.is, place.path, outputs]))
  for (const [folder, { nameBytes, kinds, digests }] of foldersIn(blocks, top)) {
    hash.update(JSON.stringify([folder, nameBytes.length, kinds.length]))
    hash.update(nameBytes).update(kinds).update(digests)
  }
  return hash.digest('hex')
}
