// The command line: finds the verb, loads only its file, runs it, and turns whatever happens into one exit code.
import { isLockstepError } from '../foundation/errors.ts'
import { exitCodes } from './exit-codes.ts'
import { createOutput, type Output } from './output.ts'
import { buildProgram } from './program.ts'
import { reportError } from './report-error.ts'
import { runVerb } from './run-verb.ts'
import { verbs } from './verbs.ts'
import type { CliWorld } from './world.ts'

/** `argv` without the program: `['status', '--json']`. Resolves to the exit code; never rejects. */
export async function runCli(argv: readonly string[], world: CliWorld): Promise<number> {
  const end = argv.indexOf('--')
  const asked = end === -1 ? argv : argv.slice(0, end)
  const output = createOutput({
    stdout: world.stdout,
    stderr: world.stderr,
    env: world.env,
    json: asked.includes('--json'),
    color: !asked.includes('--no-color'),
  })
  const name = verbNameIn(argv)
  try {
    if (name === null && asked.some((word) => word === '--version' || word === '-v')) {
      output.print(`lockstep ${world.version}`)
      output.document({ name: 'lockstep', version: world.version })
      return exitCodes.done
    }
    return await parseAndRun({ argv: helpLast(argv), name, world, output })
  } catch (error) {
    return reportError(error, { output, debug: asked.includes('--debug'), verb: name })
  }
}

interface Line {
  readonly argv: readonly string[]
  readonly name: string | null
  readonly world: CliWorld
  readonly output: Output
}

async function parseAndRun({ argv, name, world, output }: Line): Promise<number> {
  let code: number = exitCodes.done
  const chosen = name === null ? null : { name, verb: await verbs[name]?.load() }
  const program = buildProgram({
    world,
    chosen,
    act: async (verb, command) => {
      code = await runVerb({ verb, name: name ?? '', command, world, output })
    },
  })
  const words = wordsOf(argv)
  const noun = program.commands.find((command) => command.name() === words[0])
  if (words.length === 0 || (words.length === 1 && name === null && noun?.commands[0])) {
    ;(noun ?? program).outputHelp()
    return words.length === 0 ? exitCodes.done : exitCodes.usage
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    // Help ends as an error of commander's with exit code 0.
    if (!isLockstepError(error) && isCommanderExit(error) && error.exitCode === 0) return code
    throw error
  }
}

/** `help promote` is `promote --help`. */
function helpLast(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
}

/** The verb that is meant, or null. */
export function verbNameIn(argv: readonly string[]): string | null {
  const [first = '', second = ''] = wordsOf(helpLast(argv))
  for (const name of [`${first} ${second}`, first]) if (Object.hasOwn(verbs, name)) return name
  return null
}

/** The first two words: options before them, and the values of the global ones, are passed over. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const words: string[] = []
  for (let index = 0; index < argv.length && words.length < 2; index++) {
    const word = argv[index] ?? ''
    if (word === '--') break
    if (word === '--project' || word === '--as') index++
    else if (!word.startsWith('-')) words.push(word)
  }
  return words
}

function isCommanderExit(error: unknown): error is Error & { exitCode: number } {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number'
}
