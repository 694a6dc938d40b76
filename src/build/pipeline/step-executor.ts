// The port through which a pipeline runs commands; executors/ implements it.
import type { SecretSpec, StepCommand } from '../../project/step-spec.ts'

export interface StepAttempt {
  readonly id: string
  readonly step: string
  readonly command: StepCommand
  /** Absolute; holds the declared inputs and nothing else. */
  readonly workDir: string
  /** Where the command runs, beneath the work folder; '' is the work folder. It exists. */
  readonly folder: string
  /** Folders put before PATH: the language environment's own programs. */
  readonly path: readonly string[]
  /** Declared, inherited and the language environment's variables; the executor adds its own few. */
  readonly environment: Readonly<Record<string, string>>
  /** Resolved when the command starts, and blacked out in everything it writes to its log. */
  readonly secrets: readonly SecretSpec[]
  /** Null: not limited. */
  readonly memoryBytes: number | null
  readonly seed: number | null
  readonly timeoutMs: number
  /** In a folder that exists. */
  readonly logPath: string
  readonly signal: AbortSignal
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void
}

export type AttemptEnd =
  | { readonly end: 'exited'; readonly exitCode: number }
  /** By a signal that Lockstep did not send: out of memory, a crash, a person. */
  | { readonly end: 'killed'; readonly signal: string }
  | { readonly end: 'timed_out' }
  | { readonly end: 'cancelled' }
  /** It held more memory than declared and was ended. */
  | { readonly end: 'out_of_memory'; readonly usedBytes: number }
  | { readonly end: 'not_started'; readonly because: string; readonly hint: string }

export interface StepExecutor {
  /**
   * Runs one attempt to its end. When it resolves, every process of the attempt is gone and the log is complete.
   * Throws only when the executor itself cannot work (a full disk, say), never because of the command.
   */
  run(attempt: StepAttempt): Promise<AttemptEnd>
}
