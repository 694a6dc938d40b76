// Aggregates that the least and the greatest value decide. In DuckDB's order NaN is above infinity, which is above every number.
import type { Foreseen } from './check-plan.ts'

/** `sql` counts NaN among `value`. */
export function unlessNan(value: string, sql: string): Foreseen {
  return { sql, of: value, when: `NOT isnan(max(${value}))`, instead: '0' }
}

/** When every value is finite, `sql` is `instead`. */
export function ifFinite(
  value: string,
  { sql, instead }: { readonly sql: string; readonly instead: string },
): Foreseen {
  return { sql, of: value, when: `(isfinite(min(${value})) AND isfinite(max(${value})))`, instead }
}

/** `sql` counts values outside an interval, of which `held` says whether one is inside. */
export function ifWithin(
  value: string,
  { sql, held }: { readonly sql: string; readonly held: (value: string) => string },
): Foreseen {
  const when = `(${held(`min(${value})`)} AND ${held(`max(${value})`)})`
  return { sql, of: value, when, instead: '0' }
}

/**
 * The engine's own deviation fails the whole pass over one infinite value; a column's covariance with itself is the same recurrence
 * (Welford) and does not.
 */
export function deviationIfFinite(
  value: string,
  { sql, of }: { readonly sql: string; readonly of: 'samp' | 'pop' },
): Foreseen {
  const square = `covar_${of}(${value}, ${value})`
  const { when } = ifFinite(value, { sql, instead: '' })
  return { sql, of: value, when: `(${when} AND isfinite(${square}))`, instead: `sqrt(${square})` }
}
