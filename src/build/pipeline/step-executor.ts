// The port through which a pipeline runs commands; executors/ implements it.
import type { StepCommand } from '../../project/step-spec.ts'

export interface StepAttempt {
  readonly id: string
  readonly step: string
  readonly command: StepCommand
  /** Absolute; holds the declared inputs and nothing else. */
  readonly workDir: string
  /** Declared variables only; the executor adds its own few. */
  readonly environment: Readonly<Record<string, string>>
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
  | { readonly end: 'not_started'; readonly because: string; readonly hint: string }

export interface StepExecutor {
  /**
   * Runs one attempt to its end. When it resolves, every process of the attempt is gone and the log is complete.
   * Throws only when the executor itself cannot work (a full disk, say), never because of the command.
   */
  run(attempt: StepAttempt): Promise<AttemptEnd>
}
