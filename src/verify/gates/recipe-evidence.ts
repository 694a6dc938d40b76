// What the recipe question is judged on: the numbers that the replicates (seeds, folds) of a training step wrote down. Claims of the
// training code, and taken as such: they say how much a retraining varies, never that an artifact may ship.

export interface RecipeEvidence {
  readonly own: readonly RecipeSample[]
  /** Of the run that made the serving release; absent before the first promotion. */
  readonly champion?: { readonly release: string; readonly samples: readonly RecipeSample[] }
}

/** One step as it ran. */
export interface RecipeSample {
  /** As declared: `train`. */
  readonly step: string
  /** What tells replicates apart, the same in every run: `train@seed-1`. */
  readonly replicate: string
  readonly metrics: Readonly<Record<string, number>>
}

/** The values of one metric; plain JSON. */
export interface RecipeStatistics {
  readonly method: 'recipe'
  readonly own: readonly ReplicateValue[]
  readonly reference?: readonly ReplicateValue[]
  /** The champion's release number. */
  readonly release?: string
}

export interface ReplicateValue {
  readonly replicate: string
  readonly value: number
}

/** The values of one metric of one step, in the order of replicates; empty where it was not written down. */
export function valuesOf(
  samples: readonly RecipeSample[],
  { step, metric }: { readonly step: string; readonly metric: string },
): readonly ReplicateValue[] {
  return samples
    .flatMap(({ replicate, metrics, step: declared }): ReplicateValue[] => {
      const value = metrics[metric]
      return declared === step && value !== undefined ? [{ replicate, value }] : []
    })
    .toSorted((a, b) => (a.replicate < b.replicate ? -1 : a.replicate > b.replicate ? 1 : 0))
}
