// Parameter files by their ending: TOML, JSON or YAML.
import { parse as parseYaml } from 'yaml'
import { readToml } from './read-toml.ts'

export function parseParameters(path: string, text: string): unknown {
  return /\.toml$/i.test(path) ? readToml(text) : parseYaml(text)
}
