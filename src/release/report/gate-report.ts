// What every form of a gate report is written from: the evidence of one run, in the order in which a person should read it.
import type { CheckResult } from '../../verify/gates/check-result.ts'
import type { EvidenceDocument } from '../../verify/gates/evidence-document.ts'
import type { TestScore } from '../../verify/gates/planning/ml-test-score.ts'
import { attemptSentence } from '../../verify/statistics/attempts.ts'
import { formatRate } from '../../verify/statistics/number-words.ts'
import { type Verdict, verdictsWorstFirst } from '../../verify/statistics/verdict.ts'
import type { ModelFacts } from '../card/model-facts.ts'

export interface GateReportRequest {
  readonly project: string
  readonly model: string
  readonly run: { readonly number: number; readonly id: string; readonly finishedAt: string }
  /** The release the run sealed; null when its gates did not let it through. */
  readonly release: { readonly number: number; readonly alias: string } | null
  /** What became of the run, in one sentence. */
  readonly outcome: string
  readonly document: EvidenceDocument
  readonly performance: ModelFacts | null
  readonly engine: string
  /** Of the project as it stands; null leaves the section out. */
  readonly score: TestScore | null
}

export interface ReportedCheck extends CheckResult {
  readonly gate: string
}

/** Worst first; in the order of declaration among equals. */
export function checksWorstFirst(document: EvidenceDocument): readonly ReportedCheck[] {
  const rank = ({ verdict }: ReportedCheck) => verdictsWorstFirst.indexOf(verdict)
  return document.gates
    .flatMap((gate) => gate.checks.map((check) => ({ ...check, gate: gate.name })))
    .toSorted((a, b) => rank(a) - rank(b))
}

/** `1 fail, 2 insufficient, 14 pass`. */
export function tally(document: EvidenceDocument): string {
  const checks = document.gates.flatMap((gate) => gate.checks)
  const parts = verdictsWorstFirst.flatMap((verdict: Verdict) => {
    const count = checks.filter((check) => check.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${verdict}`]
  })
  return parts.join(', ') || 'no checks'
}

/** How often the holdout was asked, and what follows; undefined the first time. */
export function attemptsOf({ judged }: EvidenceDocument): string | undefined {
  if (judged === null) return undefined
  const { attempt, attempts: policy, confidence } = judged
  const said = attemptSentence({ attempt, policy }, confidence)
  return said && said.charAt(0).toUpperCase() + said.slice(1)
}

export function titleOf({ model, run, release }: GateReportRequest): string {
  const made = release === null ? '' : `, release ${release.number} (${release.alias})`
  return `Gates of ${model}, run ${run.number}${made}`
}

/** Beside a calibration error: what chance alone would make of it on these rows. */
export function expectedWords(
  { spec }: ReportedCheck,
  facts: GateReportRequest['performance'],
): string | undefined {
  if (spec?.kind !== 'metric') return undefined
  const found = facts?.expected?.find(({ metric }) => metric === spec.metric)
  if (found === undefined) return undefined
  return `a perfectly calibrated model would show ${formatRate(found.mean)} on these rows, 95 % of the time at most ${formatRate(found.upper)}`
}

/** Longer texts are whole in the JSON report. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
