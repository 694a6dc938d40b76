// A verb as data: what `--help` shows, what the parser accepts, and the function that does it.
import type { LockstepError } from '../foundation/errors.ts'
import type { Output } from './output.ts'
import type { CliWorld, Connection, Purpose } from './world.ts'

export interface Verb {
  /** Commander's notation: `<environment>`, `[release]`, `<words...>`; each with its description. */
  readonly args?: readonly (readonly [notation: string, description: string])[]
  /** Commander's notation: `--to <env>`, `-f, --follow`. */
  readonly options?: readonly (readonly [flags: string, description: string])[]
  readonly notes?: string
  /** Command lines without the leading `lockstep`, with what they do. */
  readonly examples: readonly (readonly [line: string, description: string])[]
  /** Resolves to the exit code. */
  run(call: Call): Promise<number>
}

/** One use of a verb: its arguments, already accepted by the parser, and where to answer. */
export interface Call {
  readonly world: CliWorld
  readonly output: Output
  readonly projectDir: string
  readonly actor: string
  readonly args: Arguments
  readonly interrupt: AbortSignal
  /** Opened for the verb and closed after it. */
  connect(purpose: Purpose): Promise<Connection>
}

export interface Arguments {
  /** The nth argument, or undefined when left out. */
  at(index: number): string | undefined
  /** All words of a variadic last argument. */
  readonly words: readonly string[]
  /** Was `--name` given? */
  flag(name: string): boolean
  text(name: string): string | undefined
  /** Was `--no-name` given? */
  off(name: string): boolean
  /** A comma-separated list, or the words of a variadic option. */
  list(name: string): readonly string[] | undefined
  /** The words of a variadic option as they were given, commas and all. */
  texts(name: string): readonly string[]
  number(name: string): number | undefined
  /** `90s`, `15m` in milliseconds. */
  duration(name: string): number | undefined
  usage(message: string, hint?: string): LockstepError
}
