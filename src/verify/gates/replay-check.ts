// Replay: a recorded verdict computed again from its own statistics, without data, model or network.
import type { Verdict } from '../statistics/verdict.ts'
import type { CheckResult } from './check-result.ts'
import type { GateReport } from './gate-report.ts'
import { judgeCheck } from './judge-check.ts'

export interface Replay {
  readonly id: string
  readonly recorded: Verdict
  readonly verdict: Verdict
  readonly agrees: boolean
  /** The sentence as the engine of today says it. */
  readonly because: string
}

/** A waiver is a decision of a person, not of the statistics: a waived check is replayed as what was waived. */
export function replayCheck(result: CheckResult): Replay {
  const { id, spec, statistics, settings, verdict: recorded } = result
  if (spec === null) {
    return { id, recorded, verdict: 'error', agrees: recorded === 'error', because: result.because }
  }
  const { verdict, because } = judgeCheck(spec, statistics, settings)
  const agrees = recorded === verdict || recorded === 'waived'
  return { id, recorded, verdict, agrees, because }
}

export function replayReport(report: GateReport): readonly Replay[] {
  return report.gates.flatMap((gate) => gate.checks.map(replayCheck))
}
