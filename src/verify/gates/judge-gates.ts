// Gates: named groups of checks that must hold. Pure: evidence in, report out; every verdict can be recomputed from the report.
import type { GateSpec, RawCheck } from '../../project/gate-spec.ts'
import { worst } from '../statistics/verdict.ts'
import type { CheckResult, CheckStatistics, GateSettings } from './check-result.ts'
import { type CheckSpec, hasProblems } from './check-spec.ts'
import type { GateEvidenceInput } from './gate-evidence.ts'
import { type GateReport, type GateResult, reportOf } from './gate-report.ts'
import { judgeCheck } from './judge-check.ts'
import { measureCheck } from './measure-check.ts'
import { parseCheck } from './parse-check.ts'

export interface GateRequest {
  readonly gates: readonly GateSpec[]
  readonly evidence: GateEvidenceInput
  readonly defaults: GateSettings
}

export const gateDefaults: GateSettings = { confidence: 0.95, minSupport: 30 }

export function judgeGates({ gates, evidence, defaults }: GateRequest): GateReport {
  return reportOf(
    gates.map(({ name, checks }) =>
      judgeGate({
        name,
        checks,
        defaults,
        measure: (spec) => measureCheck(spec, evidence, spec.confidence ?? defaults.confidence),
      }),
    ),
  )
}

export interface GateToJudge {
  readonly name: string
  readonly checks: readonly RawCheck[]
  readonly defaults: GateSettings
  readonly measure: (spec: CheckSpec) => CheckStatistics
}

/** Judges one gate over any source of statistics; a line that does not parse is an error, never left out. */
export function judgeGate({ name, checks, defaults, measure }: GateToJudge): GateResult {
  const seen = new Map<string, number>()
  const results = checks.map((raw): CheckResult => {
    const parsed = parseCheck(raw.text, raw.options)
    const result = hasProblems(parsed)
      ? unparsed(raw, parsed.problems.map((one) => sentenceOfProblem(one)).join('; '), defaults)
      : { ...judgeCheck(parsed, measure(parsed), defaults), position: raw.position }
    const times = (seen.get(result.id) ?? 0) + 1
    seen.set(result.id, times)
    return times === 1 ? result : { ...result, id: `${result.id}#${times}` }
  })
  return { name, verdict: worst(results.map(({ verdict }) => verdict)), checks: results }
}

function sentenceOfProblem(problem: { message: string; hint?: string }): string {
  return problem.hint === undefined ? problem.message : `${problem.message}. ${problem.hint}`
}

function unparsed(raw: RawCheck, because: string, settings: GateSettings): CheckResult {
  return {
    id: `unparsed(${raw.text.trim()})`,
    text: raw.text,
    position: raw.position,
    verdict: 'error',
    because,
    method: 'none',
    spec: null,
    settings,
    statistics: { method: 'unreadable', because },
  }
}
