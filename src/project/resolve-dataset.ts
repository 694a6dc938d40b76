// A dataset as declared → its roles and its checks: the schema of its columns becomes the same lines a person could write.
import type { RawColumn, RawDataset } from './dataset-schema.ts'
import type { RawCheck } from './gate-spec.ts'
import type { Locate, Report } from './problems.ts'
import type { DatasetSpec } from './project-spec.ts'

type Path = readonly (string | number)[]

export interface DatasetPlace {
  readonly name: string
  readonly raw: RawDataset
  readonly report: Report
  readonly locate: Locate
}

export function resolveDataset(
  { name, raw, report, locate }: DatasetPlace,
  written: readonly RawCheck[],
): DatasetSpec {
  const path: Path = ['data', name]
  const columns = Object.entries(raw.schema)
  const withRole = (role: RawColumn['role']) =>
    columns.flatMap(([column, one]) => (one.role === role ? [column] : []))
  const single = (field: 'time' | 'label') => {
    const [first, second] = withRole(field)
    if (second !== undefined)
      report([...path, 'schema', second, 'role'], `${first} is the ${field} already; there is one`)
    if (raw[field] !== undefined && first !== undefined && raw[field] !== first)
      report([...path, field], `the schema says that ${first} is the ${field}`)
    return raw[field] ?? first ?? null
  }
  const key = raw.key === undefined ? withRole('key') : [raw.key].flat()
  const missingValues = Object.fromEntries(
    columns.flatMap(([column, one]) =>
      one.missing_values === undefined ? [] : [[column, one.missing_values] as const],
    ),
  )
  const line = lineMaker(path, report, locate)
  return {
    name,
    path: raw.path,
    key,
    time: single('time'),
    label: single('label'),
    redact: raw.redact,
    missingValues,
    // resolve-project.ts knows the steps.
    madeBy: null,
    checks: [
      ...columnSetChecks(raw, locate([...path, 'columns']) ?? locate([...path, 'schema'])),
      ...columns.flatMap(([column, one]) => columnChecks(column, one, line)),
      ...written,
    ],
  }
}

/** `text` for a field of a column's schema; options beside it. */
type Line = (
  column: string,
  field: string,
  text: string | undefined,
  options?: RawCheck['options'],
) => RawCheck[]

function lineMaker(path: Path, report: Report, locate: Locate): Line {
  return (column, field, text, options = {}) => {
    const place = [...path, 'schema', column, field]
    if (text !== undefined) return [{ text, options, position: locate(place) }]
    report(place, `this ${field} is not understood`, hints[field])
    return []
  }
}

const hints: Readonly<Record<string, string>> = {
  missing: 'write the allowed share: 1%, "< 1%" or 0.01',
  valid: 'write the share that must be right: 99.5% or ">= 99.5%"',
}

function columnSetChecks(raw: RawDataset, position: RawCheck['position']): RawCheck[] {
  const columns = Object.entries(raw.schema)
  if (columns.length === 0) return []
  const optional = columns.flatMap(([column, one]) => (one.required === false ? [column] : []))
  const word = raw.columns === 'open' ? 'has' : raw.columns === 'closed' ? '=' : 'ordered'
  const text = `columns ${word} [${columns.map(([column]) => nameOf(column)).join(', ')}]`
  return [{ text, options: optional.length > 0 ? { optional } : {}, position }]
}

function columnChecks(column: string, one: RawColumn, line: Line): RawCheck[] {
  const name = nameOf(column)
  const mostly = one.valid === undefined ? undefined : (mostlyOf(one.valid) ?? null)
  const absent = one.required === false ? { if_present: true } : {}
  const rows = { ...(typeof mostly === 'string' ? { mostly } : {}), ...absent }
  const checks: RawCheck[] = []
  const add = (field: string, text: string | undefined, options: RawCheck['options'] = absent) =>
    checks.push(...line(column, field, text, options))
  if (mostly === null) add('valid', undefined)
  if (one.type !== undefined) add('type', `${name} is ${typeWords[one.type] ?? one.type}`)
  if (one.required === true) add('required', `missing(${name}) = 0`)
  if (one.missing !== undefined) {
    const limit = missingLimit(one.missing)
    add('missing', limit === undefined ? undefined : `missing(${name}) ${limit}`)
  }
  if (one.unique) add('unique', `unique(${name})`)
  if (one.between !== undefined)
    add('between', `${name} between ${one.between[0]} and ${one.between[1]}`, rows)
  if (one.min !== undefined) add('min', `min(${name}) >= ${one.min}`, rows)
  if (one.max !== undefined) add('max', `max(${name}) <= ${one.max}`, rows)
  if (one.in !== undefined) {
    const values = one.in.map((value) => JSON.stringify(value)).join(', ')
    add('in', `${name} in [${values}]`, {
      ...rows,
      ...(one.new_values === 'warn' ? { severity: 'warn' } : {}),
    })
  }
  if (one.matches !== undefined) add('matches', `${name} matches ${quoted(one.matches)}`, rows)
  if (one.format !== undefined) add('format', `${name} is ${one.format}`, rows)
  if (one.length !== undefined) {
    const [least, most] = typeof one.length === 'number' ? [one.length, one.length] : one.length
    add('length', `length(${name}) between ${least} and ${most}`, rows)
  }
  return checks
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'integer',
  float: 'number',
  double: 'number',
  bool: 'boolean',
  datetime: 'timestamp',
}

/** Plain words stand as they are; all others, and words that mean something else in a line, in quotes. */
function nameOf(column: string): string {
  return /^[A-Za-z_][\w]*$/.test(column) && !reserved.has(column) ? column : quoted(column)
}

const reserved = new Set(['rows', 'columns', 'format', 'sql', 'holds', 'freshness', 'duplicates'])

function quoted(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`
}

function missingLimit(raw: number | string): string | undefined {
  if (typeof raw === 'number') return `<= ${raw}`
  const found = /^\s*(<=?|=)?\s*(\d+(?:\.\d+)?%?)\s*$/.exec(raw)
  return found === null ? undefined : `${found[1] ?? '<='} ${found[2]}`
}

function mostlyOf(raw: number | string): string | undefined {
  if (typeof raw === 'number') return String(raw)
  return /^\s*(?:>=?)?\s*(\d+(?:\.\d+)?%?)\s*$/.exec(raw)?.[1]
}
