// From replicates to bounds that hold together: the quantile of the largest studentised distance (max-|T|; Westfall &
// Young 1993, Hothorn et al. 2008), with Student's correction where the standard error itself comes from few rows.
import { studentQuantile } from '../statistics/distributions.ts'
import { wilson } from '../statistics/proportion-bounds.ts'
import { normalCdf, normalQuantile } from '../statistics/special-functions.ts'
import {
  type Aggregate,
  type ComparedGroups,
  isRatio,
  type ResampledComparison,
} from './group-statistics.ts'
import type { Draw, OfDraws } from './resampled-values.ts'

/** One value that is resampled: a metric of a group or of all rows. */
export interface Unit {
  /** Whose value it is; null: all rows of the panel. */
  readonly of: Omit<ComparedGroups, 'group' | 'other'> & { readonly group: number | null }
  readonly draw: OfDraws
  readonly support: number
  /** What is drawn as one: rows, or fewer entities. */
  readonly entities: number
  readonly range: readonly [number, number]
}

/** Positions among the units. */
export interface Compared extends ComparedGroups {
  readonly first: number
  readonly second: number | null
  /** The first is part of the second: their errors are not independent. */
  readonly isNested: boolean
}

export interface Replicated extends ComparedGroups {
  /** null where it is undefined, or too many replicates were. */
  readonly estimate: number | null
  readonly se: number | null
  /** Of the variance, the part of `group`. */
  readonly share: number
  readonly df: number
  /** |T| of every replicate. */
  readonly distances: Float64Array
}

interface Drawn {
  readonly aggregate: Aggregate
  readonly units: readonly Unit[]
  readonly observed: readonly Draw[]
  readonly draws: readonly (readonly Draw[])[]
  /** Of each unit. */
  readonly ses: readonly number[]
}

export function compareDraws(drawn: Drawn, one: Compared): Replicated {
  const { aggregate, units, observed, draws } = drawn
  const { panel, metric, group, other, first, second, isNested } = one
  const contrast = (a: Draw | undefined, b: Draw | undefined) =>
    isRatio(aggregate) ? logRatio(a, b) : difference(a, second === null ? null : b)
  const at = (of: readonly Draw[]) => contrast(of[first], second === null ? undefined : of[second])
  const found = at(observed)
  const replicates = draws[first]?.length ?? 0
  const values = Array.from({ length: replicates }, (_, replicate) =>
    contrast(draws[first]?.[replicate], second === null ? undefined : draws[second]?.[replicate]),
  )
  const spread = spreadOf(values.map(({ value }) => value))
  const isStudentised = found.se !== undefined && !isNested
  const firstSe = drawn.ses[first] ?? 0
  const secondSe = second === null ? 0 : (drawn.ses[second] ?? 0)
  const se = isStudentised && found.se !== undefined ? found.se : (spread ?? 0)
  const floor = isRatio(aggregate) ? 0 : Math.hypot(firstSe, isNested ? 0 : secondSe)
  const known = found.value === undefined || spread === undefined ? null : se > 0 ? se : floor
  return {
    ...{ panel, metric, group, other },
    estimate: found.value ?? null,
    se: known !== null && known > 0 ? known : null,
    share: isNested ? 1 : shareOf(firstSe, secondSe),
    df: isStudentised ? Infinity : freedom(units, one, [firstSe, secondSe]),
    distances: distancesOf(values, found.value ?? 0, se, isStudentised),
  }
}

/** Bounds of each comparison alone and of all together, as multiples of its standard error. */
export function settleComparisons(
  replicated: readonly Replicated[],
  level: number,
): readonly ResampledComparison[] {
  const replicates = replicated[0]?.distances.length ?? 0
  const largest = new Float64Array(replicates)
  for (const { distances, se } of replicated) {
    if (se === null) continue
    for (let at = 0; at < replicates; at++) {
      largest[at] = Math.max(largest[at] ?? 0, distances[at] ?? 0)
    }
  }
  const together = quantileOf(largest, level)
  const normal = normalQuantile((1 + level) / 2)
  return replicated.map(({ panel, metric, group, other, estimate, se, share, df, distances }) => {
    // Never narrower than the normal interval: replicates of a constant have no spread.
    const alone = Math.max(normal, quantileOf(distances, level))
    return {
      ...{ panel, metric, group, other },
      estimate: estimate === null ? null : digits(estimate, 12),
      se: se === null ? null : digits(se, 12),
      share: digits(share, 4),
      single: digits(students(alone, df), 6),
      simultaneous: digits(students(Math.max(alone, together), df), 6),
    }
  })
}

function difference(a: Draw | undefined, b: Draw | undefined | null): Draw {
  if (b === null) return { value: a?.value, se: a?.se }
  if (a?.value === undefined || b?.value === undefined) return { value: undefined, se: undefined }
  const se = a.se === undefined || b.se === undefined ? undefined : Math.hypot(a.se, b.se)
  return { value: a.value - b.value, se }
}

function logRatio(a: Draw | undefined, b: Draw | undefined): Draw {
  const isDefined = (a?.value ?? 0) > 0 && (b?.value ?? 0) > 0
  if (!isDefined || a?.value === undefined || b?.value === undefined)
    return { value: undefined, se: undefined }
  const se =
    a.se === undefined || b.se === undefined
      ? undefined
      : Math.hypot(a.se / a.value, b.se / b.value)
  return { value: Math.log(a.value) - Math.log(b.value), se }
}

/** Undefined when more than one replicate in twenty was. */
function spreadOf(values: readonly (number | undefined)[]): number | undefined {
  let mean = 0
  let squares = 0
  let n = 0
  for (const value of values) {
    if (value === undefined) continue
    n++
    const step = value - mean
    mean += step / n
    squares += step * (value - mean)
  }
  return n < 2 || n < 0.95 * values.length ? undefined : Math.sqrt(squares / (n - 1))
}

/** Where no replicate differs (an AUC of 1), a share of the same size and rows tells how little is known. */
export function unitSe(
  { support, range }: Unit,
  found: Draw | undefined,
  draws: readonly Draw[],
): number {
  if (found?.value === undefined) return 0
  const se = found.se ?? spreadOf(draws.map(({ value }) => value)) ?? 0
  if (se > 0 || range[0] !== 0 || range[1] !== 1) return se
  const z = normalQuantile(0.975)
  const { lower, upper } = wilson({ successes: found.value * support, trials: support }, z)
  return (upper - lower) / (2 * z)
}

function shareOf(first: number, second: number): number {
  const whole = first ** 2 + second ** 2
  return whole > 0 ? first ** 2 / whole : 0.5
}

/** Welch and Satterthwaite, on the rows of each denominator. */
function freedom(units: readonly Unit[], one: Compared, ses: readonly number[]): number {
  const of = (at: number | null) => {
    const unit = at === null ? undefined : units[at]
    return Math.max(1, Math.min(unit?.support ?? 2, unit?.entities ?? 2) - 1)
  }
  const [first = 0, second = 0] = ses
  if (one.second === null || one.isNested) return of(one.first)
  const whole = (first ** 2 + second ** 2) ** 2
  const parts = first ** 4 / of(one.first) + second ** 4 / of(one.second)
  return parts > 0 ? whole / parts : of(one.first)
}

function distancesOf(
  values: readonly Draw[],
  estimate: number,
  se: number,
  isStudentised: boolean,
): Float64Array {
  return Float64Array.from(values, ({ value, se: own }) => {
    // A replicate in which a group vanished says nothing against wide bounds.
    if (value === undefined) return Infinity
    const distance = Math.abs(value - estimate)
    if (distance === 0) return 0
    const scale = isStudentised ? (own ?? 0) : se
    return scale > 0 ? distance / scale : Infinity
  })
}

/** The smallest value with at least `level` of the replicates at or below it, counting the observed one. */
function quantileOf(values: Float64Array, level: number): number {
  const sorted = values.toSorted()
  const at = Math.min(sorted.length, Math.ceil(level * (sorted.length + 1))) - 1
  return Math.min(sorted[Math.max(0, at)] ?? 0, 100)
}

/** The multiple with the same tail under Student's t. */
function students(multiple: number, df: number): number {
  if (!Number.isFinite(df) || multiple > 7) return multiple
  return studentQuantile(normalCdf(multiple), df)
}

function digits(value: number, count: number): number {
  return Number(value.toPrecision(count))
}
