// What a child process tells its parent over their channel: that it is ready, or why it cannot be.
import {
  type ErrorKind,
  isLockstepError,
  LockstepError,
  sentenceOf,
} from '../../../foundation/errors.ts'

export const readyMessage = 'ready'

export interface FailureMessage {
  readonly failed: {
    readonly code: string
    readonly kind: ErrorKind
    readonly message: string
    readonly hint: string | null
  }
}

export function failureOf(error: unknown): FailureMessage {
  if (!isLockstepError(error))
    return {
      failed: { code: 'child.broke', kind: 'internal', message: sentenceOf(error), hint: null },
    }
  const { code, kind, message, hint } = error
  return { failed: { code, kind, message, hint: hint ?? null } }
}

export function isFailure(message: unknown): message is FailureMessage {
  return typeof message === 'object' && message !== null && 'failed' in message
}

export function errorOf({ failed }: FailureMessage): LockstepError {
  const { hint, ...parts } = failed
  return new LockstepError(hint === null ? parts : { ...parts, hint })
}
