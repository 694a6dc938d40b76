// Evidence outlives its run: every check of every gate with the numbers its verdict can be computed from again, as one document.
import { canonicalJson } from '../../foundation/canonical-json.ts'
import type { Digest } from '../../foundation/digest.ts'
import { type GateReport, reportOf } from '../../verify/gates/gate-report.ts'
import type { RunWorld } from './run-world.ts'

export async function keepEvidence(
  world: RunWorld,
  reports: readonly GateReport[],
): Promise<Digest> {
  const whole = reportOf(reports.flatMap((report) => report.gates))
  return world.content.putBytes(canonicalJson(whole))
}
