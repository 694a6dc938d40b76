// The score of one column by one method, with its bounds. Pure.
import { newcombeDifference, wilson } from '../../statistics/proportion-bounds.ts'
import { normalQuantile } from '../../statistics/special-functions.ts'
import {
  type DriftScore,
  kolmogorovScore,
  largestDifferenceScore,
  quadraticScore,
  rootOf,
  type Tails,
  totalVariationScore,
  wassersteinScore,
} from './drift-bounds.ts'
import type { DriftAxis, DriftColumn, DriftMethod } from './drift-check.ts'
import {
  type ColumnTotals,
  type ComparedBin,
  type ComparedColumn,
  totalsOf,
} from './drift-column.ts'
import { occupiedBins, stretchesOf, withoutRareBins } from './drift-scores.ts'

/** A sentence where the method has no answer for this column. */
export function scoreColumn(
  { compared, axis, isCut }: DriftColumn,
  method: DriftMethod,
  tails: Tails,
): DriftScore | string {
  const totals = totalsOf(compared)
  const { referenceRows: n, liveRows: m } = totals
  if (n === 0 || m === 0) return n === 0 ? 'the reference has no rows' : 'there are no rows'
  switch (method) {
    case 'missing':
      return missingScore(compared, totals, tails)
    case 'new_values':
      if (isCut)
        return 'the reference keeps only its commonest values, so new ones cannot be told from rare ones'
      return newScore(compared, totals, tails)
    case 'lost_values':
      return lostScore(compared, totals, tails)
    case 'ks':
    case 'wasserstein':
      if (axis === null) return totalVariationScore(occupiedBins(compared), tails)
      return alongAxis(method, compared, axis, tails)
    default:
      return onBins(method, compared, { n, m }, tails)
  }
}

type BinMethod = 'psi' | 'js_distance' | 'js_divergence' | 'chi2' | 'tvd' | 'linf'

function onBins(
  method: BinMethod,
  compared: ComparedColumn,
  { n, m }: { readonly n: number; readonly m: number },
  tails: Tails,
): DriftScore {
  const bins = occupiedBins(compared)
  if (method === 'tvd') return totalVariationScore(bins, tails)
  if (method === 'linf') return largestDifferenceScore(bins, tails)
  const common = withoutRareBins(bins, Math.min(n, m) / (n + m))
  if (method === 'psi') return quadraticScore('psi', common, tails)
  if (method === 'chi2') return rootOf(quadraticScore('chi2', common, tails))
  const divergence = quadraticScore('js_divergence', common, tails)
  return method === 'js_distance' ? rootOf(divergence) : divergence
}

function alongAxis(
  method: 'ks' | 'wasserstein',
  compared: ComparedColumn,
  axis: DriftAxis,
  tails: Tails,
): DriftScore | string {
  const placed = compared.bins.filter((bin) => bin.from !== undefined && bin.to !== undefined)
  const rows = { reference: sum(placed, 'reference'), live: sum(placed, 'live') }
  if (rows.reference === 0 || rows.live === 0) return 'one side has no finite values'
  if (method === 'ks') return kolmogorovScore(placed, tails)
  if (axis.std.reference <= 0)
    return 'the reference has one value only, so there is no unit to measure a distance in'
  const stretches = stretchesOf({ column: { ...compared, bins: placed }, ...axis })
  return wassersteinScore({ stretches, rows, std: axis.std }, tails)
}

/** |live − reference| share of rows without a value (Newcombe). */
function missingScore(
  { referenceMissing, liveMissing }: ComparedColumn,
  { referenceRows, liveRows }: ColumnTotals,
  tails: Tails,
): DriftScore {
  const live = { successes: liveMissing, trials: liveRows }
  const before = { successes: referenceMissing, trials: referenceRows }
  const far = newcombeDifference(live, before, normalQuantile(1 - tails.lower / 2))
  const near = newcombeDifference(live, before, normalQuantile(1 - tails.upper / 2))
  return {
    estimate: Math.abs(liveMissing / liveRows - referenceMissing / referenceRows),
    lower: Math.max(0, far.lower, -far.upper),
    upper: Math.max(Math.abs(near.lower), Math.abs(near.upper)),
    noise: 0,
  }
}

/** Share of live values outside everything the reference holds (Wilson). */
function newScore({ bins }: ComparedColumn, { live }: ColumnTotals, tails: Tails): DriftScore {
  const count = {
    successes: sum(
      bins.filter((bin) => bin.unseen),
      'live',
    ),
    trials: live,
  }
  if (live === 0) return { estimate: 0, lower: 0, upper: 1, noise: 0 }
  return {
    estimate: count.successes / live,
    lower: wilson(count, normalQuantile(1 - tails.lower)).lower,
    upper: wilson(count, normalQuantile(1 - tails.upper)).upper,
    noise: 0,
  }
}

/** Share of the reference in bins that are empty now. A value of share p stays away from m rows by chance with (1 − p)^m. */
function lostScore(
  { bins }: ComparedColumn,
  { reference, live }: ColumnTotals,
  tails: Tails,
): DriftScore {
  let estimate = 0
  let lower = 0
  let noise = 0
  for (const bin of bins) {
    const share = bin.reference / Math.max(1, reference)
    const byChance = (1 - share) ** live
    noise += share * byChance
    if (bin.live > 0 || share === 0) continue
    estimate += share
    if (byChance < tails.lower / bins.length) lower += share
  }
  return { estimate, lower, upper: estimate, noise }
}

function sum(bins: readonly ComparedBin[], side: 'reference' | 'live'): number {
  return bins.reduce((total, bin) => total + bin[side], 0)
}
