// The same holdout asked again and again is a test tried again and again: 20 tries at 5 % let a bad model pass 64 % of the time.
// The count is always shown; with `attempts: spend` each try gets its share of one budget, so that all of them together keep it.
import { formatCount } from './number-words.ts'

export type AttemptPolicy = 'count' | 'spend'

export interface Attempts {
  /** This try included: 1 for the first time a gate is asked on this holdout. */
  readonly attempt: number
  readonly policy: AttemptPolicy
}

/** α · 6 / (π² k²): the shares of all tries, without an end, add up to α. The first is 61 % of it. */
export function alphaForAttempt(alpha: number, attempt: number): number {
  return (6 * alpha) / (Math.PI * attempt) ** 2
}

/** The confidence of each bound at this try. */
export function confidenceForAttempt(confidence: number, { attempt, policy }: Attempts): number {
  return policy === 'count' ? confidence : 1 - alphaForAttempt(1 - confidence, attempt)
}

/** Chance that a model exactly at the limit has passed at least once after so many independent tries. */
export function chanceOfLuck(alpha: number, attempts: number): number {
  return -Math.expm1(attempts * Math.log1p(-alpha))
}

/** What a person is told; undefined the first time, when there is nothing to tell. */
export function attemptSentence(
  { attempt, policy }: Attempts,
  confidence: number,
): string | undefined {
  if (attempt <= 1) return undefined
  const asked = `this gate has been asked ${formatCount(attempt)} times on the same holdout`
  if (policy === 'spend') {
    const now = percent(confidenceForAttempt(confidence, { attempt, policy }))
    return `${asked}: bounds are at ${now} so that all tries together keep ${percent(confidence)}`
  }
  const luck = percent(chanceOfLuck(1 - confidence, attempt))
  return `${asked}: a model at the limit would by now have passed once with a chance of up to ${luck}; use new rows, or gates.defaults.attempts: spend`
}

function percent(share: number): string {
  const value = share * 100
  return `${Number(value > 99 ? value.toFixed(3) : value.toPrecision(3))} %`
}
