// From judged gates to what becomes of the run: waivers applied, the records a person reads, and whether anything blocks.
import { type Instant, toIso } from '../../../foundation/clock.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import { type Clearance, clearanceOf } from '../../../verify/gates/clearance.ts'
import { type GateReport, reportOf } from '../../../verify/gates/gate-report.ts'
import { applyWaivers, grantorsOf } from '../../../verify/gates/waivers.ts'
import type { GateRecord } from '../run.ts'
import { gateRecords } from './gate-records.ts'

export interface Ruling {
  readonly report: GateReport
  readonly gates: readonly GateRecord[]
  readonly clearance: Clearance
  /** Who granted a waiver that was used. */
  readonly waivedBy: readonly string[]
}

export interface JudgedGates {
  readonly spec: ProjectSpec
  readonly reports: readonly GateReport[]
  readonly authors: readonly string[]
  readonly now: Instant
}

export function ruleOnGates({ spec, reports, authors, now }: JudgedGates): Ruling {
  // A dataset without checks has a gate that asks nothing; nobody needs to read of it.
  const whole = reportOf(
    reports.flatMap((report) => report.gates).filter((gate) => gate.checks.length > 0),
  )
  const today = toIso(now).slice(0, 'yyyy-mm-dd'.length)
  const report = applyWaivers(whole, { waivers: spec.waivers, today, authors })
  const checks = report.gates.flatMap((gate) =>
    gate.checks.map(({ verdict, because, settings, undecided }) => ({
      ...{ gate: gate.name, verdict, because },
      onInsufficient: settings.onInsufficient,
      isUndecided: undecided === true,
    })),
  )
  return {
    report,
    gates: gateRecords(report),
    clearance: clearanceOf(checks),
    waivedBy: grantorsOf(report),
  }
}

/** Before the model is judged nothing has to hold yet: only a no, an error or a forbidden doubt ends the run early. */
export function isBlocked({ clearance, report }: Ruling): boolean {
  // Where nothing is decided yet, the model's own gates may still decide.
  const checks = report.gates.flatMap((gate) => gate.checks)
  const isAnswered = checks.some(
    ({ verdict, undecided }) => verdict !== 'skipped' && undecided !== true,
  )
  return clearance.by === 'nobody' && isAnswered
}
