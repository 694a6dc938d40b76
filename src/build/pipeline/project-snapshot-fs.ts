// The project's own input files as they were when the run began: looked at and digested once, for all steps.
import { lstat } from 'node:fs/promises'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { systemCodeOf } from '../../foundation/errors.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { fileUnreadable, notAPlainFile } from '../artifacts/file-errors.ts'
import type { FileIndexPort } from '../artifacts/file-index.ts'
import type { FileStamp } from '../artifacts/file-stat.ts'
import { observeFiles } from '../artifacts/observe-files-fs.ts'
import { foldersAbove } from '../artifacts/relative-path.ts'
import { isGlob, literalFolder } from './path-pattern.ts'
import { stampFinder } from './snapshot-files.ts'
import { type SnapshotInput, snapshotInput } from './snapshot-input.ts'

export interface SnapshotRequest {
  readonly projectDir: string
  readonly steps: readonly StepSpec[]
  /** Output paths: whatever lies there in the project is an old copy, not an input. */
  readonly outputs: ReadonlyMap<string, string>
  readonly index: FileIndexPort
  readonly now: Instant
}

export interface ProjectSnapshot {
  /** By declared input; one that names nothing is there, and empty. Inputs that a step makes are not. */
  readonly inputs: ReadonlyMap<string, SnapshotInput>
  stampOf(path: string): FileStamp | undefined
  /** Every file of every input. */
  paths(): Iterable<string>
  /** How many files had to be read. */
  readonly hashed: number
}

export async function snapshotProject(request: SnapshotRequest): Promise<ProjectSnapshot> {
  const { projectDir, steps, outputs, index, now } = request
  const isOutput = (path: string) => [path, ...foldersAbove(path)].some((at) => outputs.has(at))
  const declared = [...new Set(steps.flatMap((step) => step.inputs))].filter(
    (input) => !isOutput(input),
  )
  const places = new Map<string, Place>()
  for (const input of declared) places.set(input, await placeOf(projectDir, input))
  const observed = await observeFiles({
    ...{ root: projectDir, index, now },
    folders: [...places.values()].flatMap(({ folder }) => folder ?? []),
    files: declared.filter((input) => places.get(input)?.is === 'file'),
  })
  const memos = new Map<string, Digest>()
  const inputs = new Map<string, SnapshotInput>()
  for (const [path, { is, folder }] of places) {
    const input = { path, is, folder, outputs: [...outputs.keys()], isOutput }
    inputs.set(path, snapshotInput(input, observed, memos))
  }
  await observed.keep(memos)
  return {
    inputs,
    stampOf: stampFinder(observed.blocks),
    *paths() {
      for (const input of inputs.values()) for (const { path } of input.entries()) yield path
    },
    hashed: observed.hashed,
  }
}

interface Place {
  readonly is: 'file' | 'tree' | 'glob' | 'absent'
  /** Where its files are, when it is not one file. */
  readonly folder?: string
}

async function placeOf(projectDir: string, input: string): Promise<Place> {
  if (!isGlob(input)) {
    const is = await kindOf(projectDir, input)
    if (is === 'folder') return { is: 'tree', folder: input }
    return { is: is === 'absent' ? 'absent' : 'file' }
  }
  const folder = literalFolder(input)
  const is = folder === '' ? 'folder' : await kindOf(projectDir, folder)
  if (is === 'link') throw notAPlainFile(folder, 'link')
  return is === 'folder' ? { is: 'glob', folder } : { is: 'absent' }
}

/** Walks down from the project folder: a folder on the way that is a link would make one file lie in two places, and is refused. */
async function kindOf(
  projectDir: string,
  path: string,
): Promise<'file' | 'link' | 'folder' | 'absent'> {
  for (const place of [...foldersAbove(path).reverse(), path]) {
    try {
      const stat = await lstat(`${projectDir}/${place}`)
      if (place !== path) {
        if (stat.isSymbolicLink()) throw notAPlainFile(place, 'link')
        continue
      }
      if (stat.isSymbolicLink()) return 'link'
      if (stat.isDirectory()) return 'folder'
      if (!stat.isFile()) throw notAPlainFile(place, 'special')
    } catch (error) {
      const code = systemCodeOf(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent'
      throw fileUnreadable(error, place)
    }
  }
  return 'file'
}
