// An Open Data Contract (ODCS 3.x) as the schema and checks of a dataset. Every field that says something about the data is
// translated or named with the reason why not; nothing is dropped in silence. Pure.
// The standard: https://bitol-io.github.io/open-data-contract-standard/
import { parseDocument } from 'yaml'
import { sentenceOf } from '../../foundation/errors.ts'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { type OdcsColumn, translateProperty } from './odcs-property.ts'
import { translateQuality } from './odcs-quality.ts'
import {
  isRecord,
  nameOf,
  type OdcsNote,
  type OdcsRecord,
  recordsOf,
  textOf,
} from './odcs-values.ts'

export interface OdcsDataset {
  readonly object: string
  readonly schema: Readonly<Record<string, OdcsColumn>>
  readonly key: readonly string[]
  /** Lines, or one-entry maps with options, as `checks:` takes them. */
  readonly checks: readonly OdcsCheck[]
  readonly notes: readonly OdcsNote[]
}

export type OdcsCheck = string | Readonly<Record<string, unknown>>

const largest = 16 * 1024 * 1024

/** `object`: the table's name in the contract; needed when there are several. */
export function translateOdcs(text: string, object: string | null): OdcsDataset | Refusal {
  const contract = parse(text)
  if (isRefusal(contract)) return contract
  const version = textOf(contract.apiVersion) ?? ''
  if (contract.kind !== 'DataContract' || !/^v3\./.test(version)) {
    const found = `kind ${JSON.stringify(contract.kind ?? null)}, apiVersion ${JSON.stringify(contract.apiVersion ?? null)}`
    return refuse('odcs.not_a_contract', `it is no data contract of ODCS 3: it has ${found}`)
  }
  const objects = recordsOf(contract.schema)
  const names = objects.map((one) => textOf(one.name) ?? '?')
  const chosen =
    object === null && objects.length === 1
      ? objects[0]
      : objects.find((one) => one.name === object)
  if (chosen === undefined) {
    const which = object === null ? 'say which with --object' : `there is no ${object}`
    return refuse('odcs.which_object', `it describes ${names.join(', ') || 'no object'}: ${which}`)
  }
  return translateObject(chosen, contract)
}

function parse(text: string): OdcsRecord | Refusal {
  if (text.length > largest) return refuse('odcs.too_large', 'it is larger than 16 MB')
  const document = parseDocument(text, { version: '1.2' })
  const [error] = document.errors
  if (error) return refuse('odcs.unreadable', error.message.split('\n')[0] ?? error.message)
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    return isRecord(value) ? value : refuse('odcs.unreadable', 'it is not a map at its top')
  } catch (thrown) {
    return refuse('odcs.unreadable', sentenceOf(thrown))
  }
}

function translateObject(object: OdcsRecord, contract: OdcsRecord): OdcsDataset {
  const notes: OdcsNote[] = []
  const checks: OdcsCheck[] = []
  const schema: Record<string, OdcsColumn> = {}
  const table = textOf(object.name) ?? 'the object'
  const names = new Map<string, string>()
  const properties = recordsOf(object.properties)
  for (const property of properties) {
    const column = nameOf(property)
    if (column === undefined) {
      notes.push({ about: table, kind: 'left_out', sentence: 'a property has no name' })
      continue
    }
    names.set(textOf(property.name) ?? column, column)
    const translated = translateProperty(property, column)
    schema[column] = translated.column
    checks.push(...translated.checks)
    notes.push(...translated.notes)
  }
  for (const property of properties) {
    const column = nameOf(property)
    if (column !== undefined)
      for (const rule of recordsOf(property.quality))
        keep(translateQuality(rule, { about: column, column, names, table }))
  }
  for (const rule of recordsOf(object.quality))
    keep(translateQuality(rule, { about: table, column: null, names, table }))
  const key = keyOf(properties)
  if (key.length > 1) checks.push(`unique(${key.map(writeName).join(', ')})`)
  if (recordsOf(object.relationships).length > 0)
    notes.push({
      about: table,
      kind: 'to_do',
      sentence: 'its relationships to other objects are not checked; write them as a SQL check',
    })
  notes.push(...slaNotes(contract, table))
  return { object: table, schema, key, checks, notes }

  function keep(translated: {
    readonly checks: readonly OdcsCheck[]
    readonly notes: readonly OdcsNote[]
  }) {
    checks.push(...translated.checks)
    notes.push(...translated.notes)
  }
}

function keyOf(properties: readonly OdcsRecord[]): readonly string[] {
  const position = (property: OdcsRecord) =>
    typeof property.primaryKeyPosition === 'number' ? property.primaryKeyPosition : 0
  return properties
    .filter(({ primaryKey }) => primaryKey === true)
    .toSorted((one, other) => position(one) - position(other))
    .flatMap((property) => nameOf(property) ?? [])
}

function writeName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)
}

/** What is promised about delivery; the freshness of data is a check, the rest is between people. */
function slaNotes(contract: OdcsRecord, table: string): OdcsNote[] {
  return recordsOf(contract.slaProperties).map((one) => {
    const property = textOf(one.property) ?? 'a promise'
    const value = `${String(one.value ?? '')}${textOf(one.unit) ?? ''}`
    return /^(latency|ly|frequency|fy|freshness)$/i.test(property)
      ? {
          about: table,
          kind: 'to_do',
          sentence: `the contract promises ${property} ${value}: if the dataset has a time column, add "freshness < ${value}"`,
        }
      : {
          about: table,
          kind: 'left_out',
          sentence: `${property} ${value} is a promise of the contract that no row can break`,
        }
  })
}
