// What came back over HTTP, as a value or as the LockstepError it means. Pure.
import type { ProblemView } from '../api/contract/views.ts'
import {
  type ErrorKind,
  errorKinds,
  isLockstepError,
  LockstepError,
  sentenceOf,
  systemCodeOf,
} from '../foundation/errors.ts'

export interface HttpAnswer {
  readonly status: number
  readonly text: string
}

/** The parsed body of a 2xx answer. Throws what the server said otherwise. */
export function readAnswer(
  answer: HttpAnswer,
  call: { readonly method: string; readonly path: string },
): unknown {
  const body = parsed(answer.text)
  if (answer.status >= 200 && answer.status < 300) {
    if (body !== undefined || answer.text === '') return body
    throw strangeAnswer(answer, call)
  }
  throw isProblem(body) ? problemError(body, answer.status) : strangeAnswer(answer, call)
}

function problemError(problem: ProblemView, status: number): LockstepError {
  return new LockstepError({
    code: problem.code,
    kind: kindOf(status),
    message: problem.detail,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(problem.details === undefined ? {} : { details: problem.details }),
  })
}

/** The kind whose HTTP status it is; other statuses fall to the family they belong to. */
export function kindOf(status: number): ErrorKind {
  for (const [kind, meaning] of Object.entries(errorKinds)) {
    if (meaning.http === status) return kind as ErrorKind
  }
  if (status === 502) return 'unavailable'
  return status >= 400 && status < 500 ? 'invalid' : 'internal'
}

function strangeAnswer(
  answer: HttpAnswer,
  call: { readonly method: string; readonly path: string },
): LockstepError {
  const start = answer.text.replaceAll(/\s+/g, ' ').slice(0, 120)
  return new LockstepError({
    code: 'client.strange_answer',
    kind: kindOf(answer.status),
    message: `${call.method} ${call.path} was answered with HTTP ${answer.status} and a body that is no Lockstep document: ${start || '(empty)'}`,
    hint: 'check that the address belongs to a Lockstep control plane of this version',
  })
}

/** A failed connection in words; errors that already are LockstepErrors pass. */
export function requestFailed(
  error: unknown,
  place: { readonly where: string; readonly projectDir: string | undefined },
): LockstepError {
  if (isLockstepError(error)) return error
  const code = systemCodeOf(error)
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return notRunning(place.projectDir ?? place.where, error)
  }
  if (code === 'ETIMEDOUT') {
    return new LockstepError({
      code: 'client.timeout',
      kind: 'timeout',
      message: `the control plane at ${place.where} did not answer in time`,
      hint: 'see what it is doing: lockstep logs',
      cause: error,
    })
  }
  if (code === 'EACCES') {
    return new LockstepError({
      code: 'client.not_allowed',
      kind: 'forbidden',
      message: `this user may not open the control plane's socket ${place.where}`,
      hint: 'run the command as the user who started lockstep up',
      cause: error,
    })
  }
  return new LockstepError({
    code: 'client.connection_lost',
    kind: 'unavailable',
    message: `the connection to the control plane at ${place.where} was lost: ${sentenceOf(error)}`,
    hint: 'ask again: lockstep status',
    cause: error,
  })
}

export function notRunning(dir: string, cause?: unknown): LockstepError {
  return new LockstepError({
    code: 'client.not_running',
    kind: 'unavailable',
    message: `no control plane is running in ${dir}`,
    hint: 'lockstep up',
    cause,
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isProblem(body: unknown): body is ProblemView {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  )
}
