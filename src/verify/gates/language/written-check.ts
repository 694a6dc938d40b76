// A check as a person wrote it, on one line: two checks that differ only in their options must not look alike.
import type { RawCheck } from '../../../project/gate-spec.ts'

/** `recall >= 0.4 {each: sex}`; the options in the order they were written. */
export function writtenCheck({ text, options }: Pick<RawCheck, 'text' | 'options'>): string {
  const { line, beside } = lineOf(text.trim(), options)
  const entries = Object.entries(beside)
  if (entries.length === 0) return line
  return `${line} {${entries.map(([name, value]) => `${name}: ${shown(value)}`).join(', ')}}`
}

/** The line of an SQL check was made from its options: it shows its name, or its statement. */
function lineOf(line: string, options: RawCheck['options']) {
  const { sql, name, ...beside } = options
  if (typeof sql !== 'string' || !/^sql\s*(\(.*\))?$/s.test(line)) return { line, beside: options }
  if (line !== 'sql') return { line, beside }
  const statement = JSON.stringify(sql.trim().replaceAll(/\s+/g, ' '))
  return { line: `sql ${statement}`, beside: name === undefined ? beside : { name, ...beside } }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([name, inner]) => `${name}: ${shown(inner)}`)
  return `{${entries.join(', ')}}`
}
