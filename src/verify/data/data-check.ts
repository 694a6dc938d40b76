// What may be asked of a table, and the counts that answer it. Counts are of all rows, never of a sample: such a
// verdict has no bounds and does not change between runs.
import type { Op } from '../statistics/verdict.ts'

export type LogicalType = 'integer' | 'number' | 'text' | 'boolean' | 'date' | 'timestamp'

export const logicalTypes: readonly LogicalType[] = [
  'integer',
  'number',
  'text',
  'boolean',
  'date',
  'timestamp',
]

export interface Limit {
  readonly op: Op
  readonly value: number
}

export type DataCheck =
  | { readonly rule: 'rows'; readonly limits: readonly Limit[] }
  | { readonly rule: 'columns'; readonly columns: readonly string[]; readonly isClosed: boolean }
  | { readonly rule: 'type'; readonly column: string; readonly type: LogicalType }
  | { readonly rule: 'missing' | 'nonfinite'; readonly column: string; readonly limit: Limit }
  | {
      readonly rule: 'range'
      readonly column: string
      readonly limits: readonly Limit[]
      /** Share of present values that must satisfy it. */
      readonly mostly: number
    }
  | {
      readonly rule: 'allowed'
      readonly column: string
      readonly values: readonly (string | number)[]
      readonly mostly: number
    }
  | { readonly rule: 'binary'; readonly column: string }
  | { readonly rule: 'unique'; readonly columns: readonly string[] }
  | { readonly rule: 'duplicates'; readonly limit: Limit; readonly unit: 'rows' | 'share' }

/** Sufficient statistics of a data check; plain JSON. */
export type DataStatistics =
  | { readonly method: 'rows'; readonly rows: number }
  | { readonly method: 'columns'; readonly present: readonly string[] }
  | { readonly method: 'type'; readonly type: string }
  | {
      readonly method: 'share'
      /** Values that break the rule. */
      readonly count: number
      /** Values that were looked at. */
      readonly of: number
      /** What was seen, for the sentence; never judged. */
      readonly seen: readonly (string | number)[]
    }
  | {
      readonly method: 'binary'
      readonly zeros: number
      readonly ones: number
      readonly rows: number
    }
  | {
      readonly method: 'duplicates'
      readonly duplicates: number
      readonly missing: number
      readonly rows: number
    }
  | { readonly method: 'unreadable'; readonly because: string }

/** DuckDB's type name as a logical type; undefined for lists, blobs and other things no check understands. */
export function logicalTypeOf(type: string): LogicalType | undefined {
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|^UINTEGER$/.test(type)) return 'integer'
  if (/^(FLOAT|REAL|DOUBLE|DECIMAL.*)$/.test(type)) return 'number'
  if (/^(VARCHAR|UUID|ENUM.*)$/.test(type)) return 'text'
  if (type === 'BOOLEAN') return 'boolean'
  if (type === 'DATE') return 'date'
  if (type.startsWith('TIMESTAMP')) return 'timestamp'
  return undefined
}

export function isNumeric(type: string): boolean {
  const logical = logicalTypeOf(type)
  return logical === 'integer' || logical === 'number'
}

/** The columns a check reads. */
export function columnsOf(check: DataCheck): readonly string[] {
  switch (check.rule) {
    case 'rows':
    case 'columns':
    case 'duplicates':
      return []
    case 'unique':
      return check.columns
    default:
      return [check.column]
  }
}
