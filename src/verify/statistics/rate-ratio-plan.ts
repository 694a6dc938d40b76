// How long a rollout must watch before `rate-ratio` can decide: expected errors and requests, said before it starts.

export interface HarmPlan {
  /** Candidate's share of traffic, in (0, 1). */
  readonly w: number
  /** The true ratio of error rates one wants to notice. */
  readonly theta: number
  readonly alpha: number
  readonly theta0?: number
}

export interface SafePlan {
  readonly w: number
  /** Margin one wants to exclude, when the rates are truly equal. */
  readonly theta1: number
  readonly beta: number
}

/** Expected number of errors, both arms together, until harm is shown (within 20 % of simulation). */
export function expectedEventsToHarm({ w, theta, alpha, theta0 = 1 }: HarmPlan): number {
  if (theta <= theta0) return Infinity
  return growth(errorShare(w, theta), errorShare(w, theta0), alpha)
}

/** Expected number of errors until safety is shown when both rates are equal. */
export function expectedEventsToSafe({ w, theta1, beta }: SafePlan): number {
  if (theta1 <= 1) return Infinity
  return growth(w, errorShare(w, theta1), beta)
}

/** Errors into requests of both arms, for a stable error rate in (0, 1]. */
export function requestsForEvents(
  events: number,
  arms: { readonly w: number; readonly theta: number; readonly stableErrorRate: number },
): number {
  const { w, theta, stableErrorRate } = arms
  return events / (stableErrorRate * (w * theta + 1 - w))
}

/** Probability that an error is the candidate's. */
export function errorShare(w: number, theta: number): number {
  return (w * theta) / (w * theta + 1 - w)
}

// Price of not knowing theta beforehand, fitted to simulation (rollouts.md 5.2).
const mixturePrice = 1.3

/** Wald's growth rate: log(1/alpha) over the information per event (Breiman 1961). */
function growth(truth: number, nullShare: number, alpha: number): number {
  return (mixturePrice * -Math.log(alpha)) / divergence(truth, nullShare)
}

function divergence(a: number, b: number): number {
  return a * Math.log(a / b) + (1 - a) * Math.log((1 - a) / (1 - b))
}
