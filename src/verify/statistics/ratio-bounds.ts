// Bounds for the ratio of two independent proportions: Koopman's score interval, and Katz's on the log scale.
import { rootOf } from './distributions.ts'
import type { Bounds, Count } from './proportion-bounds.ts'

/** Koopman (1984): good down to few successes and near 1; 0 or Infinity where one side has none. */
export function koopmanRatio(first: Count, second: Count, z: number): Bounds {
  if (first.trials <= 0 || second.trials <= 0) return { lower: 0, upper: Infinity }
  if (first.successes === 0 && second.successes === 0) return { lower: 0, upper: Infinity }
  const excess = (logRatio: number) => koopmanScore(first, second, Math.exp(logRatio)) - z * z
  const at = Math.log(
    Math.max(first.successes, 0.5) /
      first.trials /
      (Math.max(second.successes, 0.5) / second.trials),
  )
  return {
    lower:
      first.successes === 0 ? 0 : Math.exp(rootOf((x) => -excess(x), { low: at - 1, high: at })),
    upper: second.successes === 0 ? Infinity : Math.exp(rootOf(excess, { low: at, high: at + 1 })),
  }
}

/** Katz et al. (1978): the normal interval of log(p₁/p₂); undefined where a side has no successes. */
export function katzRatio(first: Count, second: Count, z: number): Bounds | undefined {
  if (first.successes === 0 || second.successes === 0) return undefined
  const ratio = first.successes / first.trials / (second.successes / second.trials)
  const half =
    z * Math.sqrt(1 / first.successes - 1 / first.trials + 1 / second.successes - 1 / second.trials)
  return { lower: ratio * Math.exp(-half), upper: ratio * Math.exp(half) }
}

/** The squared score where p₁ = ratio · p₂, both at their maximum-likelihood values (Koopman 1984, eq. 2-3). */
function koopmanScore(first: Count, second: Count, ratio: number): number {
  const { successes: x, trials: m } = first
  const { successes: y, trials: n } = second
  const middle = ratio * (m + y) + x + n
  const root = Math.sqrt(Math.max(0, middle ** 2 - 4 * ratio * (m + n) * (x + y)))
  const p2 = (middle - root) / (2 * (m + n) * ratio)
  const p1 = ratio * p2
  // Where one group always succeeds p₁ is 1 and adds no variance: the other group's remains.
  const variance = (p1 * (1 - p1)) / m + (ratio ** 2 * p2 * (1 - p2)) / n
  const distance = (x / m - ratio * (y / n)) ** 2
  return variance > 0 ? distance / variance : distance === 0 ? 0 : Infinity
}
