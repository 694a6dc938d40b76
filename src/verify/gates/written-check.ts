// A check as a person wrote it, on one line: two checks that differ only in their options must not look alike.
import type { RawCheck } from '../../project/gate-spec.ts'

/** `recall >= 0.4 {each: sex}`; the options in the order they were written. */
export function writtenCheck({ text, options }: Pick<RawCheck, 'text' | 'options'>): string {
  const entries = Object.entries(options)
  if (entries.length === 0) return text.trim()
  return `${text.trim()} {${entries.map(([name, value]) => `${name}: ${shown(value)}`).join(', ')}}`
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([name, inner]) => `${name}: ${shown(inner)}`)
  return `{${entries.join(', ')}}`
}
