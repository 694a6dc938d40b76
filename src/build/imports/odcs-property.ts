// One property of a contract as one column of a schema: its type, its options and its enumeration. Pure.
import {
  isRecord,
  type OdcsNote,
  type OdcsRecord,
  quoteName,
  quoteValue,
  recordsOf,
  textOf,
} from './odcs-values.ts'

/** The map form of a column in lockstep.yaml; only what the contract says. */
export interface OdcsColumn {
  type?: string
  required?: true
  unique?: true
  role?: 'key'
  min?: number | string
  max?: number | string
  in?: readonly (string | number)[]
  matches?: string
  format?: string
  length?: readonly [number, number]
}

export interface TranslatedProperty {
  readonly column: OdcsColumn
  readonly checks: readonly (string | Readonly<Record<string, unknown>>)[]
  readonly notes: readonly OdcsNote[]
}

const types: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
}

export function translateProperty(property: OdcsRecord, name: string): TranslatedProperty {
  const notes: OdcsNote[] = []
  const checks: (string | Readonly<Record<string, unknown>>)[] = []
  const leftOut = (sentence: string) => notes.push({ about: name, kind: 'left_out', sentence })
  const column: OdcsColumn = {}
  const logical = textOf(property.logicalType)
  const type = logical === undefined ? undefined : types[logical]
  if (type !== undefined) column.type = typeWithPhysical(type, property)
  else if (logical !== undefined)
    leftOut(`the type ${logical} has no rule here; its values are not checked`)
  if (property.required === true || property.primaryKey === true) column.required = true
  if (property.unique === true) column.unique = true
  if (property.primaryKey === true) column.role = 'key'
  const values = recordsOf(property.enum).flatMap(({ value }) =>
    typeof value === 'string' || typeof value === 'number' ? [value] : [],
  )
  if (values.length > 0) column.in = values
  if (property.semanticType === 'measure') leftOut('it is a measure, computed and not stored')
  const options = isRecord(property.logicalTypeOptions) ? property.logicalTypeOptions : {}
  for (const [option, value] of Object.entries(options)) {
    const done = applyOption(column, checks, { name, option, value, isWhole: type === 'integer' })
    if (!done) leftOut(`${option}: ${JSON.stringify(value)} has no form here`)
  }
  const size = /^(?:var)?char(?:acter)?(?: varying)?\s*\(\s*(\d+)\s*\)$/i.exec(
    textOf(property.physicalType) ?? '',
  )
  if (size !== null && column.length === undefined && column.type === 'text')
    column.length = [0, Number(size[1])]
  if (recordsOf(property.properties).length > 0 || isRecord(property.items))
    leftOut('what lies inside its values is not checked')
  return { column, checks, notes }
}

/** A contract may call a timestamp a date; what is stored decides. */
function typeWithPhysical(type: string, property: OdcsRecord): string {
  const physical = textOf(property.physicalType) ?? ''
  if (type === 'date' && /timestamp|datetime/i.test(physical)) return 'timestamp'
  if (type === 'number' && /^(big|small|tiny)?int(eger|\d*)$/i.test(physical)) return 'integer'
  return type
}

interface Option {
  readonly name: string
  readonly option: string
  readonly value: unknown
  readonly isWhole: boolean
}

const formats: Readonly<Record<string, string>> = {
  email: 'email',
  uuid: 'uuid',
  uri: 'url',
  url: 'url',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  json: 'json',
}

/** False when there is no form for it. */
function applyOption(
  column: OdcsColumn,
  checks: (string | Readonly<Record<string, unknown>>)[],
  { name, option, value, isWhole }: Option,
): boolean {
  const isLimit = typeof value === 'number' || typeof value === 'string'
  switch (option) {
    case 'minLength':
    case 'maxLength': {
      if (typeof value !== 'number') return false
      const [least, most] = column.length ?? [0, 1_000_000]
      column.length = option === 'minLength' ? [value, most] : [least, value]
      return true
    }
    case 'pattern':
      if (typeof value !== 'string') return false
      column.matches = value
      return true
    case 'minimum':
    case 'maximum':
      if (!isLimit) return false
      column[option === 'minimum' ? 'min' : 'max'] = value
      return true
    case 'exclusiveMinimum':
    case 'exclusiveMaximum': {
      if (!isLimit) return false
      const isLeast = option === 'exclusiveMinimum'
      if (isWhole && Number.isSafeInteger(value))
        column[isLeast ? 'min' : 'max'] = Number(value) + (isLeast ? 1 : -1)
      else checks.push(everyRow(name, (it) => `${it} ${isLeast ? '>' : '<'} ${quoteValue(value)}`))
      return true
    }
    case 'multipleOf': {
      if (typeof value !== 'number' || value === 0) return false
      const parts = (it: string) => `${it} / ${value}`
      checks.push(everyRow(name, (it) => `abs(${parts(it)} - round(${parts(it)})) < 1e-9`))
      return true
    }
    case 'format': {
      const known = formats[String(value)]
      if (known !== undefined) column.format = known
      // How a date or number is written down does not matter once it is read as one.
      return known !== undefined || column.type !== 'text'
    }
    case 'timezone':
    case 'defaultTimezone':
      return true
    default:
      return false
  }
}

/** A condition on every row; a name that needs quotes of its own stands in SQL. */
function everyRow(
  name: string,
  condition: (name: string) => string,
): string | Readonly<Record<string, unknown>> {
  if (/^[A-Za-z_]\w*$/.test(name)) return `holds "${condition(name)}"`
  return { sql: `select * from this where not (${condition(quoteName(name))})`, expect: '0 rows' }
}
