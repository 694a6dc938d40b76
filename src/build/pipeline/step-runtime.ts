// The port through which a pipeline gets language environments; runtimes/ implements it.
import type { Digest } from '../../foundation/digest.ts'
import type { RuntimeSpec } from '../../project/step-spec.ts'

/** Everything a runtime is made from: equal facts, equal environments, in training, staging and production alike. */
export interface RuntimeFacts {
  readonly kind: RuntimeSpec['kind']
  /** `3.11.9`, `24.21.0`: the interpreter's own version. */
  readonly interpreter: string
  /** `linux-x64`. */
  readonly platform: string
  /** Digest of the lock file's bytes. */
  readonly lock: Digest
  /** Digest of the four above: part of the step key and of the release. */
  readonly digest: Digest
}

/** What a step gets on top of its own environment. */
export interface ReadyRuntime {
  /** Folders put before PATH. */
  readonly path: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Links to put into the work folder before the step starts, unless something of that name is there: name → absolute target. */
  readonly links: Readonly<Record<string, string>>
}

export interface RuntimesPort {
  /** Cheap: installs nothing. Throws a LockstepError when the interpreter is missing. */
  describe(spec: RuntimeSpec, lock: Digest): Promise<RuntimeFacts>
  /** Installs it, once per digest whoever asks; later calls only find it. `lockPath` is absolute. */
  prepare(request: {
    readonly facts: RuntimeFacts
    readonly lockPath: string
    readonly told: (line: string) => void
    readonly signal: AbortSignal
  }): Promise<ReadyRuntime>
}
