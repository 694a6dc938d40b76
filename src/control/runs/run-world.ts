// Everything a run needs from outside, given by the composition root.
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import type { FileIndexPort } from '../../build/artifacts/file-index.ts'
import type { ActionCachePort } from '../../build/pipeline/action-cache.ts'
import type { StepExecutor } from '../../build/pipeline/step-executor.ts'
import type { RuntimesPort } from '../../build/pipeline/step-runtime.ts'
import type { Tables } from '../../build/tables/duckdb.ts'
import type { Clock } from '../../foundation/clock.ts'
import type { Logger } from '../../foundation/logger.ts'
import type { DataFolder } from '../../project/data-folder.ts'
import type { LoadedProject } from '../../project/load-project.ts'
import type { AttestationStore } from '../../release/attestations.ts'
import type { Signer } from '../../release/dsse.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import type { SigningKey } from '../../release/signing.ts'
import type { ObjectStore } from '../../store/object-store.ts'
import type { OpenScoringReplica } from './evaluation/scoring-replica.ts'
import type { RunLog } from './run-log.ts'

export interface RunWorld {
  readonly store: ObjectStore
  readonly content: ContentStore
  readonly index: FileIndexPort
  readonly actions: ActionCachePort
  readonly executor: StepExecutor
  /** Language environments, made once per digest. */
  readonly runtimes: RuntimesPort
  /** Opened when first needed: most processes never read a table. */
  readonly tables: () => Promise<Tables>
  /** Reads lockstep.yaml as it is now; a run keeps what it read. */
  readonly loadProject: () => Promise<LoadedProject>
  readonly loadParameters: (project: LoadedProject) => Promise<ReadonlyMap<string, unknown>>
  readonly openReplica: OpenScoringReplica
  /** Signs releases and what is said about them. */
  readonly signer: Signer
  /** Signs models for tools that know no Ed25519. */
  readonly modelSigner: SigningKey
  readonly attestations: AttestationStore
  readonly folder: DataFolder
  readonly log: RunLog
  readonly clock: Clock
  readonly logger: Logger
  readonly parallelism: number
  /** The variables of the machine; steps get only those they declare under `inherit_env`. */
  readonly machineEnvironment: Readonly<Record<string, string | undefined>>
  /** What tracing the reads of steps needs to know about this machine. */
  readonly tracing: {
    /** The PATH that steps get. */
    readonly path: string
    readonly lockstepCommand: readonly string[]
    readonly home: string | null
  }
  readonly machine: ReleaseManifest['environment']['machine']
  readonly versions: { readonly lockstep: string; readonly node: string; readonly platform: string }
}
