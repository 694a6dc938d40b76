// Gates: named groups of checks that must hold. Pure: evidence in, report out; every verdict can be recomputed from the report.
import type { GateSpec, RawCheck } from '../../project/gate-spec.ts'
import { worst } from '../statistics/verdict.ts'
import type { CheckResult, CheckStatistics, GateSettings } from './check-result.ts'
import { type CheckSpec, hasProblems } from './check-spec.ts'
import { familyOf } from './families.ts'
import type { GateEvidenceInput } from './gate-evidence.ts'
import { type GateReport, type GateResult, reportOf } from './gate-report.ts'
import { type DefaultSettings, judgeCheck, settingsOf } from './judge-check.ts'
import { parseCheck } from './language/parse-check.ts'
import { writtenCheck } from './language/written-check.ts'

export interface GateRequest {
  readonly gates: readonly GateSpec[]
  readonly evidence: GateEvidenceInput
  readonly defaults: DefaultSettings
}

/** For judgements outside a project. */
export const gateDefaults: GateSettings = {
  confidence: 0.95,
  power: 0.8,
  minSupport: 30,
  onInsufficient: 'approve',
}

export function judgeGates({ gates, evidence, defaults }: GateRequest): GateReport {
  const measure = (spec: CheckSpec) =>
    familyOf(spec.kind).measure(spec, evidence, settingsOf(spec, defaults))
  return reportOf(gates.map(({ name, checks }) => judgeGate({ name, checks, defaults, measure })))
}

export interface GateToJudge {
  readonly name: string
  readonly checks: readonly RawCheck[]
  readonly defaults: DefaultSettings
  readonly measure: (spec: CheckSpec) => CheckStatistics
}

/** Judges one gate over any source of statistics; a line that does not parse is an error, never left out. */
export function judgeGate({ name, checks, defaults, measure }: GateToJudge): GateResult {
  const seen = new Map<string, number>()
  const results = checks.map((raw): CheckResult => {
    const parsed = parseCheck(raw.text, raw.options)
    const judged = hasProblems(parsed)
      ? unparsed(raw, parsed.problems.map((one) => sentenceOfProblem(one)).join('; '), defaults)
      : judgeCheck(parsed, measure(parsed), defaults)
    const result = { ...judged, written: writtenCheck(raw), position: raw.position }
    return { ...result, id: numberedId(result.id, seen) }
  })
  return { name, verdict: worst(results.map(({ verdict }) => verdict)), checks: results }
}

/** Checks of one gate that would have one id are told apart by their order. */
export function numberedId(id: string, seen: Map<string, number>): string {
  const times = (seen.get(id) ?? 0) + 1
  seen.set(id, times)
  return times === 1 ? id : `${id}#${times}`
}

function sentenceOfProblem(problem: { message: string; hint?: string }): string {
  return problem.hint === undefined ? problem.message : `${problem.message}. ${problem.hint}`
}

function unparsed(
  raw: RawCheck,
  because: string,
  settings: GateSettings,
): Omit<CheckResult, 'position' | 'written'> {
  return {
    id: `unparsed(${raw.text.trim()})`,
    text: raw.text,
    verdict: 'error',
    because,
    method: 'none',
    spec: null,
    options: raw.options,
    settings,
    statistics: { method: 'unreadable', because },
  }
}
