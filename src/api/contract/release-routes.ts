// Looking into releases: differences, cards, rebuilding: methods, routes, inputs and views of this part of the API. Browser-safe.
import { z } from 'zod'
import type { Listener, RouteTable } from './route.ts'
import type { ReleaseRefView } from './views.ts'

export interface CardInput {
  readonly format: 'markdown' | 'html'
}

export interface CardView extends ReleaseRefView {
  readonly format: CardInput['format']
  readonly text: string
}

export interface DiffInput {
  /** A release number or id, or the name of an environment: what serves there. */
  readonly before: string
  readonly after: string
}

export interface ReleaseDiffView {
  readonly before: ReleaseRefView
  readonly after: ReleaseRefView
  /** Nothing a person cares about differs. */
  readonly same: boolean
  /** Only parts that differ. */
  readonly parts: readonly { readonly part: string; readonly sentences: readonly string[] }[]
  /** Newest first; null where git cannot tell. */
  readonly commits: CommitRangeView | null
  /** Files the steps read; null where either release does not have them in the store. */
  readonly files: FileChangesView | null
  readonly packages: readonly PackageChangeView[]
  readonly metrics: readonly MetricChangeView[]
  /** How the metrics were compared. */
  readonly comparison: string
}

export interface CommitRangeView {
  readonly commits: readonly {
    readonly id: string
    readonly author: string
    readonly subject: string
  }[]
  /** More than are listed. */
  readonly left: number
  /** Commits of the first release that the second one does not have. */
  readonly lost: number
  readonly filesChanged: number
}

export interface FileChangesView {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

export interface PackageChangeView {
  readonly runtime: string
  readonly name: string
  readonly before: string | null
  readonly after: string | null
}

export interface EstimateView {
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
}

export interface MetricChangeView {
  readonly metric: string
  readonly words: string
  readonly before: EstimateView
  readonly after: EstimateView
  /** after − before; null where nothing can be said. */
  readonly difference: EstimateView | null
  readonly verdict: 'better' | 'worse' | 'changed' | 'within_noise' | 'equal' | 'unknown'
  readonly sentence: string
}

export interface RebuildInput {
  /** How often it is rebuilt from nothing; 1 when left out. */
  readonly times?: number
  /** How far a gate metric may move and still be called the same; 0.005 when left out. */
  readonly tolerance?: number
  /** Leave the clean place for a person to look into. */
  readonly keep?: boolean
}

export interface RebuildView {
  readonly release: ReleaseRefView
  readonly level: 'R0' | 'R1' | 'R2' | 'R3' | 'R4'
  /** At least R2. */
  readonly reproduced: boolean
  readonly because: string
  readonly times: number
  readonly outputs: readonly {
    readonly step: string
    readonly path: string
    readonly recorded: string
    readonly rebuilt: string | null
  }[]
  readonly reasons: readonly {
    readonly code: string
    readonly step: string | null
    readonly path: string | null
    readonly sentence: string
  }[]
  readonly equivalence: {
    readonly tolerance: number
    readonly metrics: readonly {
      readonly metric: string
      readonly recorded: number | null
      readonly rebuilt: number | null
      readonly difference: number | null
      readonly lower: number | null
      readonly upper: number | null
      readonly method: string
      readonly rows: number
      readonly equivalent: boolean
    }[]
  } | null
  readonly tookMs: number
  readonly finishedAt: string
  /** Digest of the signed report in the content store. */
  readonly attestation: string
  /** Absolute; null when it was removed. */
  readonly place: string | null
}

export interface ReleaseApi {
  releaseCard(release: string, input: CardInput): Promise<CardView>
  releaseDiff(input: DiffInput): Promise<ReleaseDiffView>
  rebuildRelease(release: string, input: RebuildInput, listener: Listener): Promise<RebuildView>
}

export const releaseRoutes: RouteTable<ReleaseApi> = {
  releaseCard: { method: 'GET', path: '/api/releases/:release/card' },
  releaseDiff: { method: 'GET', path: '/api/release-diff' },
  rebuildRelease: { method: 'POST', path: '/api/releases/:release/rebuild', tells: true },
}

const name = z.string().min(1).max(200)

export const releaseInputs: Partial<Record<keyof ReleaseApi, z.ZodType>> = {
  releaseCard: z.strictObject({ format: z.enum(['markdown', 'html']) }),
  releaseDiff: z.strictObject({ before: name, after: name }),
  rebuildRelease: z.strictObject({
    times: z.int().min(1).max(20).optional(),
    tolerance: z.number().min(0).max(1).optional(),
    keep: z.boolean().optional(),
  }),
}
