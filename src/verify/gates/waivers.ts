// Waivers: a named person answers, until a stated day, for a check that did not hold. The statistics stay what they are.
import type { WaiverSpec } from '../../project/gate-spec.ts'
import { worst } from '../statistics/verdict.ts'
import type { CheckResult } from './check-result.ts'
import { familyOf } from './families.ts'
import { type GateReport, type GateResult, reportOf } from './gate-report.ts'

export interface WaiverQuestion {
  readonly waivers: readonly WaiverSpec[]
  /** ISO date of the day on which the gates are judged. */
  readonly today: string
  /** Whoever wrote what is judged. Nobody waives a check of their own work. */
  readonly authors: readonly string[]
}

/** Only `fail` and `insufficient` can be waived: an error is no finding, and integrity is not a matter of opinion. */
export function applyWaivers(report: GateReport, question: WaiverQuestion): GateReport {
  return reportOf(report.gates.map((gate) => waiveIn(gate, question)))
}

function waiveIn(gate: GateResult, question: WaiverQuestion): GateResult {
  const checks = gate.checks.map((check) => waiveCheck(gate.name, check, question))
  return { ...gate, checks, verdict: worst(checks.map(({ verdict }) => verdict)) }
}

function waiveCheck(gate: string, check: CheckResult, question: WaiverQuestion): CheckResult {
  const own = question.waivers.filter(({ check: id }) => isScopeOf(id, gate, check))
  // One that ended may have been given again below it.
  const waiver = own.find((one) => whyNotWaived(check, one, question) === undefined) ?? own[0]
  if (waiver === undefined) return check
  if (check.verdict !== 'fail' && check.verdict !== 'insufficient') return check
  const refused = whyNotWaived(check, waiver, question)
  if (refused !== undefined) return { ...check, because: `${check.because} (${refused})` }
  const { by, because, until } = waiver
  const sentence = `${check.because} (waived until ${until} by ${by}: ${because})`
  const applied = { by, because, until, of: check.verdict }
  return { ...check, verdict: 'waived', because: sentence, waiver: applied }
}

/** A check is named by its id or as it is written, with its gate before it when two gates ask the same. */
function isScopeOf(scope: string, gate: string, { id, written }: CheckResult): boolean {
  return [id, written].some((name) => scope === name || scope === `${gate}/${name}`)
}

function whyNotWaived(
  { spec }: CheckResult,
  { by, until }: WaiverSpec,
  { today, authors }: WaiverQuestion,
): string | undefined {
  if (spec !== null && familyOf(spec.kind).isIntegrity === true)
    return `the waiver of ${by} does not count: a check of integrity cannot be waived`
  if (until < today) return `the waiver of ${by} ended on ${until}`
  const grantor = by.replace(/^person:/, '').toLowerCase()
  if (authors.some((author) => author.toLowerCase() === grantor))
    return `the waiver of ${by} does not count: they wrote part of what is judged`
  return undefined
}

/** Everyone who granted a waiver that was used; their approval of the release does not count. */
export function grantorsOf(report: GateReport): readonly string[] {
  const checks = report.gates.flatMap((gate) => gate.checks)
  return [...new Set(checks.flatMap(({ waiver }) => (waiver ? [waiver.by] : [])))]
}
