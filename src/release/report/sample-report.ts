// A gate report as tests need it: one check of every verdict, two groups, and the figures of a sample model.
import type { CheckResult } from '../../verify/gates/check-result.ts'
import type { EvidenceDocument } from '../../verify/gates/evidence-document.ts'
import { reportOf } from '../../verify/gates/gate-report.ts'
import { type ModelEvidence, type ModelFacts, modelFactsOf } from '../card/model-facts.ts'
import { scoredRows } from '../card/sample-card.ts'
import { sampleCheck } from '../card/sample-checks.ts'
import type { GateReportRequest } from './gate-report.ts'

export function reportWith(
  checks: readonly CheckResult[],
  performance: ModelFacts = factsOf(scoredRows(500), scoredRows(500).groups),
): GateReportRequest {
  const verdict = checks[0]?.verdict ?? 'skipped'
  const { gates } = reportOf([{ name: 'quality', verdict, checks }])
  const document: EvidenceDocument = {
    ...{ version: 2, verdict, gates, datasets: [], judged: null, figures: null },
  }
  return {
    ...{ project: 'income', model: 'income', document, engine: '0.1.0', release: null },
    run: { number: 12, id: 'run_1', finishedAt: '2026-11-24T04:00:00.000Z' },
    ...{ outcome: 'No release was made.', score: null },
    performance,
  }
}

export function sampleReport(): GateReportRequest {
  const denominators = [
    { name: 'Female', n: 612, estimate: 0.44, lower: 0.4, upper: 0.48 },
    { name: 'Male', n: 2247, estimate: 0.49, lower: 0.47, upper: 0.51 },
  ]
  return reportWith([
    sampleCheck('pass', { denominators, written: '{"gap(tpr) <= 0.10": {by: sex}}' }),
    ...[sampleCheck('skipped'), sampleCheck('warn'), sampleCheck('insufficient')],
    ...[sampleCheck('error'), sampleCheck('fail'), sampleCheck('waived')],
  ])
}

/** As gating records them. */
export function factsOf(
  scored: ModelEvidence['scored'],
  groups: ModelEvidence['groups'],
  checks: readonly CheckResult[] = [],
): ModelFacts {
  const gates = [{ name: 'quality', verdict: 'pass' as const, checks }]
  return modelFactsOf({ scored, groups, report: { verdict: 'pass', gates } })
}
