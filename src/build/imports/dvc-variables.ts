// The variables of a dvc.yaml or of one of its stages: params.yaml by default, files named under `vars`, and maps written there. Pure.
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { joined } from './dvc-paths.ts'
import { type DvcMap, type DvcValue, isMap, parseDvcFile } from './dvc-values.ts'

/** The text of a project file, or undefined when there is none. */
export type ReadText = (path: string) => string | undefined

export interface VariableSource {
  readonly vars: readonly DvcValue[]
  /** Project-relative folder that `vars` and the default file are relative to. */
  readonly folder: string
  readonly read: ReadText
  readonly base: DvcMap
}

export function defaultVariables(folder: string, read: ReadText): DvcMap | Refusal {
  const path = joined(folder, 'params.yaml')
  if (isRefusal(path)) return path
  const text = read(path)
  return text === undefined ? new Map() : parseDvcFile(path, text)
}

/** Later ones add; what is there already may only be added to, never changed: DVC refuses that too. */
export function withVariables({ vars, folder, read, base }: VariableSource): DvcMap | Refusal {
  let variables = base
  for (const one of vars) {
    const more = typeof one === 'string' ? fromFile(one, folder, read) : one
    if (isRefusal(more)) return more
    if (!isMap(more)) return refuse('import.vars', 'an entry of vars is neither a file nor a map')
    const merged = mergeMaps(variables, more, '')
    if (isRefusal(merged)) return merged
    variables = merged
  }
  return variables
}

function fromFile(item: string, folder: string, read: ReadText): DvcMap | Refusal {
  const colon = item.indexOf(':')
  const path = joined(folder, colon < 0 ? item : item.slice(0, colon))
  if (isRefusal(path)) return path
  const keys =
    colon < 0
      ? []
      : item
          .slice(colon + 1)
          .split(',')
          .filter((key) => key !== '')
  if (/\.(py|toml)$/i.test(path)) {
    return refuse(
      'import.vars_format',
      `variables are read from YAML and JSON, and ${path} is neither`,
    )
  }
  const text = read(path)
  if (text === undefined)
    return refuse('import.vars_missing', `the file of variables ${path} does not exist`)
  const whole = parseDvcFile(path, text)
  if (isRefusal(whole) || keys.length === 0) return whole
  const missing = keys.find((key) => !whole.has(key))
  if (missing !== undefined) return refuse('import.vars_missing', `${path} has no key ${missing}`)
  return new Map(keys.map((key) => [key, whole.get(key) ?? null]))
}

function mergeMaps(into: DvcMap, more: DvcMap, above: string): DvcMap | Refusal {
  const merged = new Map(into)
  for (const [key, value] of more) {
    const present = merged.get(key)
    if (present === undefined) merged.set(key, value)
    else if (isMap(present) && isMap(value)) {
      const deeper = mergeMaps(present, value, `${above}${key}.`)
      if (isRefusal(deeper)) return deeper
      merged.set(key, deeper)
    } else if (!same(present, value)) {
      return refuse('import.vars_twice', `the variable ${above}${key} has two values`)
    }
  }
  return merged
}

/** DVC lets a file be named twice. */
function same(a: DvcValue, b: DvcValue): boolean {
  return a === b
}
