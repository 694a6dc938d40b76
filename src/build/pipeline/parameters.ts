// Parameters: only the declared keys of a file count for a step, and only those reach it.
import type { Json } from '../../foundation/canonical-json.ts'
import type { Refusal } from '../../foundation/refusal.ts'
import { isRefusal, refuse } from '../../foundation/refusal.ts'
import type { ParameterSpec } from '../../project/step-spec.ts'
import { didYouMean } from './nearest-name.ts'

export interface Parameter {
  readonly file: string
  /** Dotted; '' is the whole file. */
  readonly key: string
  readonly value: Json
}

/** Whole parsed files by project-relative path. */
export type ParameterFiles = ReadonlyMap<string, unknown>

/** Sorted by file and key, each once: the order in which they were declared means nothing. */
export function pickParameters(
  specs: readonly ParameterSpec[],
  files: ParameterFiles,
): readonly Parameter[] | Refusal {
  const picked = new Map<string, Parameter>()
  for (const { file, key } of specs) {
    if (!files.has(file)) {
      return refuse('params.no_file', `there is no file ${file}${didYouMean(file, files.keys())}`)
    }
    const value = valueAt(files.get(file), key, file)
    if (isRefusal(value)) return value
    picked.set(`${file}\u0000${key}`, { file, key, value: value.found })
  }
  return [...picked].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, parameter]) => parameter)
}

/** The files as the step sees them, as JSON, which every YAML reader reads too. Keys keep their nesting. */
export function filteredFiles(parameters: readonly Parameter[]): ReadonlyMap<string, string> {
  const wholes = new Map<string, Json>()
  for (const { file, key, value } of [...parameters].sort((a, b) => b.key.length - a.key.length)) {
    wholes.set(file, key === '' ? value : withValue(wholes.get(file), key.split('.'), value))
  }
  return new Map([...wholes].map(([file, value]) => [file, `${JSON.stringify(value, null, 2)}\n`]))
}

function valueAt(whole: unknown, key: string, file: string): { found: Json } | Refusal {
  let value = whole
  const walked: string[] = []
  for (const name of key === '' ? [] : key.split('.')) {
    const place = walked.length === 0 ? file : `${walked.join('.')} in ${file}`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse('params.no_key', `parameter ${key}: ${place} has no named members`)
    }
    if (!Object.hasOwn(value, name)) {
      const known = Object.keys(value)
      return refuse(
        'params.no_key',
        `parameter ${key}: ${place} has no ${name}${didYouMean(name, known)} (it has ${known.slice(0, 8).join(', ')})`,
      )
    }
    value = (value as Record<string, unknown>)[name]
    walked.push(name)
  }
  const problem = notJson(value)
  if (problem === undefined) return { found: value as Json }
  return refuse(
    'params.not_json',
    `parameter ${key || '(all)'} in ${file} holds ${problem}, which has no JSON form`,
  )
}

/** Longer keys come first, so a parent that is declared as well simply replaces what was put for its children. */
function withValue(whole: Json | undefined, names: readonly string[], value: Json): Json {
  const [name, ...rest] = names
  if (name === undefined) return value
  const members =
    typeof whole === 'object' && whole !== null && !Array.isArray(whole)
      ? new Map<string, Json>(Object.entries(whole as Record<string, Json>))
      : new Map<string, Json>()
  members.set(name, withValue(members.get(name), rest, value))
  return Object.fromEntries(members)
}

function notJson(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  if (Array.isArray(value)) return value.map(notJson).find((problem) => problem !== undefined)
  if (typeof value === 'object' && isPlain(value)) return notJson(Object.values(value))
  return value instanceof Date ? 'a date' : `a ${typeof value}`
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
