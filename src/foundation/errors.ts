// The one error class thrown at the edge, and what each kind means for a shell and for HTTP.

export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'precondition'
  | 'limit'
  | 'unavailable'
  | 'timeout'
  | 'internal'

interface KindMeaning {
  readonly http: number
  readonly exit: number
  readonly retryable: boolean
}

/** Exit codes are part of the public interface: docs/reference/exit-codes.md. */
export const errorKinds: Record<ErrorKind, KindMeaning> = {
  invalid: { http: 400, exit: 2, retryable: false },
  unauthenticated: { http: 401, exit: 9, retryable: false },
  forbidden: { http: 403, exit: 9, retryable: false },
  not_found: { http: 404, exit: 1, retryable: false },
  conflict: { http: 409, exit: 8, retryable: false },
  precondition: { http: 412, exit: 5, retryable: false },
  limit: { http: 429, exit: 1, retryable: true },
  unavailable: { http: 503, exit: 1, retryable: true },
  timeout: { http: 504, exit: 124, retryable: true },
  internal: { http: 500, exit: 1, retryable: false },
}

export interface ErrorParts {
  /** Stable, machine-readable: `step.output_missing`. Room first, then what happened. */
  readonly code: string
  readonly kind: ErrorKind
  /** Which object, observed against allowed, and the consequence: one sentence. */
  readonly message: string
  /** The next action, as a sentence or a command to type. */
  readonly hint?: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

export class LockstepError extends Error {
  override name = 'LockstepError'
  readonly code: string
  readonly kind: ErrorKind
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.code = parts.code
    this.kind = parts.kind
    this.hint = parts.hint
    this.details = parts.details ?? {}
  }
}

export function isLockstepError(error: unknown): error is LockstepError {
  return error instanceof LockstepError
}

/** The sentence for a person, whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Error) return error.message
  return String(error)
}

/** Node's system error code (`ENOSPC`, `EADDRINUSE`, …) or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
