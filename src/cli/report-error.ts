// An error as a person and as a program read it, and the exit code it has.
import type { ProblemView } from '../api/contract/views.ts'
import {
  type ErrorKind,
  errorKinds,
  isLockstepError,
  LockstepError,
  sentenceOf,
  systemCodeOf,
} from '../foundation/errors.ts'
import { exitCodes } from './exit-codes.ts'
import type { Output } from './output.ts'

export interface ErrorContext {
  readonly output: Output
  readonly debug: boolean
  /** Whose help a usage error points to. */
  readonly verb: string | null
}

export function reportError(thrown: unknown, { output, debug, verb }: ErrorContext): number {
  // Whoever reads our output (head, less) has seen enough.
  if (systemCodeOf(thrown) === 'EPIPE') return exitCodes.done
  const usage = usageErrorOf(thrown, verb)
  const error = usage ?? thrown
  const paint = output.notePaint
  output.note(`${paint.bad('error:')} ${sentenceOf(error)}`)
  if (isLockstepError(error)) {
    if (error.hint) output.note(`${paint.active('hint:')} ${error.hint}`)
  } else {
    output.note('this is a bug in Lockstep; please report it with the command that shows it')
    if (!debug) output.note(`${paint.active('hint:')} --debug shows where it comes from`)
  }
  if (debug && error instanceof Error && error.stack) output.note(error.stack)
  output.document(problemOf(error))
  return exitCodeOf(error)
}

function exitCodeOf(error: unknown): number {
  return isLockstepError(error) ? errorKinds[error.kind].exit : exitCodes.failed
}

export function problemOf(error: unknown): ProblemView {
  const known = isLockstepError(error) ? error : null
  const kind: ErrorKind = known?.kind ?? 'internal'
  return {
    type: 'about:blank',
    title: kind.replaceAll('_', ' '),
    status: errorKinds[kind].http,
    code: known?.code ?? 'internal',
    detail: sentenceOf(error),
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
    ...(known && Object.keys(known.details).length > 0 ? { details: known.details } : {}),
  }
}

/** Commander's own errors: "error: unknown option '--frce'\n(Did you mean --force?)". */
function usageErrorOf(thrown: unknown, verb: string | null): LockstepError | null {
  if (!(thrown instanceof Error) || systemCodeOf(thrown)?.startsWith('commander.') !== true)
    return null
  const [first = '', ...rest] = thrown.message.replace(/^error: /, '').split('\n')
  return new LockstepError({
    code: 'cli.usage',
    kind: 'invalid',
    message: first,
    hint:
      rest.join(' ').replaceAll(/[()]/g, '').trim() ||
      `lockstep ${verb === null ? '' : `${verb} `}--help`,
    cause: thrown,
  })
}
