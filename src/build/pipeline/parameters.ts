// Parameters: only the declared keys of a file count for a step, and only those reach it.
import type { Json } from '../../foundation/canonical-json.ts'
import type { Refusal } from '../../foundation/refusal.ts'
import { isRefusal, refuse } from '../../foundation/refusal.ts'
import { readToml } from '../../project/read-toml.ts'
import type { ParameterSpec } from '../../project/step-spec.ts'
import { tomlLine, tomlText } from '../../project/write-toml.ts'
import { didYouMean } from './nearest-name.ts'

export interface Parameter {
  readonly file: string
  /** Dotted; '' is the whole file. */
  readonly key: string
  readonly value: Json
  /** TOML text of the value, for parameters from TOML: tells 1.0 from 1, a date from a text. */
  readonly toml?: string
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
    picked.set(`${file}\u0000${key}`, {
      file,
      key,
      value: value.found,
      ...tomlOf(value, file, key),
    })
  }
  return [...picked].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, parameter]) => parameter)
}

/** The files as the step sees them: TOML as TOML, YAML as JSON, which every YAML reader reads too. Keys keep their nesting. */
export function filteredFiles(parameters: readonly Parameter[]): ReadonlyMap<string, string> {
  const tomls = Map.groupBy(
    parameters.filter(({ file }) => isToml(file)),
    ({ file }) => file,
  )
  const wholes = new Map<string, Json>()
  const others = parameters.filter(({ file }) => !isToml(file))
  for (const { file, key, value } of others.sort((a, b) => b.key.length - a.key.length)) {
    wholes.set(file, key === '' ? value : withValue(wholes.get(file), key.split('.'), value))
  }
  return new Map([
    ...[...wholes].map(([file, value]) => [file, `${JSON.stringify(value, null, 2)}\n`] as const),
    ...[...tomls].map(([file, picked]) => [file, tomlFile(picked)] as const),
  ])
}

interface Found {
  readonly found: Json
  /** What holds it. */
  readonly container: object
}

function tomlOf({ found, container }: Found, file: string, key: string): { toml?: string } {
  if (!isToml(file)) return {}
  return { toml: tomlText(found, container, key.split('.').at(-1) ?? '') }
}

function isToml(file: string): boolean {
  return /\.toml$/i.test(file)
}

/** Dotted keys, one a line. A key that lies in another declared one comes with that. */
function tomlFile(parameters: readonly Parameter[]): string {
  const whole = parameters.find(({ key }) => key === '')
  if (whole !== undefined) return tomlMembers(whole.toml ?? '{}')
  const keys = parameters.map(({ key }) => key)
  return parameters
    .filter(({ key }) => !keys.some((other) => key.startsWith(`${other}.`)))
    .map(({ key, toml = '' }) => tomlLine(key.split('.'), toml))
    .join('')
}

/** A whole file is one inline table: its members, one a line. */
function tomlMembers(toml: string): string {
  const all = readToml(`all = ${toml}`).all
  if (typeof all !== 'object' || all === null) return ''
  return Object.entries(all)
    .map(([name, value]) => tomlLine([name], tomlText(value, all, name)))
    .join('')
}

function valueAt(whole: unknown, key: string, file: string): Found | Refusal {
  let value = whole
  let container: object = {}
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
    container = value
    value = (value as Record<string, unknown>)[name]
    walked.push(name)
  }
  const problem = notJson(value)
  if (problem === undefined) return { found: value as Json, container }
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
