// Drift of a dataset against a reference: what may be asked, and the counts from which it is answered. Plain JSON.

import type { Limit } from '../limit.ts'
import type { ComparedColumn } from './drift-column.ts'

/**
 * psi; js_distance (√ of the divergence, base 2) and js_divergence; tvd (half the sum of differences); linf (largest difference of
 * a bin); ks and wasserstein (in reference standard deviations) of values, tvd for categories, where they are the same thing;
 * chi2 (Cramér's V with both sides weighed the same). new_values, lost_values and missing compare what is there at all.
 */
export type DriftMethod =
  | 'psi'
  | 'js_distance'
  | 'js_divergence'
  | 'tvd'
  | 'linf'
  | 'ks'
  | 'wasserstein'
  | 'chi2'
  | 'new_values'
  | 'lost_values'
  | 'missing'

export const driftMethods: readonly DriftMethod[] = [
  'psi',
  'js_distance',
  'js_divergence',
  'tvd',
  'linf',
  'ks',
  'wasserstein',
  'chi2',
  'new_values',
  'lost_values',
  'missing',
]

/** As a person reads it. */
export const driftWords: Readonly<Record<DriftMethod, string>> = {
  psi: 'PSI',
  js_distance: 'Jensen-Shannon distance',
  js_divergence: 'Jensen-Shannon divergence',
  tvd: 'total variation',
  linf: 'largest change of a share',
  ks: 'KS statistic',
  wasserstein: 'Wasserstein distance in standard deviations',
  chi2: "Cramér's V",
  new_values: 'share of values the reference never saw',
  lost_values: 'share of the reference in values that are gone',
  missing: 'change of the missing share',
}

export interface DriftCheck {
  readonly rule: 'drift'
  /** null: every column both sides have. */
  readonly column: string | null
  /** An upper one. */
  readonly limit: Limit
  /** `champion`, a dataset's name, or a profile file. */
  readonly vs: string
  readonly method: DriftMethod
  /** About how many bins a column of numbers is compared on; null = those of the profile. */
  readonly bins: number | null
  readonly except: readonly string[]
}

export interface DriftStatistics {
  readonly method: 'drift'
  /** What the data was compared with, in words. */
  readonly reference: string
  readonly referenceRows: number
  readonly rows: number
  readonly columns: readonly DriftColumn[]
  /** Columns of the data that the reference does not have. */
  readonly unknown: readonly string[]
}

export interface DriftColumn {
  readonly compared: ComparedColumn
  /** Of columns of numbers: for distances along the axis. */
  readonly axis: DriftAxis | null
  /** The reference lists only its commonest values, so that new ones cannot be told from rare ones. */
  readonly isCut: boolean
}

export interface DriftAxis {
  readonly low: number
  readonly high: number
  readonly std: { readonly reference: number; readonly live: number }
}
