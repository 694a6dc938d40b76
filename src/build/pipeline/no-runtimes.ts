// The port for callers without language environments: it refuses, in one clear sentence.
import { LockstepError } from '../../foundation/errors.ts'
import type { RuntimeSpec } from '../../project/step-spec.ts'
import type { RuntimesPort } from './step-runtime.ts'

export const noRuntimes: RuntimesPort = {
  describe: (spec) => Promise.reject(unavailable(spec.kind, spec.lock)),
  prepare: ({ facts, lockPath }) => Promise.reject(unavailable(facts.kind, lockPath)),
}

function unavailable(kind: RuntimeSpec['kind'], lock: string): LockstepError {
  return new LockstepError({
    code: 'runtime.unavailable',
    kind: 'unavailable',
    message: `a step needs a ${kind} environment from ${lock}, and this process makes none`,
    hint: 'Run the pipeline with: lockstep run',
  })
}
