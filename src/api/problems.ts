// Whatever went wrong, as the problem document (RFC 9457) a caller reads.
import { errorKinds, isLockstepError, LockstepError, sentenceOf } from '../foundation/errors.ts'
import type { ProblemView } from './contract/views.ts'

/** Bytes of a request body that are read. */
export const largestBody = 1024 * 1024

export function problemView(error: LockstepError): ProblemView {
  return {
    type: `https://lockstep.dev/problems/${error.code}`,
    title: error.kind,
    status: errorKinds[error.kind].http,
    code: error.code,
    detail: error.message,
    ...(error.hint ? { hint: error.hint } : {}),
    ...(Object.keys(error.details).length > 0 ? { details: error.details } : {}),
  }
}

export function asLockstepError(error: unknown): LockstepError {
  if (isLockstepError(error)) return error
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  const kind = status >= 400 && status < 500 ? 'invalid' : 'internal'
  // Not kind `limit`, which invites to try again: the same body would be too large again.
  if (status === 413)
    return new LockstepError({
      code: 'api.too_large',
      kind,
      message: `the request is larger than the ${largestBody} bytes that are read; nothing was done`,
      cause: error,
    })
  return new LockstepError({ code: `api.${kind}`, kind, message: sentenceOf(error), cause: error })
}
