// Plain values → TOML text, one key a line: a step that reads TOML gets TOML, with numbers and dates as they were written.
import { literalIn } from './read-toml.ts'

/** `a.b = {c = 1.0}`. */
export function tomlLine(names: readonly string[], text: string): string {
  return `${names.map(keyText).join('.')} = ${text}\n`
}

/** A value on one line; `container` and `member` say where it stands, so that its own form is known. */
export function tomlText(value: unknown, container: object, member: string): string {
  const literal = literalIn(container, member)
  if (literal !== undefined) return literal
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number' || typeof value === 'boolean') return numberText(value)
  if (Array.isArray(value))
    return `[${value.map((item, index) => tomlText(item, value, String(index))).join(', ')}]`
  const members = Object.entries(value ?? {})
  return `{${members.map(([name, one]) => `${keyText(name)} = ${tomlText(one, value ?? {}, name)}`).join(', ')}}`
}

function keyText(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : stringText(name)
}

function stringText(text: string): string {
  // JSON escapes are TOML escapes; the one control character JSON leaves as it is must be escaped here.
  return JSON.stringify(text).replaceAll('\u007f', '\\u007F')
}

function numberText(value: number | boolean): string {
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  // 1e21 and 1e-7 are floats in TOML as they stand.
  return text
}
