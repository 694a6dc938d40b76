// What the readers of data checks share: names, bounds, ids.
import type { Bound, DataCheck, RowCheck } from '../../data/data-check.ts'
import type { Limit } from '../../data/limit.ts'
import type { PartOf } from '../check-family.ts'
import type { CheckProblems, DataCheckSpec } from '../check-spec.ts'
import { type Piece, parseNumber, unquote } from './check-line.ts'
import { fail, writeName, writeShare } from './parse-parts.ts'

export type DataPart = PartOf<DataCheckSpec>
export type ParsedData = DataPart | CheckProblems | undefined

export function dataPart(
  check: DataCheck,
  text: string,
  id = `data.${subjectOf(check)}`,
): DataPart {
  return { kind: 'data', id, text, check }
}

/** A check of single rows before its options are read. */
export type BareRowCheck = RowCheck extends infer R
  ? R extends RowCheck
    ? Omit<R, 'mostly'>
    : never
  : never

export function rowPart(check: BareRowCheck, text: string, id?: string): DataPart {
  return dataPart({ ...check, mostly: 1 } as RowCheck, text, id)
}

function subjectOf(check: DataCheck): string {
  switch (check.rule) {
    case 'rows':
    case 'columns':
    case 'duplicates':
    case 'conflicting_labels':
    case 'constant_columns':
    case 'all_unique_columns':
    case 'sql':
    case 'share':
    case 'drift':
    case 'leakage':
      return check.rule
    case 'freshness':
      return check.column === undefined ? 'freshness' : `freshness(${check.column})`
    case 'unique':
      return `unique(${check.columns.join('+')})`
    case 'compare':
      return `compare(${check.left},${check.right})`
    case 'holds':
      return `holds(${check.condition})`
    case 'aggregate':
      return `${check.what}(${check.column}${check.level === undefined ? '' : `,${check.level}`})`
    default:
      return `${check.rule}(${check.column})`
  }
}

/** `0 and 90`: from the smaller to the greater. */
export function parseBetweenBounds(
  right: Piece,
  read: (text: string) => number | string | undefined,
  example: string,
): readonly Bound[] | CheckProblems {
  const [from, to, ...more] = right.text.split(/\s+and\s+/)
  const least = read(from ?? '')
  const most = read(to ?? '')
  if (least === undefined || most === undefined || more.length > 0 || typeof least !== typeof most)
    return fail(right, `"${right.text}" is not a range`, `Write between ${example}.`)
  if (least > most) {
    const message = `no ${typeof least === 'number' ? 'number' : 'time'} is between ${least} and ${most}`
    return fail(right, message, 'The smaller one comes first.')
  }
  return [
    { op: '>=', value: least },
    { op: '<=', value: most },
  ]
}

export function isProblem<T>(read: T | CheckProblems): read is CheckProblems {
  return typeof read === 'object' && read !== null && 'problems' in read
}

/** A number, or an ISO date or time. */
export function parseBound(text: string): number | string | undefined {
  const number = parseNumber(text)
  if (number !== undefined) return number
  const plain = unquote(text.trim())
  const isDate = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(
    plain,
  )
  return isDate && !Number.isNaN(Date.parse(plain)) ? plain : undefined
}

export function numericLimits(bounds: readonly Bound[]): readonly Limit[] {
  return bounds.map(({ op, value }) => ({ op, value: Number(value) }))
}

export function writeBounds(bounds: readonly Bound[], asShare = false): string {
  const shown = (value: number | string) => (asShare ? writeShare(Number(value)) : String(value))
  const [first, second] = bounds
  if (first !== undefined && second !== undefined)
    return `between ${shown(first.value)} and ${shown(second.value)}`
  return first === undefined ? '' : `${first.op} ${shown(first.value)}`
}

export function writeValues(values: readonly (string | number)[]): string {
  return `[${values.map((value) => (typeof value === 'number' ? value : JSON.stringify(value))).join(', ')}]`
}

export function writeNames(names: readonly string[]): string {
  return names.map(writeName).join(', ')
}

/** A name as a person writes it: a plain word or quoted. */
export function nameOf(text: string): string | undefined {
  const trimmed = text.trim()
  if (/^"[^"]+"$|^'[^']+'$/.test(trimmed)) return trimmed.slice(1, -1)
  return /^[A-Za-z_][\w.]*$/.test(trimmed) ? trimmed : undefined
}
