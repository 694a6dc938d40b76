// Project templates: the example projects of this package, copied without what running them leaves behind.
import type { Dirent } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeFileAtomically } from '../foundation/atomic-file.ts'
import { LockstepError, systemCodeOf } from '../foundation/errors.ts'
import { projectFileName } from '../project/load-project.ts'
import { didYouMean } from '../project/problems.ts'

/** The same place seen from `src/cli` and from `dist/cli`. */
const examplesDir = fileURLToPath(new URL('../../examples/', import.meta.url))
export const schemaFileName = '.lockstep-schema.json'

/** Where a file goes that the example keeps elsewhere; null leaves it out. */
const places: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  income: {
    // The project watches data/survey; the later year is there to be moved in.
    'data/1994.parquet': 'data/survey/1994.parquet',
    'data/1995.parquet': 'data/later/1995.parquet',
    'data/make_data.py': null,
  },
}
/** What a template takes from another example instead of carrying it twice: place in the project → file below examples/. */
const borrowed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'income-python': { 'data/survey/1994.parquet': 'income/data/1994.parquet' },
}
const leftBehind =
  /^(\.lockstep.*|\.quickstart|\.venv|\.git|__pycache__|node_modules|.*\.(log|onnx|tmp))$/
const leftBehindAtTop = /^(train|holdout)\.parquet$|\.local$/

export async function templateNames(): Promise<string[]> {
  const entries = await readdir(examplesDir, { withFileTypes: true }).catch(() => [])
  const found: string[] = []
  for (const entry of entries) {
    if (!entry.isDirectory()) continue
    const spec = join(examplesDir, entry.name, projectFileName)
    if (await stat(spec).catch(() => null)) found.push(entry.name)
  }
  return found.sort()
}

/** Copies the template and gives the new project its own schema file and .gitignore. Returns the files, relative to `target`. */
export async function copyTemplate(template: string, target: string): Promise<string[]> {
  await requireTemplate(template)
  const source = join(examplesDir, template)
  const written: string[] = []
  for (const file of await filesOf(source)) {
    const place = places[template]?.[file]
    if (place === null) continue
    const to = join(target, place ?? file)
    await mkdir(dirname(to), { recursive: true })
    if (file === projectFileName) await writeProjectFile(join(source, file), to)
    else await copyFile(join(source, file), to)
    written.push(place ?? file)
  }
  for (const [place, file] of Object.entries(borrowed[template] ?? {})) {
    await mkdir(dirname(join(target, place)), { recursive: true })
    await copyFile(join(examplesDir, file), join(target, place))
    written.push(place)
  }
  const { lockstepJsonSchema } = await import('../project/lockstep-schema.ts')
  const schema = `${JSON.stringify(lockstepJsonSchema(), null, 2)}\n`
  await writeFileAtomically(join(target, schemaFileName), schema)
  await writeFileAtomically(join(target, '.gitignore'), '.lockstep/\n')
  return [...written, schemaFileName, '.gitignore'].sort()
}

/** Completion in editors works offline: the schema lies beside the file. */
async function writeProjectFile(from: string, to: string): Promise<void> {
  const comment = `# yaml-language-server: $schema=./${schemaFileName}`
  const text = (await readFile(from, 'utf8')).replace(/^# yaml-language-server:.*\n/, '')
  await writeFileAtomically(to, `${comment}\n${text}`)
}

async function filesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relativePath(dir, entry))
    .filter((path) => !path.split('/').some((part) => leftBehind.test(part)))
    .filter((path) => !leftBehindAtTop.test(path))
    .sort()
}

function relativePath(dir: string, entry: Dirent): string {
  return join(entry.parentPath, entry.name)
    .slice(dir.length + 1)
    .split(sep)
    .join('/')
}

async function requireTemplate(template: string): Promise<void> {
  const names = await templateNames()
  if (names.includes(template)) return
  const meant = didYouMean(template, names)
  throw new LockstepError({
    code: 'cli.template_unknown',
    kind: 'invalid',
    message:
      names.length === 0
        ? `this copy of Lockstep came without templates (looked in ${examplesDir})`
        : `there is no template '${template}'; there is ${names.join(', ')}`,
    ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }),
  })
}

/** Throws `cli.target_not_empty` unless the folder is new, empty, or holds only a git repository. */
export async function requireEmpty(target: string): Promise<void> {
  let names: string[]
  try {
    names = await readdir(target)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return
    throw new LockstepError({
      code: 'cli.target_unusable',
      kind: 'invalid',
      message:
        systemCodeOf(error) === 'ENOTDIR'
          ? `${target} is a file; a project needs a folder`
          : `${target} cannot be read (${systemCodeOf(error)})`,
      hint: 'choose another folder',
      cause: error,
    })
  }
  const present = names.filter((name) => name !== '.git')
  if (present.length === 0) return
  throw new LockstepError({
    code: 'cli.target_not_empty',
    kind: 'invalid',
    message: `${target} is not empty (it has ${present.slice(0, 3).join(', ')}${present.length > 3 ? ', …' : ''}); nothing was written`,
    hint: 'choose a new folder, or write over what is there: --force',
  })
}
