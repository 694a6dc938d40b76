// How long things are kept that nobody asked to keep.
export interface KeepingPolicy {
  /** An object must have been needed by nothing for this long before it goes, and must be as old itself. */
  readonly waitMs: number
  /** Results of steps, and evidence and logs of runs, are kept this long whatever needs them. */
  readonly recentMs: number
  /** And those of so many newest runs, however old. */
  readonly recentRuns: number
  /** Archived and yanked releases are dropped after this long; null keeps them for good. */
  readonly archivedMs: number | null
}

const day = 86_400_000

export const usualPolicy: KeepingPolicy = {
  waitMs: 14 * day,
  recentMs: 30 * day,
  recentRuns: 50,
  archivedMs: null,
}
