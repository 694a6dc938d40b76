// How the candidate did on the holdout, whatever its task: what gating records for reports and model cards to draw.
import type { GroupName } from '../../verify/fairness/group-counts.ts'
import type { CheckResult } from '../../verify/gates/check-result.ts'
import type { GateReport } from '../../verify/gates/gate-report.ts'
import { expectedCalibrationError } from '../../verify/metrics/expected-calibration.ts'
import { binningOf } from '../../verify/metrics/metric-parameters.ts'
import type { Scored } from '../../verify/metrics/scored.ts'
import { groupPanelFacts } from './group-facts.ts'
import { type ExpectedError, type PerformanceFacts, performanceFacts } from './performance-facts.ts'
import { type TaskFacts, taskFacts } from './task-facts.ts'

/** Those of two classes carry no `task`: documents of before have none either. */
export type ModelFacts = PerformanceFacts | TaskFacts

export interface ModelEvidence {
  readonly scored: Scored
  /** Of the declared grouping columns, one value per row. */
  readonly groups: ReadonlyMap<string, readonly GroupName[]>
  /** What the checks asked decides which conditions and which calibration errors are worth recording. */
  readonly report: GateReport
}

export function modelFactsOf({ scored, groups, report }: ModelEvidence): ModelFacts {
  const checks = report.gates.flatMap((gate) => gate.checks)
  const extra = {
    panels: groupPanelFacts({ scored, groups, given: conditionsOf(checks, groups) }),
    expected: expectedErrors(scored, checks),
  }
  return scored.task === 'binary'
    ? { ...performanceFacts({ ...scored, groups }), ...extra }
    : { ...taskFacts(scored), ...extra }
}

export function isTaskFacts(facts: ModelFacts): facts is TaskFacts {
  return 'task' in facts
}

/** The recorded figures of a gate evidence document, as this version knows them; null for none or another form. */
export function readModelFacts(figures: unknown): ModelFacts | null {
  if (typeof figures !== 'object' || figures === null) return null
  const { metrics, rows } = figures as Partial<ModelFacts>
  if (!Array.isArray(metrics) || typeof rows !== 'number') return null
  // The document's digest is on record, so its figures are as a program of ours wrote them.
  return figures as ModelFacts
}

/** Group column → what the first check on it conditions on. */
function conditionsOf(
  checks: readonly CheckResult[],
  groups: ModelEvidence['groups'],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { spec } of checks) {
    if (spec?.kind !== 'gap' || spec.given.length === 0) continue
    if (!spec.given.every((column) => groups.has(column))) continue
    for (const column of spec.by) if (!found.has(column)) found.set(column, spec.given)
  }
  return found
}

function expectedErrors(scored: Scored, checks: readonly CheckResult[]): readonly ExpectedError[] {
  if (scored.task !== 'binary' && scored.task !== 'multiclass') return []
  const names = checks.flatMap(({ spec }) => (spec?.kind === 'metric' ? [spec.metric] : []))
  const asked = [...new Set(names.filter((name) => name.startsWith('ece@')))]
  return asked.flatMap((metric) => {
    const binning = binningOf(metric)
    const found = binning && expectedCalibrationError(scored, binning, draws)
    return found === undefined ? [] : [{ metric, ...found }]
  })
}

/** Enough for two digits; more would take longer than the gate itself. */
const draws = { replicates: 100, seed: 'lockstep' }
