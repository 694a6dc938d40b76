// `lockstep import dvc` on the disk: reads the project folder, and writes lockstep.yaml beside dvc.yaml or into a copy.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeFileAtomically } from '../../foundation/atomic-file.ts'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { parseProject } from '../../project/parse-project.ts'
import { renderProblems } from '../../project/problems.ts'
import { fileUnreadable, storeUnwritable } from '../artifacts/file-errors.ts'
import { inParallel } from '../artifacts/in-parallel.ts'
import { isWithin } from '../artifacts/relative-path.ts'
import type { ImportNote } from './dvc-notes.ts'
import type { ImportedProject, ProjectFiles } from './imported-project.ts'
import { translateDvc } from './translate-dvc.ts'
import { projectFileText } from './write-project-file.ts'

export interface DvcImportRequest {
  /** Absolute; holds dvc.yaml, or folders with one. */
  readonly folder: string
  /** Absolute; the project is copied there. Null: lockstep.yaml goes beside dvc.yaml. */
  readonly out: string | null
  readonly overwrite: 'refuse' | 'replace'
  readonly write: 'yes' | 'only_show'
}

export interface DvcImportReport {
  readonly folder: string
  /** Null when nothing was written. */
  readonly written: string | null
  readonly text: string
  readonly steps: ImportedProject['steps']
  readonly datasets: ImportedProject['datasets']
  readonly notes: readonly ImportNote[]
}

const fileName = 'lockstep.yaml'

export async function importDvc(request: DvcImportRequest): Promise<DvcImportReport> {
  const { folder, out } = request
  const files = projectFiles(folder)
  const translated = translateDvc(basename(out ?? folder), files)
  if (isRefusal(translated)) {
    throw new LockstepError({
      code: translated.refused,
      kind: 'invalid',
      message: `${folder} cannot be imported: ${translated.because}`,
      hint: 'name the folder of a DVC project: lockstep import dvc FOLDER',
    })
  }
  const { project, notes } = translated
  const text = projectFileText(project)
  checkParses(text)
  const target = join(out ?? folder, fileName)
  if (request.write === 'yes') {
    if (request.overwrite === 'refuse' && isThere(target)) throw alreadyThere(target)
    try {
      if (out !== null) await copyProject(folder, out, { files, project })
      await ignoreDataFolder(out ?? folder)
      await writeFileAtomically(target, text)
    } catch (error) {
      throw storeUnwritable(error, out ?? folder)
    }
  }
  const written = request.write === 'yes' ? target : null
  return { folder, written, text, notes, steps: project.steps, datasets: project.datasets }
}

const leftAside =
  /^(\.git|\.dvc|\.lockstep|\.hg|\.svn|node_modules|__pycache__|\.venv|venv|\.tox|\.ipynb_checkpoints|\.mypy_cache|\.pytest_cache)$/
const largestText = 16 * 1024 * 1024
const mostFiles = 1_000_000

function projectFiles(folder: string): ProjectFiles {
  const paths = new Set<string>()
  const folders = new Set<string>()
  const walk = (below: string) => {
    for (const entry of entriesOf(folder, below)) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (leftAside.test(entry.name) || entry.isSymbolicLink()) continue
      if (entry.isDirectory()) {
        folders.add(path)
        walk(path)
      } else if (entry.isFile() && paths.size < mostFiles) paths.add(path)
    }
  }
  walk('')
  return {
    paths: [...paths].sort(),
    kindOf: (path) => (paths.has(path) ? 'file' : folders.has(path) ? 'folder' : null),
    read: (path) => {
      if (!paths.has(path) || statSync(join(folder, path)).size > largestText) return undefined
      return readFileSync(join(folder, path), 'utf8')
    },
  }
}

function entriesOf(folder: string, below: string) {
  try {
    return readdirSync(join(folder, below), { withFileTypes: true })
  } catch (error) {
    if (below !== '' && systemCodeOf(error) === 'EACCES') return []
    throw fileUnreadable(error, join(folder, below))
  }
}

/** What was generated must be readable by ourselves; if not, the fault is ours and is shown. */
function checkParses(text: string): void {
  const { problems } = parseProject(text)
  if (problems.length === 0) return
  throw new LockstepError({
    code: 'import.not_a_project',
    kind: 'invalid',
    message: `what was made of it is no valid project, so nothing was written\n\n${renderProblems(fileName, text, problems)}`,
    hint: 'change the named stage in dvc.yaml, then import again',
  })
}

/** Everything but what the steps make themselves, and what DVC keeps for itself. */
async function copyProject(
  folder: string,
  out: string,
  { files, project }: { readonly files: ProjectFiles; readonly project: ImportedProject },
): Promise<void> {
  const made = project.steps.flatMap((step) => step.outputs)
  const wanted = files.paths.filter(
    (path) =>
      path !== fileName &&
      !/(^|\/)(dvc\.(yaml|lock)|\.dvcignore)$|\.dvc$/.test(path) &&
      !made.some((one) => isWithin(path, one)) &&
      !isWithin(join(folder, path), out),
  )
  await inParallel(wanted, 8, async (path) => {
    await makeFolder(dirname(join(out, path)))
    await copyFile(join(folder, path), join(out, path))
  })
}

async function ignoreDataFolder(folder: string): Promise<void> {
  const path = join(folder, '.gitignore')
  const text = await readFile(path, 'utf8').catch(() => '')
  if (/^\/?\.lockstep\/?$/m.test(text)) return
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  await writeFileAtomically(path, `${text}${gap}.lockstep/\n`)
}

function isThere(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch {
    return false
  }
}

function alreadyThere(path: string): LockstepError {
  return new LockstepError({
    code: 'import.already_there',
    kind: 'conflict',
    message: `${path} exists already; nothing was written`,
    hint: 'look at what would be written with --dry-run, write elsewhere with --out FOLDER, or write over it with --force',
  })
}
