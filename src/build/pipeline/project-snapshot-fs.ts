// The project's own input files as they were when the run began: listed and digested once, for all steps.
import { lstat } from 'node:fs/promises'
import type { Instant } from '../../foundation/clock.ts'
import { systemCodeOf } from '../../foundation/errors.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { digestInputs } from '../artifacts/digest-files-fs.ts'
import { fileUnreadable, notAPlainFile } from '../artifacts/file-errors.ts'
import type { FileIndexPort, FileStamp } from '../artifacts/file-index.ts'
import { listTree } from '../artifacts/list-tree-fs.ts'
import { foldersAbove } from '../artifacts/relative-path.ts'
import { globMatcher, isGlob, literalFolder } from './path-pattern.ts'

export interface SnapshotRequest {
  readonly projectDir: string
  readonly steps: readonly StepSpec[]
  /** Output paths: whatever lies there in the project is an old copy, not an input. */
  readonly outputs: ReadonlyMap<string, string>
  readonly index: FileIndexPort
  readonly now: Instant
}

export interface ProjectSnapshot {
  /** Declared input → the project files it names (outputs of steps are not among them). */
  readonly files: ReadonlyMap<string, readonly string[]>
  readonly stamps: ReadonlyMap<string, FileStamp>
}

export async function snapshotProject(request: SnapshotRequest): Promise<ProjectSnapshot> {
  const { projectDir, steps, outputs, index, now } = request
  const isOutput = (path: string) => [path, ...foldersAbove(path)].some((at) => outputs.has(at))
  const files = new Map<string, readonly string[]>()
  for (const input of new Set(steps.flatMap((step) => step.inputs))) {
    if (isOutput(input)) continue
    const named = isGlob(input)
      ? await filesOfGlob(projectDir, input)
      : await filesOfPath(projectDir, input)
    files.set(
      input,
      named.filter((path) => !isOutput(path)),
    )
  }
  const paths = [...new Set([...files.values()].flat())]
  const { stamps } = await digestInputs({ root: projectDir, paths, index, now })
  return { files, stamps }
}

async function filesOfPath(projectDir: string, input: string): Promise<string[]> {
  const kind = await kindOf(projectDir, input)
  if (kind === 'absent') return []
  if (kind === 'file') return [input]
  return (await listTree(`${projectDir}/${input}`)).map((found) => {
    if (found.kind !== 'file') throw notAPlainFile(`${input}/${found.path}`, found.kind)
    return `${input}/${found.path}`
  })
}

async function filesOfGlob(projectDir: string, glob: string): Promise<string[]> {
  const folder = literalFolder(glob)
  const prefix = folder === '' ? '' : `${folder}/`
  if (folder !== '' && (await kindOf(projectDir, folder)) !== 'folder') return []
  const matches = globMatcher(glob)
  return (await listTree(`${projectDir}/${folder}`)).flatMap((found) => {
    const path = `${prefix}${found.path}`
    if (!matches(path)) return []
    if (found.kind !== 'file') throw notAPlainFile(path, found.kind)
    return [path]
  })
}

/** Walks down from the project folder, so that a link on the way is refused and not followed out of it. */
async function kindOf(projectDir: string, path: string): Promise<'file' | 'folder' | 'absent'> {
  for (const place of [...foldersAbove(path).reverse(), path]) {
    try {
      const stat = await lstat(`${projectDir}/${place}`)
      if (stat.isSymbolicLink()) throw notAPlainFile(place, 'link')
      if (place === path && stat.isDirectory()) return 'folder'
      if (place === path && !stat.isFile()) throw notAPlainFile(place, 'special')
    } catch (error) {
      const code = systemCodeOf(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent'
      throw fileUnreadable(error, place)
    }
  }
  return 'file'
}
