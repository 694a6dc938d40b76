// What is said when someone stops watching: the work is not theirs to stop by looking away.
import { LockstepError } from '../foundation/errors.ts'
import { exitCodes } from './exit-codes.ts'
import type { Call } from './verb.ts'
import type { Connection } from './world.ts'

export interface Unfinished {
  readonly ended: 'timeout' | 'interrupted'
  /** `run 4` */
  readonly what: string
  /** A command that looks again. */
  readonly again: string
}

/** Resolves the exit code of a watch that ended before its object did. */
export function detach(call: Call, connection: Connection, unfinished: Unfinished): number {
  const { ended, what, again } = unfinished
  if (ended === 'timeout') {
    call.output.note(`no longer waiting: ${what} is not over; it continues`, `next: ${again}`)
    return exitCodes.timeout
  }
  call.output.note(
    connection.lasting
      ? `detached; ${what} continues in the control plane`
      : `stopped; ${what} is interrupted and goes on when a control plane is back`,
    `next: ${connection.lasting ? again : 'lockstep up'}`,
  )
  return exitCodes.interrupted
}

/** A command the loop did not accept is an answer, not a failure of the program: blocked by policy. */
export function refused(because: string, hint?: string): LockstepError {
  return new LockstepError({
    code: 'cli.not_accepted',
    kind: 'precondition',
    message: because,
    ...(hint === undefined ? {} : { hint }),
  })
}
