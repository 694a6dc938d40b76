// The one error for a holdout that nothing can be judged on.
import { LockstepError } from '../../../foundation/errors.ts'

export function holdoutUnfit(message: string, hint?: string): LockstepError {
  return new LockstepError({
    code: 'run.holdout_unfit',
    kind: 'invalid',
    message,
    hint: hint ?? 'correct evaluate: in lockstep.yaml, or the step that makes the holdout',
  })
}

/** A value as it stands in the data, short. */
export function shownValue(value: unknown): string {
  const text =
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one)) ??
    'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
