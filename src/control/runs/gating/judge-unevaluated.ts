// A model that could not be asked anything may still have been looked at: checks of its file and of its project are judged, and those
// that needed an evaluation are in error and say why there was none.
import { isLockstepError, type LockstepError } from '../../../foundation/errors.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import { familyOf } from '../../../verify/gates/families.ts'
import type { GateEvidenceInput } from '../../../verify/gates/gate-evidence.ts'
import { type GateReport, reportOf } from '../../../verify/gates/gate-report.ts'
import { settingsOf } from '../../../verify/gates/judge-check.ts'
import { judgeGate } from '../../../verify/gates/judge-gates.ts'

export interface Unevaluated {
  readonly spec: Pick<ProjectSpec, 'gates' | 'gateDefaults'>
  readonly apart: Pick<GateEvidenceInput, 'security' | 'tests' | 'recipe'>
  readonly error: unknown
}

/** Kinds that are judged without the model being asked. */
const kindsApart = ['security', 'tests', 'recipe']

/** Throws the error itself when it is a fault of ours, and when there is no check to say it. */
export function judgeUnevaluated({ spec, apart, error }: Unevaluated): GateReport {
  if (!isLockstepError(error)) throw error
  const because = whole(error)
  const evidence: GateEvidenceInput = { ...nothingScored, ...apart }
  const report = reportOf(
    spec.gates.map(({ name, checks }) =>
      judgeGate({
        ...{ name, checks, defaults: spec.gateDefaults },
        measure: (one) =>
          kindsApart.includes(one.kind)
            ? familyOf(one.kind).measure(one, evidence, settingsOf(one, spec.gateDefaults))
            : { method: 'unreadable', because },
      }),
    ),
  )
  if (report.verdict !== 'fail' && report.verdict !== 'error') throw error
  return report
}

function whole({ message, hint }: LockstepError): string {
  return hint === undefined ? message : `${message} (${hint})`
}

const nothingScored: GateEvidenceInput = {
  holdout: {
    scored: {
      ...{ task: 'binary', threshold: 0.5 },
      labels: new Uint8Array(),
      scores: new Float64Array(),
    },
    columns: new Map(),
  },
  baselines: new Map(),
}
