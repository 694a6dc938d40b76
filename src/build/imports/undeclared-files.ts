// Files that a command reads though nothing declares them. DVC runs in the project folder and never notices; a step sees only
// what is declared. Found by reading: words of the command, local modules that Python files import, and file names they hold. Pure.
import { posix } from 'node:path'
import { isWithin } from '../artifacts/relative-path.ts'
import type { ProjectFiles } from './imported-project.ts'

export interface FoundFile {
  readonly path: string
  /** `its command names it`, `src/train.py imports it`. */
  readonly because: string
}

export interface ToLookThrough {
  readonly command: string
  readonly folder: string
  readonly inputs: readonly string[]
  /** Files that arrive otherwise: parameter files and the step's own outputs. */
  readonly elsewhere: readonly string[]
  /** Outputs of all steps: what lies there is made, not given. */
  readonly made: readonly string[]
}

export function undeclaredFiles(step: ToLookThrough, files: ProjectFiles): FoundFile[] {
  const found = new Map<string, string>()
  const covered = (path: string) =>
    [...step.inputs, ...step.elsewhere, ...step.made].some((one) => isWithin(path, one)) ||
    step.inputs.includes('**')
  const take = (path: string, because: string) => {
    if (path === '' || covered(path) || found.has(path)) return
    if (files.kindOf(path) !== null) found.set(path, because)
  }
  for (const word of wordsOf(step.command)) {
    const path = inside(step.folder, word)
    if (path !== null && !step.made.some((one) => isWithin(one, path)))
      take(path, 'its command names it')
  }
  for (const path of modulesOf(step, files)) take(path, 'its command runs it as a module')
  followPython(step, files, found, take)
  return [...found].map(([path, because]) => ({ path, because }))
}

function followPython(
  step: ToLookThrough,
  files: ProjectFiles,
  found: ReadonlyMap<string, string>,
  take: (path: string, because: string) => void,
): void {
  const scripts = () =>
    [...step.inputs, ...found.keys()].flatMap((path) =>
      files.kindOf(path) === 'folder'
        ? files.paths.filter((one) => one.endsWith('.py') && isWithin(one, path))
        : path.endsWith('.py')
          ? [path]
          : [],
    )
  const seen = new Set<string>()
  for (let next = scripts(); next.some((path) => !seen.has(path)); next = scripts()) {
    for (const script of next) {
      if (seen.has(script)) continue
      seen.add(script)
      const text = files.read(script) ?? ''
      for (const path of localImports(text, script, step.folder, files))
        take(path, `${script} imports it`)
      for (const name of namesIn(text)) {
        const path = inside(step.folder, name)
        if (path !== null && files.kindOf(path) === 'file') take(path, `${script} has its name`)
      }
    }
  }
}

/** Everything between blanks, quotes and the shell's own signs; `--data=x` counts as `x`. */
function wordsOf(command: string): string[] {
  return command
    .split(/[\s'"`;|&<>()]+/)
    .flatMap((word) => [word, word.slice(word.indexOf('=') + 1)])
    .filter((word) => /^[\w./@+-]+$/.test(word) && !word.startsWith('-'))
}

/** `python -m src.train` runs src/train.py and has the packages above it. */
function modulesOf({ command, folder }: ToLookThrough, files: ProjectFiles): string[] {
  return [...command.matchAll(/\s-m\s+([A-Za-z_][\w.]*)/g)].flatMap((match) =>
    moduleFiles(match[1] ?? '', folder, files),
  )
}

function localImports(text: string, script: string, folder: string, files: ProjectFiles): string[] {
  const beside = posix.dirname(script) === '.' ? '' : posix.dirname(script)
  const plain = [
    ...text.matchAll(
      /^\s*(?:import\s+([\w., \t]+)|from\s+([A-Za-z_][\w.]*)\s+import\s+([^\n#]+))/gm,
    ),
  ]
  const named = plain.flatMap(([, imported = '', from = '', members = '']) => [
    ...imported.split(',').map((one) => one.trim().split(/\s/)[0] ?? ''),
    ...(from === '' ? [] : [from, ...memberNames(members).map((one) => `${from}.${one}`)]),
  ])
  const relative = [...text.matchAll(/^\s*from\s+(\.+)([\w.]*)\s+import\s+([^\n#]+)/gm)].flatMap(
    ([, dots = '.', from = '', members = '']) => {
      const base = inside(beside, '../'.repeat(dots.length - 1) || '.') ?? beside
      const names = memberNames(members).map((one) => (from === '' ? one : `${from}.${one}`))
      return [from, ...names].flatMap((one) => (one === '' ? [] : moduleFiles(one, base, files)))
    },
  )
  const roots = [...new Set([beside, folder, ''])]
  return [
    ...named.flatMap((one) => roots.flatMap((root) => moduleFiles(one, root, files))),
    ...relative,
  ]
}

function memberNames(members: string): string[] {
  return members.split(/[,()\s]+/).filter((one) => /^[A-Za-z_]\w*$/.test(one) && one !== 'as')
}

/** `a.b` as a/b.py or a/b/__init__.py below `root`, with the `__init__.py` of the packages on the way. */
function moduleFiles(name: string, root: string, files: ProjectFiles): string[] {
  const parts = name.split('.').filter((part) => part !== '')
  if (parts.length === 0) return []
  const at = (end: string, length: number) =>
    inside(root, `${parts.slice(0, length).join('/')}${end}`) ?? ''
  const own = [
    at('.py', parts.length),
    at('/__init__.py', parts.length),
    at('/__main__.py', parts.length),
  ]
  const present = own.filter((path) => files.kindOf(path) === 'file')
  if (present.length === 0) return []
  const packages = parts.slice(0, -1).map((_, index) => at('/__init__.py', index + 1))
  return [...packages.filter((path) => files.kindOf(path) === 'file'), ...present]
}

/** Texts in a script that look like a path to a file: `open("data/labels.csv")`. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/(['"])([\w./-]{1,200}\.\w{1,10})\1/g)].map((match) => match[2] ?? '')
}

/** Project-relative, or null when it leads out of the project. */
function inside(folder: string, path: string): string | null {
  if (path.startsWith('/')) return null
  const whole = posix.normalize(posix.join(folder === '' ? '.' : folder, path)).replace(/\/+$/, '')
  if (whole === '..' || whole.startsWith('../')) return null
  return whole === '.' ? '' : whole
}
