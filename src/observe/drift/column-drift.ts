// How far a column moved, and how surprising that is: effect sizes on the reference's own bins, and one calibrated p-value.
import { type ComparedColumn, totalsOf } from '../../verify/data/drift/drift-column.ts'
import { type Mover, moversOf } from '../../verify/data/drift/drift-movers.ts'
import {
  jensenShannonDistance,
  largestDifference,
  occupiedBins,
  stabilityIndex,
  withoutRareBins,
} from '../../verify/data/drift/drift-scores.ts'
import { chiSquareUpperTail } from '../../verify/statistics/chi-square.ts'

export interface ColumnDrift {
  readonly column: string
  readonly referenceRows: number
  readonly liveRows: number
  /** Population stability index; half a count is added to every bin, so it is always finite. */
  readonly psi: number
  /** What the index would be on average without any drift, for samples of this size. */
  readonly psiNoise: number
  /** Probability of an index at least this large without drift. */
  readonly pValue: number
  /** Jensen-Shannon distance, base 2: 0 for equal, 1 for disjoint. */
  readonly jsDistance: number
  /** Largest change of a bin's share. */
  readonly lInfinity: number
  /** Live minus reference share of rows without a value. */
  readonly missingChange: number
  /** Share of live values in categories the reference never saw. */
  readonly unseenShare: number
  /** What moved most, in words. */
  readonly movers: readonly Mover[]
}

/**
 * Without drift, PSI · n·m/(n+m) follows the chi-square law with bins − 1 degrees of freedom, n and m being the rows of the two
 * sides (monitoring.md 4.1): a fixed threshold such as 0.1 alarms nearly always on 50 rows and nearly never on 5000. Rows without a
 * value are a bin of their own. Bins too rare for that law (fewer than 5 rows expected on the smaller side) are counted together.
 */
export function driftOf(column: ComparedColumn): ColumnDrift {
  const totals = totalsOf(column)
  const { referenceRows: n, liveRows: m } = totals
  const sizes = {
    column: column.name,
    referenceRows: n,
    liveRows: m,
    missingChange: share(column.liveMissing, m) - share(column.referenceMissing, n),
    unseenShare: share(
      column.bins.reduce((sum, bin) => sum + (bin.unseen ? bin.live : 0), 0),
      totals.live,
    ),
  }
  if (n === 0 || m === 0) {
    // Nothing to compare: no effect is known and nothing can be surprising. The verdict is `insufficient`.
    return { ...sizes, psi: 0, psiNoise: 0, pValue: 1, jsDistance: 0, lInfinity: 0, movers: [] }
  }
  const bins = occupiedBins(column)
  const tested = withoutRareBins(bins, Math.min(n, m) / (n + m))
  const psi = stabilityIndex(tested)
  const degrees = tested.length - 1
  return {
    ...sizes,
    psi,
    psiNoise: degrees * (1 / n + 1 / m),
    pValue: degrees === 0 ? 1 : chiSquareUpperTail((psi * n * m) / (n + m), degrees),
    jsDistance: jensenShannonDistance(bins),
    lInfinity: largestDifference(bins),
    movers: moversOf(column),
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
