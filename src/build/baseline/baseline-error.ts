// The baseline trainer's refusals of data or parameters it cannot train on.
import { LockstepError } from '../../foundation/errors.ts'

export function baselineError(code: string, message: string, hint: string): LockstepError {
  return new LockstepError({ code: `baseline.${code}`, kind: 'invalid', message, hint })
}
