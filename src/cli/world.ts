// What the command line needs from the machine: written to by verbs, made by the composition root, faked by tests.
import type { VerifyView } from '../api/contract/package-routes.ts'
import type { ProgressView } from '../api/contract/route.ts'
import type { LockstepApi } from '../api/contract/routes.ts'
import type { Clock } from '../foundation/clock.ts'

export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/**
 * `read` looks only; `work` starts a run and needs its process to live as long as the run;
 * `deliver` moves traffic or decides about it, which only a control plane started by `lockstep up` can act on.
 */
export type Purpose = 'read' | 'work' | 'deliver'

export interface Caller {
  /** `person:olga` */
  readonly actor: string
  readonly purpose: Purpose
}

export interface Connection {
  readonly api: LockstepApi
  /** False for a control plane started for this command: what it does ends with the command. */
  readonly lasting: boolean
  close(): Promise<void>
}

export interface UpOptions {
  readonly projectDir: string
  readonly actor: string
  /** Port of the API and console; default the project file's. */
  readonly port?: number
  readonly json: boolean
  readonly color: boolean
}

/** Verifying with keys in place of a project. */
export interface OfflineVerification {
  readonly subject:
    | { readonly file: string }
    | { readonly registry: string; readonly insecure?: boolean }
  /** Absolute paths of public keys in PEM form. */
  readonly keys: readonly string[]
  told(progress: ProgressView): void
  readonly signal: AbortSignal
}

export interface CliWorld {
  readonly cwd: string
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly version: string
  /** The control plane that runs in `projectDir`, or a short-lived local one. Throws LockstepError. */
  connect(projectDir: string, caller: Caller): Promise<Connection>
  /** Needs no project and, for a file, no network. Throws LockstepError. */
  verifyOffline(request: OfflineVerification): Promise<VerifyView>
  /** Serves until stopped; resolves to the exit code. */
  up(options: UpOptions): Promise<number>
  /** Aborted by Ctrl-C: verbs that watch then detach. */
  readonly serveSignals?: AbortSignal
}
