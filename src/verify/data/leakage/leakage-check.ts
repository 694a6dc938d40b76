// Leakage: one column alone that predicts the label too well. What may be asked, and the numbers from which it is answered.
import type { Limit } from '../limit.ts'

export interface LeakageCheck {
  readonly rule: 'leakage'
  /** Of the area under the curve, or of |Spearman| for a label of numbers. */
  readonly limit: Limit
  /** Absent: the dataset's label. */
  readonly label?: string
  readonly except: readonly string[]
}

export interface LeakageStatistics {
  readonly method: 'leakage'
  readonly label: string
  readonly task: 'binary' | 'multiclass' | 'regression'
  /** Rows with a label. */
  readonly rows: number
  readonly features: readonly LeakageFeature[]
}

/** Which property of the column was used. */
export type LeakageBy = 'value' | 'category' | 'missing' | 'row number'

export type LeakageFeature = AucFeature | RankFeature

export interface AucFeature {
  readonly kind: 'auc'
  readonly name: string
  readonly by: LeakageBy
  /** The class against all others; null with two classes. */
  readonly class: string | null
  readonly positives: number
  readonly negatives: number
  /** Of the direction in which larger values mean the class; below ½ the column predicts the other way round. */
  readonly auc: number
  /** DeLong's. */
  readonly variance: number
  /** The exact area is within this of `auc`; 0 where it was computed exactly. */
  readonly within: number
}

export interface RankFeature {
  readonly kind: 'spearman'
  readonly name: string
  readonly by: LeakageBy
  readonly rows: number
  readonly rho: number
}
