// What new data breaks of a declared schema, and the change that would let it in: a proposal for a person, who may say that the
// data is wrong instead. Pure.
import type { RawColumn } from '../../../project/dataset-schema.ts'
import type { ColumnProposal, SchemaProposal } from './infer-schema.ts'

export type SchemaField = keyof RawColumn

export interface BrokenLine {
  /** Null: the set of columns itself. */
  readonly column: string | null
  readonly field: SchemaField | null
  /** As the check says it. */
  readonly because: string
}

export type SchemaChange =
  | {
      readonly does: 'set'
      readonly column: string
      readonly field: string
      readonly value: unknown
      readonly because: string
    }
  | {
      readonly does: 'remove'
      readonly column: string
      readonly field: string
      readonly because: string
    }
  | {
      readonly does: 'add'
      readonly column: string
      readonly value: Readonly<Record<string, unknown>>
      readonly because: string
    }
  /** No change follows from the data: a person decides. */
  | {
      readonly does: 'decide'
      readonly column: string | null
      readonly field: string | null
      readonly because: string
    }

export interface SchemaQuestion {
  readonly declared: Readonly<Record<string, RawColumn>>
  readonly isClosed: boolean
  readonly broken: readonly BrokenLine[]
  readonly found: SchemaProposal
}

export function diffSchema({
  declared,
  isClosed,
  broken,
  found,
}: SchemaQuestion): readonly SchemaChange[] {
  const proposals = new Map(found.columns.map((one) => [one.name, one]))
  const changes: SchemaChange[] = []
  const gone = new Set<string>()
  for (const [name, column] of Object.entries(declared)) {
    if (proposals.has(name) || column.required === false) continue
    gone.add(name)
    const because = 'the column is not in the data; with required: false it may be absent'
    changes.push({ does: 'set', column: name, field: 'required', value: false, because })
  }
  for (const line of broken) {
    const { column, field, because } = line
    if (column === null || field === null) continue
    const proposal = proposals.get(column)
    const raw = declared[column]
    // Without the column, its other lines say nothing new.
    if (gone.has(column)) continue
    if (proposal === undefined || raw === undefined)
      changes.push({ does: 'decide', column, field, because })
    else changes.push(...changeOf({ column, field, because, raw, proposal, rows: found.rows }))
  }
  const isNew = found.columns.filter(({ name }) => !Object.hasOwn(declared, name))
  if (isClosed)
    for (const { name, column, because } of isNew)
      changes.push({
        does: 'add',
        column: name,
        value: { ...column },
        because: `a new column: ${because}`,
      })
  for (const { column, field, because } of broken)
    if (column === null && gone.size === 0 && !(isClosed && isNew.length > 0))
      changes.push({ does: 'decide', column, field, because })
  return withoutRepeats(changes)
}

interface Broken {
  readonly column: string
  readonly field: SchemaField
  readonly because: string
  readonly raw: RawColumn
  readonly proposal: ColumnProposal
  readonly rows: number
}

function changeOf(broken: Broken): readonly SchemaChange[] {
  const { column, field, because, raw, proposal } = broken
  const { seen } = proposal
  const set = (value: unknown, of: string = field): SchemaChange => ({
    does: 'set',
    column,
    field: of,
    value,
    because,
  })
  const decide: SchemaChange = { does: 'decide', column, field, because }
  switch (field) {
    case 'type':
      return proposal.column.type === undefined ? [decide] : [set(proposal.column.type)]
    case 'required':
      return [{ does: 'remove', column, field, because }, ...missingChange(proposal, set)]
    case 'missing':
      return missingChange(proposal, set)
    case 'unique':
      return [{ does: 'remove', column, field, because }]
    case 'in': {
      const values = seen.values ?? wholeNumbers(seen.least, seen.greatest)
      const known = new Set((raw.in ?? []).map(String))
      const more = values?.filter((value) => !known.has(String(value))) ?? []
      return more.length === 0 ? [decide] : [set([...(raw.in ?? []), ...more])]
    }
    case 'between': {
      const [least, most] = raw.between ?? []
      const wide = widened({ least: Number(least), most: Number(most) }, proposal)
      return wide === undefined ? [decide] : [set(wide)]
    }
    case 'min':
    case 'max': {
      const bound = Number(raw[field])
      const wide = widened({ least: bound, most: bound }, proposal)
      return wide === undefined ? [decide] : [set(field === 'min' ? wide[0] : wide[1])]
    }
    default:
      return [decide]
  }
}

function missingChange(
  { column, seen }: ColumnProposal,
  set: (value: unknown, field: string) => SchemaChange,
): readonly SchemaChange[] {
  if (column.missing !== undefined) return [set(column.missing, 'missing')]
  return seen.missing === 0 ? [] : [set('100%', 'missing')]
}

/** The declared range and the one proposed from what was seen, together. */
function widened(
  { least, most }: { readonly least: number; readonly most: number },
  { column, seen }: ColumnProposal,
): readonly [number, number] | undefined {
  if (Number.isNaN(least) || Number.isNaN(most) || seen.least === null || seen.greatest === null)
    return undefined
  const [low, high] = column.between ?? [seen.least, seen.greatest]
  return [
    seen.least < least ? Math.min(low, seen.least) : least,
    seen.greatest > most ? Math.max(high, seen.greatest) : most,
  ]
}

function wholeNumbers(least: number | null, greatest: number | null): readonly number[] | null {
  if (least === null || greatest === null || !Number.isInteger(least) || greatest - least > 50)
    return null
  return Array.from({ length: Math.floor(greatest - least) + 1 }, (_, at) => least + at)
}

function withoutRepeats(changes: readonly SchemaChange[]): readonly SchemaChange[] {
  const seen = new Set<string>()
  return changes.filter((change) => {
    const key = `${change.does} ${change.column} ${'field' in change ? change.field : ''}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
