// Metrics that are a share of some of the rows, where each row says for itself whether it is one of them and whether it
// counts.
import type { MetricDefinition, RowCounts } from './metric-definition.ts'
import type { Scored } from './scored.ts'

/** What a share of rows need not say again. */
export function rowShare<S extends Scored>(
  definition: Omit<
    MetricDefinition<S>,
    'shape' | 'range' | 'prepare' | 'support' | 'needs' | 'count' | 'rowCounts'
  > & { readonly rowCounts: (scored: S) => RowCounts },
): MetricDefinition<S> {
  const { rowCounts } = definition
  return {
    ...definition,
    shape: 'proportion',
    range: [0, 1],
    needs: definition.counted,
    prepare: (scored) => {
      const { successes, trials } = rowCounts(scored)
      return (weights) => {
        let top = 0
        let bottom = 0
        for (let row = 0; row < trials.length; row++) {
          if (trials[row] !== 1) continue
          bottom += weights[row] ?? 0
          if (successes[row] === 1) top += weights[row] ?? 0
        }
        return bottom > 0 ? top / bottom : undefined
      }
    },
    support: (scored) => ones(rowCounts(scored).trials),
    count: (scored) => {
      const { successes, trials } = rowCounts(scored)
      return { successes: ones(successes), trials: ones(trials) }
    },
  }
}

function ones(flags: Uint8Array): number {
  let total = 0
  for (const flag of flags) total += flag
  return total
}
