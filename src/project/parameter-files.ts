// Parameter files by their ending: TOML, JSON or YAML.
import { parse as parseYaml } from 'yaml'
import { readToml } from './read-toml.ts'

/** @throws Error whose first line says what is wrong, and where. */
export function parseParameters(path: string, text: string): unknown {
  if (/\.toml$/i.test(path)) return readToml(text)
  const values: unknown = parseYaml(text)
  const fault = faultIn(values, '', [])
  if (fault !== null) throw new Error(fault)
  return values
}

/** YAML can say what no JSON can: a list that holds itself, a number without end. A step would get neither. */
function faultIn(value: unknown, at: string, above: readonly object[]): string | null {
  const name = at === '' ? 'the file' : at
  if (typeof value === 'number' && !Number.isFinite(value))
    return `${name} is ${value}, which has no form in JSON; write it as a text`
  if (typeof value !== 'object' || value === null) return null
  if (above.includes(value)) return `${name} holds itself`
  for (const [key, member] of Object.entries(value)) {
    const fault = faultIn(member, at === '' ? key : `${at}.${key}`, [...above, value])
    if (fault !== null) return fault
  }
  return null
}
