// What may be asked of a table, in a normal form: plain JSON, so that it travels with its evidence. Answers are counts of
// all rows, never of a sample: such a verdict has no bounds and does not change between runs.
import type { Op } from '../statistics/verdict.ts'
import type { DriftCheck } from './drift/drift-check.ts'
import type { LeakageCheck } from './leakage/leakage-check.ts'
import type { Limit } from './limit.ts'

export type LogicalType = 'integer' | 'number' | 'text' | 'boolean' | 'date' | 'timestamp'

export const logicalTypes: readonly LogicalType[] = [
  'integer',
  'number',
  'text',
  'boolean',
  'date',
  'timestamp',
]

/** A number, or an ISO date or time for columns of dates. */
export interface Bound {
  readonly op: Op
  readonly value: number | string
}

/** `0.7 * trailing_mean(7)`, `0.9 * champion`: rows of the same dataset when earlier releases were made. */
export interface PastLimit {
  readonly op: Op
  readonly factor: number
  readonly of: 'champion' | 'trailing_mean'
  /** The last so many releases; 1 for the champion. */
  readonly over: number
}

/** Options of every check of single rows. */
export interface RowOptions {
  /** Share of the values looked at that must satisfy it. */
  readonly mostly: number
  /** A SQL condition: only these rows are looked at. */
  readonly where?: string
  /** Values that stand for a missing one and are not looked at. */
  readonly missingValues?: readonly (string | number)[]
}

export type Format =
  | 'email'
  | 'url'
  | 'uuid'
  | 'iban'
  | 'ipv4'
  | 'ipv6'
  | 'json'
  | 'iso_date'
  | 'iso_datetime'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'date'
  | 'timestamp'

export type RowCheck = RowOptions &
  (
    | { readonly rule: 'range'; readonly column: string; readonly limits: readonly Bound[] }
    | {
        readonly rule: 'allowed'
        readonly column: string
        readonly values: readonly (string | number)[]
      }
    | { readonly rule: 'matches'; readonly column: string; readonly pattern: string }
    | { readonly rule: 'format'; readonly column: string; readonly format: Format }
    | { readonly rule: 'length'; readonly column: string; readonly limits: readonly Limit[] }
    /** Two columns of the same row. */
    | { readonly rule: 'compare'; readonly left: string; readonly op: Op; readonly right: string }
    /** Any SQL condition on a row. */
    | { readonly rule: 'holds'; readonly condition: string }
  )

/** `missing` is all of the others together. */
export type MissingKind = 'missing' | 'null' | 'nan' | 'empty' | 'placeholder'

export interface MissingCheck {
  readonly rule: 'missing' | 'nonfinite' | 'infinite'
  readonly column: string
  readonly limit: Limit
  /** Only this kind of missing; absent: all. */
  readonly only?: Exclude<MissingKind, 'missing'>
  readonly where?: string
  readonly missingValues?: readonly (string | number)[]
}

export type AggregateName =
  | 'mean'
  | 'median'
  | 'stdev'
  | 'sum'
  | 'quantile'
  | 'mode_share'
  | 'skew'
  | 'distinct'
  | 'unique_share'
  | 'min'
  | 'max'

export interface AggregateCheck {
  readonly rule: 'aggregate'
  readonly what: AggregateName
  readonly column: string
  /** Of a quantile. */
  readonly level?: number
  readonly limits: readonly Bound[]
  readonly where?: string
  readonly missingValues?: readonly (string | number)[]
}

/** Which columns make two rows the same. */
export type Scope = 'row' | 'features' | 'features_label'

/** `ifPresent`: a column it names may be absent, and then there is nothing to ask. */
export type DataCheck = BareCheck & { readonly ifPresent?: true }

type BareCheck =
  | DriftCheck
  | LeakageCheck
  | {
      readonly rule: 'rows'
      readonly limits: readonly Limit[]
      readonly past?: PastLimit
      readonly where?: string
    }
  | {
      readonly rule: 'columns'
      readonly columns: readonly string[]
      /** No other column may be there. */
      readonly isClosed: boolean
      readonly isOrdered?: boolean
      /** Those of `columns` that may be absent. */
      readonly optional?: readonly string[]
    }
  | { readonly rule: 'type'; readonly column: string; readonly type: LogicalType }
  | { readonly rule: 'physical_type'; readonly column: string; readonly type: string }
  | MissingCheck
  | RowCheck
  | { readonly rule: 'binary'; readonly column: string }
  | { readonly rule: 'unique'; readonly columns: readonly string[]; readonly where?: string }
  | {
      readonly rule: 'duplicates'
      readonly limit: Limit
      readonly unit: 'rows' | 'share'
      readonly scope?: Scope
      readonly except?: readonly string[]
      readonly label?: string
    }
  | {
      readonly rule: 'conflicting_labels'
      readonly limit: Limit
      readonly unit: 'rows' | 'share'
      readonly except?: readonly string[]
      readonly label?: string
    }
  | AggregateCheck
  | {
      /** Share of rows for which a condition holds. */
      readonly rule: 'share'
      readonly condition: ShareCondition
      readonly limits: readonly Limit[]
      readonly where?: string
    }
  | {
      readonly rule: 'freshness'
      readonly column?: string
      readonly op: Op
      readonly limitMs: number
    }
  | {
      readonly rule: 'constant_columns' | 'all_unique_columns'
      readonly limit: Limit
      readonly except?: readonly string[]
      /** A column whose commonest value has at least this share is as good as constant. */
      readonly share?: number
    }
  | {
      readonly rule: 'sql'
      readonly sql: string
      readonly expects: 'rows' | 'value'
      readonly limits: readonly Limit[]
      readonly timeLimitMs: number
      readonly name?: string
    }

export type ShareCondition =
  | { readonly column: string; readonly op: Op; readonly value: number | string }
  | { readonly column: string; readonly values: readonly (string | number)[] }
  | { readonly sql: string }

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

export function isTime(type: string): boolean {
  const logical = logicalTypeOf(type)
  return logical === 'date' || logical === 'timestamp'
}

/** The columns a check names. */
export function columnsOf(check: DataCheck): readonly string[] {
  switch (check.rule) {
    case 'rows':
    case 'columns':
    case 'sql':
    case 'holds':
    // These two say themselves what is missing, and on which side.
    case 'drift':
    case 'leakage':
      return []
    case 'duplicates':
    case 'conflicting_labels':
      return [...(check.except ?? []), ...(check.label === undefined ? [] : [check.label])]
    case 'constant_columns':
    case 'all_unique_columns':
      return check.except ?? []
    case 'unique':
      return check.columns
    case 'compare':
      return [check.left, check.right]
    case 'share':
      return 'column' in check.condition ? [check.condition.column] : []
    case 'freshness':
      return check.column === undefined ? [] : [check.column]
    default:
      return [check.column]
  }
}

export function isRowCheck(check: DataCheck): check is RowCheck {
  return rowRules.includes(check.rule)
}

const rowRules: readonly string[] = [
  'range',
  'allowed',
  'matches',
  'format',
  'length',
  'compare',
  'holds',
]

/** The SQL conditions a user wrote into a check. */
export function conditionsOf(check: DataCheck): readonly string[] {
  const where = 'where' in check && check.where !== undefined ? [check.where] : []
  if (check.rule === 'holds') return [check.condition, ...where]
  if (check.rule === 'share' && 'sql' in check.condition) return [check.condition.sql, ...where]
  return where
}

/** 1 − mostly is not exact in binary; a violation count decides, not a float in the last bit. */
export function toleratedOf(mostly: number, of: number): number {
  return Math.floor((1 - mostly) * of + 1e-9)
}
