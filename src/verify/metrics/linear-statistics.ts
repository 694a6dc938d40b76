// Weighted shares and means, and those of rows that belong together: a ratio of two sums, with its linearised standard error
// (Taylor series; Cochran 1977 §6.3, clusters as in Liang & Zeger 1986).
import { round12 } from './bootstrap.ts'
import type { UnitKind, Units } from './units.ts'

/** Plain JSON. */
export interface LinearStatistics {
  readonly estimate: number
  readonly se: number
  /** Rows in the denominator. */
  readonly n: number
  /** Units that have such rows: their number decides how far `se` can be trusted. */
  readonly units: number
  readonly unit: UnitKind
  /** Of the units' contributions to the error. */
  readonly skewness: number
  readonly kurtosis?: number
  /** Rows of equal weight that would weigh as evenly (Kish 1965), at most one a unit. */
  readonly effective: number
}

export interface RatioRows {
  readonly numerators: ArrayLike<number>
  readonly denominators: ArrayLike<number>
  /** Absent: 1 each. */
  readonly weights?: Float64Array | undefined
  readonly units: Units
}

/** Σ w·numerator / Σ w·denominator; undefined when nothing is in the denominator. */
export function linearStatistics(rows: RatioRows): LinearStatistics | undefined {
  const { numerators, denominators, weights, units } = rows
  const perUnit = new Float64Array(units.count)
  const sizes = new Float64Array(units.count)
  let top = 0
  let bottom = 0
  let n = 0
  const length = numerators.length
  const weightOf = (row: number) => weights?.[row] ?? 1
  for (let row = 0; row < length; row++) {
    const weight = weightOf(row)
    if (weight === 0) continue
    top += weight * (numerators[row] ?? 0)
    bottom += weight * (denominators[row] ?? 0)
    if ((denominators[row] ?? 0) !== 0) n++
  }
  if (bottom <= 0) return undefined
  const estimate = top / bottom
  for (let row = 0; row < length; row++) {
    const unit = units.ofRow === null ? row : (units.ofRow[row] ?? 0)
    const weight = weightOf(row)
    const share = weight * (denominators[row] ?? 0)
    sizes[unit] = (sizes[unit] ?? 0) + share
    perUnit[unit] = (perUnit[unit] ?? 0) + weight * (numerators[row] ?? 0) - share * estimate
  }
  let squares = 0
  let cubes = 0
  let fourths = 0
  let sizeSquares = 0
  let used = 0
  for (let unit = 0; unit < units.count; unit++) {
    const own = perUnit[unit] ?? 0
    squares += own * own
    cubes += own * own * own
    fourths += own ** 4
    sizeSquares += (sizes[unit] ?? 0) ** 2
    if ((sizes[unit] ?? 0) !== 0) used++
  }
  const correction = used > 1 ? used / (used - 1) : 1
  return {
    estimate: round12(estimate),
    se: round12(Math.sqrt(correction * squares) / bottom),
    n,
    units: used,
    unit: units.kind,
    ...shapeOf({ count: used, squares, cubes, fourths }),
    effective: round12(bottom ** 2 / sizeSquares),
  }
}

/** Third and fourth standardised moments, from the sums of powers of deviations. */
export function shapeOf(sums: {
  readonly count: number
  readonly squares: number
  readonly cubes: number
  readonly fourths: number
}): { readonly skewness: number; readonly kurtosis: number } {
  const { count, squares, cubes, fourths } = sums
  if (!(squares > 0)) return { skewness: 0, kurtosis: 0 }
  const variance = squares / count
  return {
    skewness: round12(cubes / count / variance ** 1.5),
    kurtosis: round12(fourths / count / variance ** 2 - 3),
  }
}
