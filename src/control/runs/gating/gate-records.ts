// Verdicts as the run keeps them; the numbers they were drawn from lie in the evidence document.
import type { GateReport } from '../../../verify/gates/gate-report.ts'
import type { GateRecord } from '../run.ts'

export function gateRecords(report: GateReport): GateRecord[] {
  return report.gates.map((gate) => ({
    name: gate.name,
    verdict: gate.verdict,
    checks: gate.checks.map((check) => ({
      id: check.id,
      text: check.written,
      verdict: check.verdict,
      estimate: check.estimate ?? null,
      lower: check.lower ?? null,
      upper: check.upper ?? null,
      because: check.because,
      line: check.position?.line ?? null,
    })),
  }))
}
