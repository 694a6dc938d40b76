// The options that choose steps, the same for `run` and `plan`.
import type { PlanQuery } from '../api/contract/pipeline-routes.ts'
import type { Arguments } from './verb.ts'

export const selectionOptions: readonly (readonly [flags: string, description: string])[] = [
  ['--to <step...>', 'these steps and all they read from; without gates and release'],
  ['--only <step...>', 'these steps alone, on known results of the others'],
  ['--force', 'run every step even when nothing changed'],
  ['--force-step <step...>', 'run these steps even when nothing changed'],
  ['-j, --jobs <count>', 'how many steps run at once (default: one per processor)'],
]

/** Step names, or the names of declarations that several steps were made from. */
export function selectionOf(args: Arguments): PlanQuery {
  const to = args.list('to')
  const only = args.list('only')
  const forceSteps = args.list('force-step')
  const parallelism = args.number('jobs')
  if (to && only) throw args.usage('--to and --only exclude each other: choose one')
  if (parallelism !== undefined && !(Number.isInteger(parallelism) && parallelism >= 1))
    throw args.usage(`--jobs is ${parallelism}; it must be a whole number from 1`)
  return {
    ...(to ? { to } : {}),
    ...(only ? { only } : {}),
    ...(forceSteps ? { forceSteps } : {}),
    ...(args.flag('force') ? { force: true } : {}),
    ...(parallelism === undefined ? {} : { parallelism }),
  }
}
