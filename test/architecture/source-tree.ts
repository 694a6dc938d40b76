// The files of this repository as the house rules see them: what each TypeScript file imports, and every file that is ours.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lineAt, readSource, type SourceText } from './source-text.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Import {
  /** As written: `node:fs`, `zod`, `../store/object.ts`. */
  readonly from: string
  /** The file meant by a relative import, from the root: `src/store/object.ts`; null for packages. */
  readonly file: string | null
  readonly line: number
  /** Erased before the program runs. */
  readonly isTypeOnly: boolean
  /** `import('…')`: loaded when it is reached. */
  readonly isLazy: boolean
}

export interface SourceFile extends SourceText {
  /** From the root, with slashes: `src/store/object.ts`. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
  /** A test, or something only tests use. */
  readonly isTest: boolean
}

/** Made by tools or by running the program; not ours to judge. */
const notOurs = new Set([
  'node_modules',
  '.git',
  '.lockstep',
  '.quickstart',
  '.venv',
  'dist',
  'coverage',
  '__pycache__',
])

/** Every file below `folder`, from the root, sorted. */
export function filesBelow(folder: string): string[] {
  const found: string[] = []
  const visit = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (notOurs.has(entry.name)) continue
      const child = join(path, entry.name)
      if (entry.isDirectory()) visit(child)
      else if (entry.isFile()) found.push(relative(root, child).split(sep).join('/'))
    }
  }
  visit(join(root, folder))
  return found.sort()
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

const sources = new Map<string, readonly SourceFile[]>()

/** The TypeScript files below a folder, read once for all tests of a file. */
export function sourcesBelow(folder: string): readonly SourceFile[] {
  const known = sources.get(folder)
  if (known) return known
  const read = filesBelow(folder)
    .filter((path) => path.endsWith('.ts'))
    .map(readSourceFile)
  sources.set(folder, read)
  return read
}

export function readSourceFile(path: string): SourceFile {
  const text = readText(path)
  const source = readSource(text)
  return { path, text, ...source, imports: importsIn(path, source), isTest: isTestPath(path) }
}

/** Samples and stories are named for what they are and live beside the tests that share them. */
function isTestPath(path: string): boolean {
  return /\.test\.ts$|\/sample-[^/]+\.ts$|[^/]+-story\.ts$|^test\//.test(path)
}

const importForms = [
  /(?:^|\n)[ \t]*(?:import|export)\s+(type\s)?([^'"`;()]*?)\bfrom\s+['"]([^'"]+)['"]/g,
  /(?:^|\n)[ \t]*import\s+()()['"]([^'"]+)['"]/g,
  /\bimport\(()()\s*['"]([^'"]+)['"]\s*\)/g,
]

function importsIn(path: string, source: SourceText): Import[] {
  const found: Import[] = []
  for (const [form, pattern] of importForms.entries()) {
    for (const match of source.withStrings.matchAll(pattern)) {
      const [whole, type, names = '', from = ''] = match
      const start = match.index + whole.search(/\S/)
      // The word may stand in a string that only looks like an import.
      if (!/^(import|export)/.test(source.code.slice(start))) continue
      found.push({
        from,
        file: from.startsWith('.') ? resolveImport(path, from) : null,
        line: lineAt(source.withStrings, start),
        isTypeOnly: Boolean(type) || onlyTypes(names),
        isLazy: form === 2,
      })
    }
  }
  return found
}

/** `{ type A, type B }` is erased as a whole. */
function onlyTypes(names: string): boolean {
  const inside = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1]
  if (inside === undefined) return false
  const parts = inside.split(',').map((part) => part.trim())
  return parts.filter(Boolean).every((part) => part.startsWith('type '))
}

function resolveImport(path: string, from: string): string {
  return join(dirname(path), from).split(sep).join('/')
}
