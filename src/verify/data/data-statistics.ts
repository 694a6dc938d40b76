// The sufficient statistics of data checks: plain JSON from which every verdict can be judged again without the data.

import type { DriftStatistics } from './drift/drift-check.ts'
import type { LeakageStatistics } from './leakage/leakage-check.ts'

export interface PastRows {
  readonly release: string
  readonly rows: number
}

/** What cannot be compared is `skipped` where it never was there, `unreadable` where it was lost. */
export type ChampionRows =
  | PastRows
  | { readonly method: 'skipped' | 'unreadable'; readonly because: string }

/** A row that breaks a rule; its place in the table from 1, and the values the rule read. */
export interface ExampleRow {
  readonly row: number
  readonly values: Readonly<Record<string, string | number | boolean | null>>
}

export type DataStatistics =
  | DriftStatistics
  | LeakageStatistics
  | {
      readonly method: 'rows'
      readonly rows: number
      /** Of earlier releases, the newest last; there when the check compares with them. */
      readonly past?: readonly PastRows[]
    }
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
      /** How many of each kind, for missing values. */
      readonly kinds?: Readonly<Record<string, number>>
      readonly examples?: readonly ExampleRow[]
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
      readonly examples?: readonly ExampleRow[]
    }
  | {
      readonly method: 'conflicts'
      /** Rows whose features occur with another label too. */
      readonly conflicting: number
      readonly rows: number
    }
  | {
      readonly method: 'aggregate'
      /** Rounded where it is a sum of floating-point numbers; null when there is none. */
      readonly value: number | string | null
      /** Values it was made of. */
      readonly of: number
      /** NaN and infinite values, which are left out. */
      readonly leftOut: number
    }
  | {
      readonly method: 'freshness'
      readonly column: string
      /** ISO 8601; null without any time. */
      readonly newest: string | null
      readonly now: string
      readonly rows: number
    }
  | {
      readonly method: 'found_columns'
      readonly found: readonly string[]
      readonly of: number
      readonly rows: number
    }
  | {
      readonly method: 'sql'
      /** Rows of the answer. */
      readonly rows: number
      /** Of an answer of one number. */
      readonly value: number | null
      readonly examples: readonly ExampleRow[]
    }
  | { readonly method: 'skipped'; readonly because: string }
  | { readonly method: 'unreadable'; readonly because: string }

export const dataMethods: readonly DataStatistics['method'][] = [
  'rows',
  'columns',
  'type',
  'share',
  'binary',
  'duplicates',
  'conflicts',
  'aggregate',
  'freshness',
  'found_columns',
  'sql',
  'drift',
  'leakage',
]

export function unreadable(because: string): DataStatistics {
  return { method: 'unreadable', because }
}
