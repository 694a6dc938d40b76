// Planning: what a holdout can detect, with which power, and how many rows a decision needs. Everything is one-sided, as gates decide.
import { normalCdf, normalQuantile } from './special-functions.ts'

/** The levels of a decision: confidence 0.95 and power 0.8 unless the project says otherwise. */
export interface Assurance {
  /** Of the one-sided bound: 1 − α. */
  readonly confidence: number
  /** Chance to decide when the true distance from the limit is the planned one: 1 − β. */
  readonly power: number
}

/** z(1 − α) + z(1 − β): how many standard errors a difference must span. */
export function spanOf({ confidence, power }: Assurance): number {
  return normalQuantile(confidence) + normalQuantile(power)
}

/** The smallest true distance from the limit that is decided with the asked power. */
export function detectable(se: number, assurance: Assurance): number {
  return spanOf(assurance) * se
}

/** Chance that the bound clears the limit when the true distance is `effect`. */
export function powerOf(effect: number, se: number, confidence: number): number {
  if (se <= 0) return effect > 0 ? 1 : 0
  return normalCdf(Math.abs(effect) / se - normalQuantile(confidence))
}

/** Rows for a distance of `effect`, where one row has standard deviation `sd` (n = span² sd² / effect²). */
export function rowsForMean(sd: number, effect: number, assurance: Assurance): number {
  return effect === 0 ? Infinity : Math.ceil((spanOf(assurance) * sd) ** 2 / effect ** 2)
}

/**
 * Rows in the denominator until a rate is shown to be on its side of the limit: the spread at the limit counts for the level, the
 * spread at the rate for the power, and whole rows cost a little more (Fleiss, Levin & Paik 2003, eq. 2.6-2.7).
 */
export function rowsForProportion(
  { rate, limit }: { readonly rate: number; readonly limit: number },
  { confidence, power }: Assurance,
): number {
  const distance = Math.abs(rate - limit)
  if (distance === 0) return Infinity
  const atLimit = normalQuantile(confidence) * Math.sqrt(limit * (1 - limit))
  const atRate = normalQuantile(power) * Math.sqrt(rate * (1 - rate))
  const rows = ((atLimit + atRate) / distance) ** 2
  return Math.ceil((rows / 4) * (1 + Math.sqrt(1 + 2 / (rows * distance))) ** 2)
}

/**
 * Rows for two models that disagree on a share `discordance` of them (Connor 1987, in the form n = span² ψ / δ²): ψ = 0.06 and
 * δ = 0.01 ask for 3,710.
 */
export function rowsForPairedProportion(
  discordance: number,
  effect: number,
  assurance: Assurance,
): number {
  return rowsForMean(Math.sqrt(discordance), effect, assurance)
}

export interface AucSample {
  readonly auc: number
  readonly positives: number
  readonly negatives: number
}

/** Standard error of an AUC one expects, from the class counts alone (Hanley & McNeil 1982). */
export function plannedAucError({ auc, positives, negatives }: AucSample): number {
  const q1 = auc / (2 - auc)
  const q2 = (2 * auc * auc) / (1 + auc)
  const variance =
    auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)
  return Math.sqrt(Math.max(0, variance) / (positives * negatives))
}

/**
 * Standard error of the difference of two AUCs on the same rows; `correlation` of the two estimates, 0.5 to 0.95 for models that
 * share their features (Hanley & McNeil 1983).
 */
export function plannedAucPairError(sample: AucSample, correlation: number): number {
  return plannedAucError(sample) * Math.sqrt(2 * (1 - correlation))
}

export interface AucQuestion extends Assurance {
  readonly auc: number
  /** Share of positives among the rows. */
  readonly prevalence: number
  readonly effect: number
  /** Of the two AUCs when models are compared; null for one AUC against a limit. */
  readonly correlation: number | null
}

/** Rows of both classes together until an AUC is decided at distance `effect`; Infinity for no distance. */
export function rowsForAuc(question: AucQuestion): number {
  const { auc, prevalence, effect, correlation } = question
  if (effect === 0 || prevalence <= 0 || prevalence >= 1) return Infinity
  const isEnough = (rows: number) => {
    const sample = { auc, positives: rows * prevalence, negatives: rows * (1 - prevalence) }
    const se =
      correlation === null ? plannedAucError(sample) : plannedAucPairError(sample, correlation)
    return detectable(se, question) <= Math.abs(effect)
  }
  let high = Math.ceil(2 / Math.min(prevalence, 1 - prevalence))
  while (!isEnough(high) && high < 1e12) high *= 2
  let low = Math.floor(high / 2)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return high
}

/** Errors shrink with the root of n: rows until what can be detected is `effect`. */
export function rowsToDetect(
  now: { readonly n: number; readonly se: number },
  effect: number,
  assurance: Assurance,
): number {
  return effect === 0 ? Infinity : Math.ceil(now.n * (detectable(now.se, assurance) / effect) ** 2)
}
