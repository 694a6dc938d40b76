// One use of a verb: resolves who asks and for which project, opens the control plane when the verb wants it, closes it after.
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { readArguments } from './arguments.ts'
import type { Output } from './output.ts'
import type { Verb } from './verb.ts'
import type { CliWorld, Connection } from './world.ts'

export interface VerbUse {
  readonly verb: Verb
  readonly name: string
  readonly command: Command
  readonly world: CliWorld
  readonly output: Output
}

export async function runVerb({ verb, name, command, world, output }: VerbUse): Promise<number> {
  const options = {
    ...command.parent?.parent?.opts(),
    ...command.parent?.opts(),
    ...command.opts(),
  }
  const args = readArguments({ verb: name, positional: command.processedArgs, options })
  const projectDir = projectDirOf(args.text('project'), world.cwd)
  const actor = actorOf(args.text('as'), world.env)
  let connection: Connection | undefined
  try {
    return await verb.run({
      world,
      output,
      args,
      projectDir,
      actor,
      interrupt: world.serveSignals ?? new AbortController().signal,
      connect: async (purpose) => {
        connection ??= await world.connect(projectDir, { actor, purpose })
        return connection
      },
    })
  } finally {
    output.progress('')
    await connection?.close()
  }
}

/** The folder asked for, else the nearest one upwards with a project file, else this one: its absence is reported there. */
export function projectDirOf(asked: string | undefined, cwd: string): string {
  if (asked !== undefined) return resolve(cwd, asked)
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'lockstep.yaml'))) return dir
    if (dirname(dir) === dir) return resolve(cwd)
  }
}

/** `person:olga`; a name with its own kind (`service:ci`) stays as it is. */
export function actorOf(
  asked: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const name = asked || env.LOCKSTEP_ACTOR || userName()
  return name.includes(':') ? name : `person:${name}`
}

/** A user number without an entry in the user table has no name (usual in containers). */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
