// The paired bootstrap: rows are drawn with replacement, the same rows for every model, one linear pass per replicate.
import { randomStream } from '../../foundation/random.ts'
import type { RowWeights } from './curves.ts'

export interface BootstrapPlan {
  readonly rows: number
  readonly replicates: number
  readonly seed: string
}

export interface BootstrapSpread {
  /** Standard deviation over the replicates in which the statistic was defined. */
  readonly se: number
  readonly defined: number
}

/** Spread of a statistic of the resampled rows; undefined when fewer than 95 % of the replicates could be evaluated. */
export function bootstrap(
  plan: BootstrapPlan,
  statistic: (weights: RowWeights) => number | undefined,
): BootstrapSpread | undefined {
  const random = randomStream(plan.seed, 'bootstrap')
  const weights = new Uint16Array(plan.rows)
  let defined = 0
  let mean = 0
  let squares = 0
  for (let replicate = 0; replicate < plan.replicates; replicate++) {
    weights.fill(0)
    for (let draw = 0; draw < plan.rows; draw++) {
      const row = random.below(plan.rows)
      weights[row] = (weights[row] ?? 0) + 1
    }
    const value = statistic(weights)
    if (value === undefined) continue
    // Welford's update: no cancellation between nearly equal replicates.
    defined++
    const step = value - mean
    mean += step / defined
    squares += step * (value - mean)
  }
  if (defined < 2 || defined < 0.95 * plan.replicates) return undefined
  return { se: Math.sqrt(squares / (defined - 1)), defined }
}
