// Metrics that are the plain mean of one number per row.
import type { MetricDefinition, OfWeights } from './metric-definition.ts'
import type { Scored } from './scored.ts'

/** What a mean of `rowValues` need not say again. */
export function rowMean<S extends Scored>(
  definition: Omit<MetricDefinition<S>, 'shape' | 'prepare' | 'support' | 'counted' | 'needs'> & {
    readonly rowValues: (scored: S) => Float64Array
  },
): MetricDefinition<S> {
  return {
    ...definition,
    shape: 'mean',
    counted: 'rows',
    needs: 'rows',
    prepare: (scored) => meanOf(definition.rowValues(scored)),
    support: ({ labels }) => labels.length,
  }
}

/** Weighted mean; undefined without weight. */
export function meanOf(values: Float64Array): OfWeights {
  return (weights) => {
    let sum = 0
    let total = 0
    for (let row = 0; row < values.length; row++) {
      const weight = weights[row] ?? 0
      if (weight === 0) continue
      sum += weight * (values[row] ?? 0)
      total += weight
    }
    return total > 0 ? sum / total : undefined
  }
}
