// What the API reads and writes: the store through its own door, everything else by asking the rooms that know.

import type { ContentStore } from '../build/artifacts/content-store.ts'
import type { FileIndexPort } from '../build/artifacts/file-index.ts'
import type { ActionCachePort } from '../build/pipeline/action-cache.ts'
import type { StuckObject } from '../control/loop.ts'
import type { WatchWorld } from '../control/reconcilers/watch-world.ts'
import type { ResolvedInputs } from '../control/runs/resolve-inputs.ts'
import type { RunLog } from '../control/runs/run-log.ts'
import type { RunWorld } from '../control/runs/run-world.ts'
import type { TrustSource } from '../control/trust-source.ts'
import type { Instant } from '../foundation/clock.ts'
import type { KeyRing } from '../release/key-ring.ts'
import type { PackageTrust } from '../release/package/check-package.ts'
import type { RegistryAccess } from '../release/package/registry-credentials.ts'
import type { Database } from '../store/schema.ts'

export interface ApiWorld extends WatchWorld {
  /** For work that runs steps: planning, rebuilding. */
  readonly runWorld: () => RunWorld
  readonly db: Database
  readonly content: ContentStore
  readonly actions: ActionCachePort
  readonly index: FileIndexPort
  readonly runLog: RunLog
  readonly resolveInputs: () => Promise<ResolvedInputs>
  /** What this machine offers to registries. */
  readonly registryAccess: RegistryAccess
  /** Whose releases this project accepts. */
  readonly packageTrust: () => Promise<PackageTrust>
  /** Whose signatures count for a release of this project. */
  readonly trust: TrustSource
  /** The keys this machine signs with. */
  readonly ring: KeyRing
  readonly stuck: () => readonly StuckObject[]
  readonly about: {
    readonly version: string
    readonly pid: number
    readonly url: string | null
    readonly since: Instant
    readonly host: string
    readonly projectDir: string
  }
}
