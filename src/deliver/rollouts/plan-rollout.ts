// Says before a rollout starts how long each step needs until it can be judged, and whether it can be judged at all.
import { formatDuration } from '../../foundation/duration.ts'
import type { AnalysisSpec, EnvironmentSpec } from '../../project/environment-spec.ts'
import { proportionInterval } from '../../verify/statistics/proportion.ts'
import { expectedEventsToHarm, requestsForEvents } from '../../verify/statistics/rate-ratio-plan.ts'
import { harmShares, percent } from './analyse-rollout.ts'
import type { ArmCounts } from './rollout-evidence.ts'

export interface PlannedStep {
  readonly kind: 'shadow' | 'canary' | 'bake'
  readonly shareBp: number
  /** Candidate answers needed from the start of the rollout on; null when no number would do. */
  readonly requestsNeeded: number | null
  /** Until this step can go on, hold and evidence together; null when it never can. */
  readonly seconds: number | null
  /** Until a candidate with three times stable's error rate would be taken back. */
  readonly secondsToSeeTriple: number | null
  readonly because: string
}

export interface RolloutPlan {
  readonly steps: readonly PlannedStep[]
  readonly totalSeconds: number | null
  /** Whether every step can be judged before its deadline. */
  readonly canConclude: boolean
}

/** `recentRequestRate` in requests per second over the whole environment; `errorRate` is stable's, 0 when unknown. */
export function planRollout(
  environment: EnvironmentSpec,
  recentRequestRate: number,
  errorRate: number,
): RolloutPlan {
  const { strategy, analysis } = environment
  const traffic = { recentRequestRate, errorRate, analysis }
  const steps: PlannedStep[] = []
  let counted = 0
  if (strategy.kind === 'canary') {
    const watched = [
      ...(strategy.shadow === null
        ? []
        : [
            {
              kind: 'shadow' as const,
              shareBp: strategy.shadow.mirrorBp,
              holdMs: strategy.shadow.holdMs,
            },
          ]),
      ...strategy.steps.map((step) => ({ kind: 'canary' as const, ...step })),
    ]
    for (const step of watched) {
      const planned = planStep(step, traffic, counted)
      counted += (planned.seconds ?? 0) * recentRequestRate * (step.shareBp / 10_000)
      steps.push(planned)
    }
  }
  steps.push(planBake(strategy.bakeMs))
  const isOpen = steps.some((step) => step.seconds === null)
  const late = steps.some((step) => step.kind !== 'bake' && isLate(step, analysis))
  return {
    steps,
    totalSeconds: isOpen ? null : steps.reduce((sum, step) => sum + (step.seconds ?? 0), 0),
    canConclude: !isOpen && !late,
  }
}

/** How many candidate answers are needed in all for a pass, if errors keep coming at `errorRate`; null when none would do. */
export function requestsForPass(analysis: AnalysisSpec, errorRate: number): number | null {
  if (errorRate >= analysis.maxErrorRate) return null
  const passes = (requests: number) => {
    const errors = Math.round(errorRate * requests)
    const { upper } = proportionInterval({ successes: errors, trials: requests }, analysis.alpha)
    return upper < analysis.maxErrorRate
  }
  let high = Math.max(1, analysis.minRequests)
  while (!passes(high)) {
    high *= 2
    if (high > 1e9) return null
  }
  let low = Math.max(0, analysis.minRequests - 1)
  while (high - low > 1 + high / 500) {
    const middle = Math.floor((low + high) / 2)
    if (passes(middle)) high = middle
    else low = middle
  }
  return high
}

/** How many more candidate answers a pass needs, if errors keep coming as they did. */
export function requestsStillNeeded(candidate: ArmCounts, analysis: AnalysisSpec): number | null {
  const rate = candidate.requests === 0 ? 0 : candidate.errors / candidate.requests
  const total = requestsForPass(analysis, rate)
  return total === null ? null : Math.max(0, total - candidate.requests)
}

interface Traffic {
  readonly recentRequestRate: number
  readonly errorRate: number
  readonly analysis: AnalysisSpec
}

function planStep(
  step: { readonly kind: 'shadow' | 'canary'; readonly shareBp: number; readonly holdMs: number },
  { recentRequestRate, errorRate, analysis }: Traffic,
  counted: number,
): PlannedStep {
  const { kind, shareBp, holdMs } = step
  const perSecond = recentRequestRate * (shareBp / 10_000)
  const needed = requestsForPass(analysis, errorRate)
  const base = { kind, shareBp, requestsNeeded: needed, secondsToSeeTriple: null }
  if (needed === null) {
    const because = `an error rate of ${percent(errorRate)} is not below the limit of ${percent(analysis.maxErrorRate)}: no number of requests shows that it is`
    return { ...base, seconds: null, because }
  }
  if (perSecond <= 0) return { ...base, seconds: null, because: 'there is no traffic to judge by' }
  const open = Math.max(needed - counted, analysis.minRequests)
  const seconds = Math.max(holdMs / 1000, open / perSecond)
  const why = seconds > holdMs / 1000 ? `${Math.ceil(open)} candidate answers` : 'its hold'
  return {
    ...base,
    seconds,
    secondsToSeeTriple:
      kind === 'shadow'
        ? null
        : secondsToSeeTriple(step.shareBp, { recentRequestRate, errorRate, analysis }),
    because: `${formatDuration(seconds * 1000)} for ${why} at ${perSecond.toFixed(1)} a second`,
  }
}

function planBake(bakeMs: number): PlannedStep {
  return {
    kind: 'bake',
    shareBp: 10_000,
    requestsNeeded: null,
    seconds: bakeMs / 1000,
    secondsToSeeTriple: null,
    because: `${formatDuration(bakeMs)} of watching with the way back warm`,
  }
}

function secondsToSeeTriple(shareBp: number, traffic: Traffic): number | null {
  const { recentRequestRate, errorRate, analysis } = traffic
  const w = shareBp / 10_000
  if (errorRate <= 0 || w >= 1 || recentRequestRate <= 0) return null
  const harm = {
    w,
    theta: 3,
    alpha: analysis.alpha * harmShares.errors,
    theta0: analysis.harmRatio,
  }
  const events = expectedEventsToHarm(harm)
  if (!Number.isFinite(events)) return null
  return requestsForEvents(events, { w, theta: 3, stableErrorRate: errorRate }) / recentRequestRate
}

function isLate(step: PlannedStep, analysis: AnalysisSpec): boolean {
  return step.seconds === null || step.seconds * 1000 > analysis.deadlineMs
}
