// The report of a set of gates: what was asked, what was found, and what a person should read first.
import { type Verdict, worst } from '../statistics/verdict.ts'
import type { CheckResult } from './check-result.ts'

export interface GateResult {
  readonly name: string
  readonly verdict: Verdict
  /** In the order of declaration. */
  readonly checks: readonly CheckResult[]
}

export interface GateReport {
  /** The worst of all gates; `skipped` when nothing was checked, which does not promote. */
  readonly verdict: Verdict
  readonly gates: readonly GateResult[]
}

export function reportOf(gates: readonly GateResult[]): GateReport {
  return { verdict: worst(gates.map(({ verdict }) => verdict)), gates }
}
