// The interval of one group's own value, for a plot; verdicts rest on the bounds of the comparisons.
import { type Bounds, sidakZ, wilson } from '../statistics/proportion-bounds.ts'
import { estimateOf, type FairnessStatistics } from './group-statistics.ts'

export interface GroupPlace {
  readonly panel: number
  readonly metric: number
  readonly group: number
}

/** Two-sided; empty where nothing is known of its spread. */
export function intervalOf(
  { panels }: FairnessStatistics,
  { panel, metric, group }: GroupPlace,
  { confidence }: { readonly confidence: number },
): Partial<Bounds> {
  const value = panels[panel]?.groups[group]?.values[metric]
  const z = sidakZ(confidence, 1)
  if (value === undefined) return {}
  if ('successes' in value) return value.trials > 0 ? wilson(value, z) : {}
  const estimate = estimateOf(value)
  if (estimate === undefined || value.se === undefined) return {}
  return { lower: estimate - z * value.se, upper: estimate + z * value.se }
}
