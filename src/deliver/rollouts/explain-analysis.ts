// `rollout explain`: the verdict computed again from the counts, with every number it rests on and what is still needed.
import { formatDuration } from '../../foundation/duration.ts'
import type { AnalysisSpec } from '../../project/environment-spec.ts'
import { rateRatioInterval } from '../../verify/statistics/rate-ratio.ts'
import { type Analysis, analyseRollout, percent } from './analyse-rollout.ts'
import { requestsStillNeeded } from './plan-rollout.ts'
import { type ArmCounts, type RolloutEvidence, sharedSegments } from './rollout-evidence.ts'

export interface AnalysisExplanation {
  readonly analysis: Analysis
  /** Candidate's error rate over stable's: confidence sequence at level alpha; null ends are unbounded. */
  readonly ratio: { readonly lower: number; readonly upper: number | null }
  readonly eValues: {
    readonly harm: number
    readonly harmAt: number
    readonly integrity: number
    readonly integrityAt: number
  }
  /** Candidate answers still missing for a pass, and how long they take; null when unknown or never. */
  readonly needs: { readonly requests: number | null; readonly etaMs: number | null }
  readonly sentences: readonly string[]
}

/** `candidatePerSecond`: the candidate's recent answers per second, null when not known. */
export function explainAnalysis(
  evidence: RolloutEvidence,
  spec: AnalysisSpec,
  candidatePerSecond: number | null = null,
): AnalysisExplanation {
  const analysis = analyseRollout(evidence, spec)
  const ratio = ratioOf(evidence, spec)
  const requests =
    analysis.verdict === 'insufficient' ? requestsStillNeeded(analysis.candidate, spec) : 0
  const isPaced = requests !== null && candidatePerSecond !== null && candidatePerSecond > 0
  const etaMs = isPaced ? (requests / candidatePerSecond) * 1000 : requests === 0 ? 0 : null
  const needs = { requests, etaMs }
  return {
    analysis,
    ratio,
    eValues: {
      harm: eValue(analysis.relative.logE),
      harmAt: Math.exp(analysis.relative.threshold),
      integrity: eValue(analysis.integrity.logE),
      integrityAt: Math.exp(analysis.integrity.threshold),
    },
    needs,
    sentences: sentencesOf(analysis, ratio, needs, spec),
  }
}

function ratioOf(evidence: RolloutEvidence, spec: AnalysisSpec): AnalysisExplanation['ratio'] {
  const segments = sharedSegments(evidence).map(({ candidateBp, candidate, stable }) => ({
    candidateShare: candidateBp / 10_000,
    candidateErrors: candidate.errors,
    stableErrors: stable.errors,
  }))
  const { lower, upper } = rateRatioInterval(segments, spec.alpha)
  return { lower, upper: Number.isFinite(upper) ? upper : null }
}

function sentencesOf(
  analysis: Analysis,
  ratio: AnalysisExplanation['ratio'],
  needs: AnalysisExplanation['needs'],
  spec: AnalysisSpec,
): readonly string[] {
  const { candidate, stable, errorRate, relative, rejections, integrity } = analysis
  const upper = ratio.upper === null ? 'unbounded' : ratio.upper.toFixed(2)
  const isWhole = analysis.integrity.logE < analysis.integrity.threshold
  return [
    `${analysis.verdict}: ${analysis.because}`,
    `candidate: ${rate(candidate)}; true rate between ${percent(errorRate.lower)} and ${percent(errorRate.upper)}; the limit is ${percent(spec.maxErrorRate)}`,
    `stable beside it: ${rate(stable)}`,
    `ratio of error rates between ${ratio.lower.toFixed(2)} and ${upper}; harm above ${spec.harmRatio}: e-value ${said(relative.logE)} of ${said(relative.threshold)} needed`,
    `requests rejected as wrong: ${candidate.rejected ?? 0} by the candidate, ${stable.rejected ?? 0} by stable beside it: e-value ${said(rejections.logE)} of ${said(rejections.threshold)} needed`,
    isWhole
      ? `traffic was split as configured (e-value against it ${said(integrity.logE)} of ${said(integrity.threshold)})`
      : `traffic was not split as configured (e-value ${said(integrity.logE)} ≥ ${said(integrity.threshold)})`,
    `all bounds hold at every moment together with probability ${percent(1 - spec.alpha)}, however often one looks`,
    ...sayNeeds(analysis, needs),
  ]
}

function sayNeeds(analysis: Analysis, needs: AnalysisExplanation['needs']): readonly string[] {
  if (analysis.verdict !== 'insufficient') return []
  if (needs.requests === null) {
    return [
      'at the error rate seen so far no number of requests would show that it is below the limit',
    ]
  }
  const eta =
    needs.etaMs === null ? '' : `, about ${formatDuration(needs.etaMs)} at the present pace`
  return [
    `a pass needs about ${Math.ceil(needs.requests)} more candidate answers like those so far${eta}`,
  ]
}

function rate({ requests, errors }: ArmCounts): string {
  return requests === 0
    ? 'no answers'
    : `${errors} errors in ${requests} answers (${percent(errors / requests)})`
}

function said(logE: number): string {
  return eValue(logE).toPrecision(3)
}

/** Kept finite: an explanation is written as JSON. */
function eValue(logE: number): number {
  return Math.exp(Math.min(logE, 700))
}
