// Replay: a recorded verdict computed again from its own statistics, without data, model or network.
import { type Verdict, worst } from '../statistics/verdict.ts'
import type { CheckResult } from './check-result.ts'
import { hasProblems } from './check-spec.ts'
import type { GateReport } from './gate-report.ts'
import { judgeSettled } from './judge-check.ts'
import { parseCheck } from './language/parse-check.ts'

export interface Replay {
  readonly gate: string
  readonly id: string
  readonly written: string
  readonly recorded: Verdict
  /** As the engine of today computes it. */
  readonly verdict: Verdict
  readonly agrees: boolean
  /** What does not agree, or the sentence of today. */
  readonly because: string
}

/** A waiver is a decision of a person, not of the statistics: what was waived is replayed. */
export function replayCheck(gate: string, result: CheckResult): Replay {
  const { id, spec, statistics, settings, waiver } = result
  const recorded = waiver?.of ?? result.verdict
  const subject = { gate, id, written: result.written ?? result.text, recorded: result.verdict }
  if (spec === null) {
    const agrees = recorded === 'error' && hasProblems(parseCheck(result.text, result.options))
    return { ...subject, verdict: 'error', agrees, because: result.because }
  }
  const today = judgeSettled(spec, statistics, settings)
  const moved = (['estimate', 'lower', 'upper', 'limit'] as const).filter(
    (name) => !isSame(today[name], result[name]),
  )
  if (today.verdict !== recorded || moved.length > 0) {
    const numbers = moved.map((name) => `${name} ${today[name]} instead of ${result[name]}`)
    const verdict = today.verdict === recorded ? [] : [`${today.verdict} instead of ${recorded}`]
    const because = `the recorded statistics give ${[...verdict, ...numbers].join(', ')}: ${today.because}`
    return { ...subject, verdict: today.verdict, agrees: false, because }
  }
  return { ...subject, verdict: today.verdict, agrees: true, because: today.because }
}

export function replayReport(report: GateReport): readonly Replay[] {
  const checks = report.gates.flatMap((gate) =>
    gate.checks.map((check) => replayCheck(gate.name, check)),
  )
  const sums = report.gates.map(({ name, verdict, checks: of }) => ({ gate: name, verdict, of }))
  const whole = { gate: 'all gates', verdict: report.verdict, of: report.gates }
  return [...checks, ...[...sums, whole].flatMap(replaySum)]
}

interface SummedVerdict {
  readonly gate: string
  readonly verdict: Verdict
  readonly of: readonly { readonly verdict: Verdict }[]
}

/** The verdict over several is read first, and by programs alone: it is told only where it does not follow from them. */
function replaySum({ gate, verdict: recorded, of }: SummedVerdict): readonly Replay[] {
  const verdict = worst(of.map((one) => one.verdict))
  if (verdict === recorded) return []
  const because = `the recorded verdicts of ${gate} give ${verdict} instead of ${recorded}`
  const id = 'gate verdict'
  return [{ gate, id, written: id, recorded, verdict, agrees: false, because }]
}

/** JSON keeps every bit of a double; another processor's logarithm may differ in the last one. */
const tolerance = 1e-9

function isSame(now: number | undefined, then: number | undefined): boolean {
  // JSON has no infinity: an open side was recorded as null or not at all.
  const a = now !== undefined && Number.isFinite(now) ? now : undefined
  const b = typeof then === 'number' && Number.isFinite(then) ? then : undefined
  if (a === undefined || b === undefined) return a === b
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b))
}
