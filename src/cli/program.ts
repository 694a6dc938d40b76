// The commander program: every verb for the help, one of them in full.
import { Command, Option } from 'commander'
import type { Verb } from './verb.ts'
import { verbs } from './verbs.ts'
import type { CliWorld } from './world.ts'

export interface Chosen {
  readonly name: string
  readonly verb: Verb | undefined
}

export interface ProgramOptions {
  readonly world: CliWorld
  readonly chosen: Chosen | null
  act(verb: Verb, command: Command): Promise<void>
}

const globalOptions: readonly (readonly [flags: string, description: string])[] = [
  ['--project <dir>', 'the project folder (default: the nearest with a lockstep.yaml)'],
  ['--as <name>', 'who is asking (default: LOCKSTEP_ACTOR or the user of this machine)'],
  ['--json', 'answer with one JSON document on standard output'],
  ['--no-color', 'no colours (also: NO_COLOR=1)'],
  ['--debug', 'show where an unexpected error came from'],
]

const common = 'Common options:'

export function buildProgram({ world, chosen, act }: ProgramOptions): Command {
  const program = prepared(new Command('lockstep'), world)
    .description(
      'Continuous delivery for machine-learning models: from data to a watched model in production.',
    )
    .usage('<verb> [options]')
    .addHelpText('after', `\n${firstSteps()}`)
  addGlobals(program)
  program.addOption(new Option('-v, --version', 'print the version').helpGroup(common))
  for (const [name, { summary, group }] of Object.entries(verbs)) {
    const command = place(program, name, world).description(sentence(summary)).summary(summary)
    command.helpGroup(`${group}:`)
    if (chosen?.name === name && chosen.verb) fill(command, chosen.verb, act)
  }
  return program
}

function firstSteps(): string {
  return [
    'First steps:',
    '  lockstep init my-model && cd my-model     a project with real data',
    '  lockstep run                              validate, train, evaluate, judge',
    '  lockstep up                               serve it; then `lockstep status` in another terminal',
    '',
    '`lockstep <verb> --help` shows examples. Exit codes: 0 done, 2 usage, 3 a gate said no,',
    '4 waits for approval, 5 blocked by policy, 6 rolled back, 10 not enough evidence.',
  ].join('\n')
}

/** A verb below a noun is shown with it: `train baseline`. */
function fullName(command: Command): string {
  const noun = command.parent?.parent ? command.parent : undefined
  return noun ? `${noun.name()} ${command.name()}` : command.name()
}

/** The whole program lists every verb, also those below nouns. */
function shownBelow(command: Command): Command[] {
  if (command.parent) return [...command.commands]
  return command.commands.flatMap((one) => {
    const isVerb = Object.hasOwn(verbs, one.name())
    return one.commands.length > 0 ? [...(isVerb ? [one] : []), ...one.commands] : [one]
  })
}

/** `train baseline` is `baseline` below `train`. */
function place(program: Command, name: string, world: CliWorld): Command {
  const [first = '', second] = name.split(' ')
  if (second === undefined) return prepared(program.command(first), world)
  const parent =
    program.commands.find((command) => command.name() === first) ??
    prepared(program.command(first), world)
      .summary(verbs[name]?.summary ?? '')
      .helpGroup(`${verbs[name]?.group}:`)
  return prepared(parent.command(second), world)
}

function fill(command: Command, verb: Verb, act: ProgramOptions['act']): void {
  for (const [notation, description] of verb.args ?? []) command.argument(notation, description)
  for (const [flags, description] of verb.options ?? [])
    command.addOption(new Option(flags, description))
  addGlobals(command)
  const width = Math.max(...verb.examples.map(([line]) => line.length))
  const examples = verb.examples.map(
    ([line, description]) => `  lockstep ${line.padEnd(width)}   ${description}`,
  )
  const notes = verb.notes ? `\n${verb.notes}\n` : ''
  command.addHelpText('after', `${notes}\nExamples:\n${examples.join('\n')}`)
  command.action(() => act(verb, command))
}

function addGlobals(command: Command): void {
  for (const [flags, description] of globalOptions) {
    command.addOption(new Option(flags, description).helpGroup(common))
  }
}

function prepared(command: Command, world: CliWorld): Command {
  return command
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureHelp({ subcommandTerm: fullName, visibleCommands: shownBelow })
    .addHelpOption(new Option('-h, --help', 'show this help').helpGroup(common))
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      // What commander would print about an error is said once, by report-error.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(world.stdout.columns ?? 100, 110),
      getOutHasColors: () => false,
    })
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
