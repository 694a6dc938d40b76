// Checks of two datasets: what they share, how they follow in time, how large they are and whether their labels agree. Plain JSON.
import type { Op } from '../../statistics/verdict.ts'
import type { Limit } from '../limit.ts'

export type BetweenCheck =
  | OverlapCheck
  | {
      readonly rule: 'order'
      readonly left: string
      readonly op: '<' | '<='
      readonly right: string
    }
  /** rows(left) op factor · rows(right) */
  | {
      readonly rule: 'ratio'
      readonly left: string
      readonly op: Op
      readonly factor: number
      readonly right: string
    }
  /** Of `right`, judged by what `left` has. */
  | LabelCheck

export interface OverlapCheck {
  readonly rule: 'overlap'
  readonly left: string
  /** Its rows are counted. */
  readonly right: string
  readonly by: OverlapBy
  readonly limit: Limit
  readonly unit: 'rows' | 'share'
  readonly except: readonly string[]
}

/**
 * key: the columns declared as key; features: every column but key, time and label; rows: every column; time: not later than the
 * last row of `left`; or columns by name.
 */
export type OverlapBy = 'key' | 'features' | 'rows' | 'time' | readonly string[]

export interface LabelCheck {
  readonly rule: 'new_labels' | 'balance'
  readonly left: string
  readonly right: string
  readonly limit: Limit
  /** Absent: the label declared for both. */
  readonly label?: string
}

export type BetweenStatistics =
  | {
      readonly method: 'common_rows'
      /** Rows of `right` that `left` has too. */
      readonly common: number
      readonly rows: { readonly left: number; readonly right: number }
      /** Rows of `right` without a part of the key: they cannot be looked for. */
      readonly unkeyed: number
      readonly columns: readonly string[]
    }
  | {
      readonly method: 'times'
      /** ISO 8601; null without any. */
      readonly last: string | null
      readonly first: string | null
      /** Rows of `right` not later than the last of `left`, and of those as many as are equal to it. */
      readonly before: number
      readonly equal: number
      readonly rows: { readonly left: number; readonly right: number }
    }
  | { readonly method: 'row_counts'; readonly left: number; readonly right: number }
  | {
      readonly method: 'class_counts'
      readonly classes: readonly {
        readonly value: string
        readonly left: number
        readonly right: number
      }[]
    }

export const betweenMethods: readonly string[] = [
  'common_rows',
  'times',
  'row_counts',
  'class_counts',
]
