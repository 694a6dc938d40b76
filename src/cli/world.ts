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

/** Checks of data files, with or without a project. */
export interface DataCheckRequest {
  /** Absolute paths, or http URLs. */
  readonly files: readonly string[]
  /** As written, one assertion each. */
  readonly checks: readonly string[]
  /** A YAML or JSON file with a list of checks; absolute. */
  readonly list?: string
  /** A dataset of a project: its files, when none are given, and its checks. */
  readonly dataset?: { readonly projectDir: string; readonly name: string }
  readonly key?: readonly string[]
  readonly label?: string
  readonly time?: string
  readonly redact: boolean
  readonly threads?: number
  /** Such as 512MB. */
  readonly memory?: string
  readonly signal: AbortSignal
}

export interface DataCheckView {
  /** pass, warn, fail, insufficient, error or skipped: the worst of all. */
  readonly verdict: string
  readonly checks: readonly {
    readonly id: string
    readonly check: string
    readonly verdict: string
    readonly because: string
    readonly estimate: number | null
    readonly limit: number | null
    readonly n: number | null
    readonly examples: readonly {
      readonly row: number
      readonly values: Readonly<Record<string, unknown>>
    }[]
  }[]
}

/** A schema proposed from files. */
export interface SchemaView {
  readonly rows: number
  readonly columns: readonly {
    readonly name: string
    readonly column: object
    readonly because: string
  }[]
  readonly checks: readonly string[]
}

export interface SchemaDiffRequest {
  /** Absolute paths. */
  readonly files: readonly string[]
  readonly projectDir: string
  readonly dataset: string
  readonly write: boolean
}

export interface SchemaDiffView {
  readonly broken: readonly {
    readonly column: string | null
    readonly field: string | null
    readonly because: string
  }[]
  readonly changes: readonly {
    readonly does: 'set' | 'remove' | 'add' | 'decide'
    readonly column: string | null
    readonly because: string
  }[]
  /** The text of lockstep.yaml. */
  readonly before: string
  readonly after: string
  readonly written: string | null
}

export interface DataProfileRequest {
  /** Absolute; each is a table. */
  readonly files: readonly string[]
  readonly asPage: boolean
}

export interface DataProfileView {
  readonly tables: readonly {
    readonly name: string
    readonly rows: number
    readonly columns: Readonly<Record<string, DescribedColumn>>
    /** What drift checks read. */
    readonly profile: { readonly columns: Readonly<Record<string, unknown>> }
  }[]
  /** One page, self-contained; null when it was not asked for. */
  readonly html: string | null
}

export interface DescribedColumn {
  readonly type: string
  readonly missing: number
  readonly distinct: number
  readonly distinctIsEstimate: boolean
  readonly top: readonly { readonly value: string; readonly count: number }[]
  /** Of columns of numbers. */
  readonly mean?: number | null
  readonly min?: number | null
  readonly max?: number | null
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
  /** Reads the files and says what holds; never throws for what is wrong with the data. */
  checkData(request: DataCheckRequest): Promise<DataCheckView>
  /** Throws LockstepError for what cannot be read. */
  profileData(request: DataProfileRequest): Promise<DataProfileView>
  /** Proposes a schema with slack. */
  inferSchema(files: readonly string[]): Promise<SchemaView>
  /** What files break of a declared schema, and the change that would let them in. */
  diffSchema(request: SchemaDiffRequest): Promise<SchemaDiffView>
  /** Serves until stopped; resolves to the exit code. */
  up(options: UpOptions): Promise<number>
  /** Aborted by Ctrl-C: verbs that watch then detach. */
  readonly serveSignals?: AbortSignal
}
