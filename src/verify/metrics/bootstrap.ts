// The bootstrap: every unit (row, entity, block of time) counts Poisson(1) times, the same for every model it is asked of. The
// count follows from seed, replicate and the unit's key alone, so it does not depend on the order of rows (Chamandy et al. 2012).
import { randomStream } from '../../foundation/random.ts'
import { poissonOneTail } from '../statistics/distributions.ts'
import { normalCdf } from '../statistics/special-functions.ts'
import type { OfWeights } from './metric-definition.ts'
import { keyedHash, type UnitKind, type Units, zOfShareBelow } from './units.ts'

/** What is recorded: enough for bounds at any confidence, without the rows. Plain JSON. */
export interface Resampling {
  readonly seed: string
  /** Fewer than the plan's when the limit was far beyond what resampling can reach. */
  readonly replicates: number
  readonly se: number
  /** Values at the shares Φ(−3), Φ(−2.8), … Φ(3) of the replicates, to 12 digits. */
  readonly quantiles: readonly number[]
  /** z of the share of replicates below the estimate: 0 without bias. */
  readonly bias: number
  readonly unit: UnitKind
  readonly units: number
}

export interface ResamplingPlan {
  readonly units: Units
  readonly rows: number
  /** The statistic of the rows as they are. */
  readonly estimate: number
  /** Resampling may end early once this is clearly out of reach. */
  readonly limit?: number
}

/** The seed is part of the evidence: the same rows and seed give the same bounds. */
export const bootstrapDefaults = { replicates: 2000, seed: 'lockstep' } as const

/** The z values of `quantiles`. */
export const quantileGrid: readonly number[] = Array.from({ length: 31 }, (_, at) => (at - 15) / 5)

/** Undefined when fewer than 95 % of the replicates could be evaluated. */
export function resample(plan: ResamplingPlan, statistic: OfWeights): Resampling | undefined {
  const { units, estimate } = plan
  const { seed, replicates } = bootstrapDefaults
  const random = randomStream(seed, 'bootstrap')
  const multiplicities = new Uint8Array(units.count)
  const weights = units.ofRow === null ? multiplicities : new Uint8Array(plan.rows)
  const values: number[] = []
  let drawn = 0
  while (drawn < replicates) {
    drawn++
    draw(units.keys, random.next() * 2 ** 32, random.next() * 2 ** 32, multiplicities)
    if (units.ofRow !== null) spread(multiplicities, units.ofRow, weights)
    const value = statistic(weights)
    if (value !== undefined && Number.isFinite(value)) values.push(value)
    if (isCheckpoint(drawn) && isOutOfReach(values, plan)) break
  }
  if (values.length < 2 || values.length < 0.95 * drawn) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  return {
    seed,
    replicates: drawn,
    se: round12(spreadOf(values)),
    quantiles: quantileGrid.map((z) => round12(quantileOf(sorted, normalCdf(z)))),
    bias: round12(zOfShareBelow(sorted, estimate)),
    unit: units.kind,
    units: units.count,
  }
}

/**
 * How far the standard error itself moves with the value (Efron 1987), from a jackknife over 100 random groups of units: the sum
 * of third powers does not depend on the grouping.
 */
export function accelerationOf(units: Units, rows: number, statistic: OfWeights): number {
  const groups = Math.min(100, units.count)
  const groupOfUnit = Uint32Array.from(units.keys, (key, unit) =>
    groups === units.count ? unit : keyedHash(key, 1, 2) % groups,
  )
  const weights = new Uint8Array(rows)
  const left: number[] = []
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < rows; row++) {
      const unit = units.ofRow === null ? row : (units.ofRow[row] ?? 0)
      weights[row] = groupOfUnit[unit] === group ? 0 : 1
    }
    const value = statistic(weights)
    if (value !== undefined) left.push(value)
  }
  const mean = left.reduce((sum, value) => sum + value, 0) / left.length
  let squares = 0
  let cubes = 0
  for (const value of left) {
    squares += (mean - value) ** 2
    cubes += (mean - value) ** 3
  }
  return squares > 0 ? round12(cubes / (6 * squares ** 1.5)) : 0
}

/** How often a unit counts, by 16 bits of its hash: a table has no branches to guess wrong, which cost five times the hash. */
const timesOfBits = (() => {
  const table = new Uint8Array(2 ** 16)
  let below = 0
  let from = 0
  for (const [times, share] of poissonOneTail.entries()) {
    below += share
    const to = Math.min(table.length, Math.round(below * table.length))
    table.fill(times, from, to)
    from = to
  }
  return table
})()

function draw(keys: Uint32Array, salt: number, pepper: number, into: Uint8Array): void {
  const first = salt | 0
  const second = pepper | 0
  for (let unit = 0; unit < into.length; unit++) {
    into[unit] = timesOfBits[keyedHash(keys[unit] ?? 0, first, second) >>> 16] ?? 0
  }
}

function spread(multiplicities: Uint8Array, ofRow: Uint32Array, into: Uint8Array): void {
  for (let row = 0; row < into.length; row++) into[row] = multiplicities[ofRow[row] ?? 0] ?? 0
}

function isCheckpoint(drawn: number): boolean {
  return drawn === 200 || drawn === 500 || drawn === 1000
}

/** Five standard errors from the estimate and two beyond anything seen: more replicates would not change the verdict. */
function isOutOfReach(values: readonly number[], { limit, estimate }: ResamplingPlan): boolean {
  if (limit === undefined || values.length < 190) return false
  const se = spreadOf(values)
  if (Math.abs(estimate - limit) < 5 * se) return false
  return limit < Math.min(...values) - 2 * se || limit > Math.max(...values) + 2 * se
}

function spreadOf(values: readonly number[]): number {
  let mean = 0
  let squares = 0
  for (const [at, value] of values.entries()) {
    const step = value - mean
    mean += step / (at + 1)
    squares += step * (value - mean)
  }
  return Math.sqrt(squares / (values.length - 1))
}

/** Linear between the order statistics (Hyndman & Fan 1996, type 7). */
function quantileOf(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const from = Math.floor(place)
  const low = sorted[from] ?? Number.NaN
  const high = sorted[from + 1] ?? low
  return low + (place - from) * (high - low)
}

/** Recorded numbers keep 12 digits: below that lies the order of summation, not evidence. */
export function round12(value: number): number {
  return Number(value.toPrecision(12))
}
