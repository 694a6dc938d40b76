// A line of a list of checks, as text or as a map, as the check language takes it.
import type { RawLine } from './dataset-schema.ts'
import type { RawCheck } from './gate-spec.ts'

/** As many as the map has keys; one is right. */
export function rawChecks(line: RawLine, position: RawCheck['position']): RawCheck[] {
  if (typeof line === 'string') return [{ text: line, options: {}, position }]
  if (isSqlCheck(line)) {
    const name =
      typeof line.name === 'string' ? `sql(${line.name.replaceAll(/[()]/g, ' ')})` : 'sql'
    return [{ text: name, options: line, position }]
  }
  return Object.entries(line).map(([text, options]) => ({
    text,
    options: options as RawCheck['options'],
    position,
  }))
}

/** A map whose sql is a text, unlike that of a check in the form of assertion and options. */
function isSqlCheck(line: Exclude<RawLine, string>): line is Extract<RawLine, { sql: string }> {
  return typeof line.sql === 'string'
}
