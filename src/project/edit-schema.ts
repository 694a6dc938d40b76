// The schema of a dataset in the text of lockstep.yaml: where each of its lines stands, how it is changed, how a new one is
// written. Comments and the order of everything else stay. Pure.

import { Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { datasetSchema, type RawDataset } from './dataset-schema.ts'

export interface SchemaEdit {
  readonly column: string
  /** Null: the whole column. */
  readonly field: string | null
  /** Undefined: taken away. */
  readonly value: unknown
}

/** 1-based, of the field's value. */
export interface SchemaPlace {
  readonly column: string
  readonly field: string
  readonly line: number
  readonly at: number
}

/** Every field of every column of a dataset's schema, by the place its checks name. */
export function schemaPlaces(text: string, dataset: string): readonly SchemaPlace[] {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, version: '1.2' })
  const schema = document.getIn(['data', dataset, 'schema'])
  if (!isMap(schema)) return []
  return schema.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || !isMap(value)) return []
    return value.items.flatMap((pair): SchemaPlace[] => {
      const node = pair.value
      const start =
        typeof node === 'object' && node !== null && 'range' in node
          ? rangeOf(node.range)
          : undefined
      if (!isScalar(pair.key) || start === undefined) return []
      const { line, col } = counter.linePos(start)
      return [{ column: String(key.value), field: String(pair.key.value), line, at: col }]
    })
  })
}

function rangeOf(range: unknown): number | undefined {
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : undefined
}

/** The dataset as declared. The text must be a project that was read without problems. */
export function declaredDataset(text: string, dataset: string): RawDataset {
  return datasetSchema.parse(parseDocument(text, { version: '1.2' }).toJS().data?.[dataset])
}

const written = { lineWidth: 0, flowCollectionPadding: false } as const

export function editSchema(text: string, dataset: string, edits: readonly SchemaEdit[]): string {
  const document = parseDocument(text, { version: '1.2' })
  for (const { column, field, value } of edits) {
    const path = ['data', dataset, 'schema', column, ...(field === null ? [] : [field])]
    if (value === undefined) document.deleteIn(path)
    else
      document.setIn(
        path,
        replacing(document.getIn(path, true), document.createNode(value, { flow: true })),
      )
  }
  return document.toString(written)
}

/** The comment beside a value is about the line, and outlives the value. */
function replacing(old: unknown, fresh: Node): Node {
  if (isNode(old) && old.comment) fresh.comment = old.comment
  if (isNode(old) && old.commentBefore) fresh.commentBefore = old.commentBefore
  return fresh
}

export interface WrittenColumn {
  readonly name: string
  readonly column: object
  readonly because: string
}

/** A dataset proposed from data; every line says what it was inferred from. */
export function schemaText(
  dataset: string,
  {
    path,
    columns,
    checks,
  }: {
    readonly path: string
    readonly columns: readonly WrittenColumn[]
    readonly checks: readonly string[]
  },
): string {
  const schema = Object.fromEntries(columns.map(({ name, column }) => [name, column]))
  const document = new Document({
    data: { [dataset]: { path, schema, ...(checks.length > 0 ? { checks } : {}) } },
  })
  const node = document.getIn(['data', dataset, 'schema'])
  const reasons = new Map(columns.map(({ name, because }) => [name, because]))
  if (isMap(node))
    for (const { key, value } of node.items) {
      if (!isMap(value)) continue
      value.flow = true
      value.comment = ` inferred: ${reasons.get(isScalar(key) ? String(key.value) : String(key)) ?? ''}`
    }
  return document.toString(written)
}
