// The verdict on a candidate from live counts: fail, pass, insufficient, or error when the split itself was broken.
// False rollback has probability at most `alpha` however often one looks: three ways to fail share it (weighted Bonferroni):
// the error rate relative to stable and the rate of rejected requests relative to stable (error allocation, Lindon & Malek
// 2022), and the absolute limit (beta-binomial confidence sequence, Howard et al. 2021). After full promotion nobody answers
// beside the candidate any more, so from then on only the absolute limit can still grow.
import type { AnalysisSpec } from '../../project/environment-spec.ts'
import { logESampleRatio, proportionInterval } from '../../verify/statistics/proportion.ts'
import { logEHarm } from '../../verify/statistics/rate-ratio.ts'
import type { Verdict } from '../../verify/statistics/verdict.ts'
import {
  type ArmCounts,
  candidateCounts,
  type RolloutEvidence,
  sharedSegments,
  stableCounts,
} from './rollout-evidence.ts'

export interface Analysis {
  readonly verdict: Extract<Verdict, 'pass' | 'fail' | 'insufficient' | 'error'>
  readonly because: string
  /** Mirrored answers included. */
  readonly candidate: ArmCounts
  /** While it shared traffic with the candidate. */
  readonly stable: ArmCounts
  /** Confidence sequence of the candidate's error rate at level alpha. */
  readonly errorRate: { readonly lower: number; readonly upper: number }
  /** log E against "not worse than harmRatio × stable"; harm at `threshold`. */
  readonly relative: { readonly logE: number; readonly threshold: number }
  /** The same for requests that the candidate calls wrong and stable does not: a changed signature shows here. */
  readonly rejections: { readonly logE: number; readonly threshold: number }
  /** Lower end of the error rate at its share of alpha; harm above `limit`. */
  readonly absolute: { readonly lower: number; readonly limit: number }
  /** log E against "split as configured"; broken at `threshold`. */
  readonly integrity: { readonly logE: number; readonly threshold: number }
}

/** Of a broken split: stricter than harm, because it stops everyone. */
export const integrityAlpha = 0.001

/** What each way to fail gets of alpha; the sum is 1. */
export const harmShares = { errors: 0.4, limit: 0.4, rejections: 0.2 } as const

export function analyseRollout(evidence: RolloutEvidence, spec: AnalysisSpec): Analysis {
  const candidate = candidateCounts(evidence)
  const counted = { successes: candidate.errors, trials: candidate.requests }
  const { lower, upper } = proportionInterval(counted, spec.alpha)
  const facts = {
    candidate,
    stable: stableCounts(evidence),
    errorRate: { lower, upper },
    relative: {
      logE: relativeHarm(evidence, spec, (arm) => arm.errors),
      threshold: -Math.log(spec.alpha * harmShares.errors),
    },
    rejections: {
      logE: relativeHarm(evidence, spec, (arm) => arm.rejected ?? 0),
      threshold: -Math.log(spec.alpha * harmShares.rejections),
    },
    absolute: {
      lower: proportionInterval(counted, spec.alpha * harmShares.limit).lower,
      limit: spec.maxErrorRate,
    },
    integrity: { logE: splitEvidence(evidence), threshold: -Math.log(integrityAlpha) },
  }
  return { ...facts, ...judge(facts, spec) }
}

/** `1.20 %`; two significant digits below a tenth of a percent. */
export function percent(share: number): string {
  const value = share * 100
  return `${value !== 0 && value < 0.1 ? value.toPrecision(2) : value.toFixed(2)} %`
}

type Facts = Omit<Analysis, 'verdict' | 'because'>

function judge(facts: Facts, spec: AnalysisSpec): Pick<Analysis, 'verdict' | 'because'> {
  const { candidate, stable, errorRate, relative, rejections, absolute, integrity } = facts
  const seen = `${candidate.errors} of ${candidate.requests} candidate answers failed`
  if (absolute.lower > absolute.limit) {
    const because = `${seen}: the error rate is at least ${percent(absolute.lower)}, above the limit of ${percent(absolute.limit)}`
    return { verdict: 'fail', because }
  }
  if (integrity.logE >= integrity.threshold) {
    const because =
      'the gateway did not split traffic as configured, so the arms cannot be compared (sample ratio mismatch)'
    return { verdict: 'error', because }
  }
  if (relative.logE >= relative.threshold) {
    const because = `${seen} against ${stable.errors} of ${stable.requests} of stable: shown to exceed ${times(spec)}stable's error rate (e-value ${Math.exp(relative.logE).toPrecision(3)} ≥ ${Math.exp(relative.threshold).toPrecision(3)})`
    return { verdict: 'fail', because }
  }
  if (rejections.logE >= rejections.threshold) {
    const because = `the candidate rejected ${candidate.rejected ?? 0} of ${candidate.requests} requests as wrong, stable ${stable.rejected ?? 0} of ${stable.requests}: shown to exceed ${times(spec)}stable's rate (e-value ${Math.exp(rejections.logE).toPrecision(3)} ≥ ${Math.exp(rejections.threshold).toPrecision(3)})`
    return { verdict: 'fail', because }
  }
  if (candidate.requests < spec.minRequests) {
    const because = `${candidate.requests} candidate answers of the ${spec.minRequests} that a verdict needs`
    return { verdict: 'insufficient', because }
  }
  if (errorRate.upper < spec.maxErrorRate) {
    const because = `${seen}: the error rate is at most ${percent(errorRate.upper)}, below the limit of ${percent(spec.maxErrorRate)}`
    return { verdict: 'pass', because }
  }
  const because = `${seen}: the error rate may still be up to ${percent(errorRate.upper)}, and ${percent(spec.maxErrorRate)} is the limit`
  return { verdict: 'insufficient', because }
}

function times({ harmRatio }: AnalysisSpec): string {
  return harmRatio === 1 ? '' : `${harmRatio} times `
}

function relativeHarm(
  evidence: RolloutEvidence,
  spec: AnalysisSpec,
  bad: (arm: ArmCounts) => number,
): number {
  const segments = sharedSegments(evidence).map(({ candidateBp, candidate, stable }) => ({
    candidateShare: candidateBp / 10_000,
    candidateErrors: bad(candidate),
    stableErrors: bad(stable),
  }))
  return segments.length === 0 ? 0 : logEHarm(segments, spec.harmRatio)
}

function splitEvidence(evidence: RolloutEvidence): number {
  return logESampleRatio(
    sharedSegments(evidence).map(({ candidateBp, candidate, stable }) => ({
      candidateShare: candidateBp / 10_000,
      candidateUnits: candidate.requests,
      stableUnits: stable.requests,
    })),
  )
}
