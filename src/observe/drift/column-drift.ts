// How far a column moved, and how surprising that is: effect sizes on the reference's own bins, and one calibrated p-value.
import { chiSquareUpperTail } from './chi-square.ts'
import { type ComparedBin, type ComparedColumn, totalsOf } from './compared-column.ts'
import { type Mover, moversOf } from './movers.ts'

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
    lInfinity: Math.max(...bins.map(({ reference, live }) => Math.abs(live / m - reference / n))),
    movers: moversOf(column),
  }
}

type Pair = Pick<ComparedBin, 'reference' | 'live'>

function occupiedBins(column: ComparedColumn): Pair[] {
  const missing = { reference: column.referenceMissing, live: column.liveMissing }
  return [...column.bins, missing].filter(({ reference, live }) => reference + live > 0)
}

/** Which bins are rare is read from both sides together, so the choice itself cannot make a difference look large. */
function withoutRareBins(bins: readonly Pair[], smallerSide: number): Pair[] {
  const isRare = ({ reference, live }: Pair) => (reference + live) * smallerSide < 5
  const rare = bins.filter(isRare)
  if (rare.length < 2) return [...bins]
  const together = rare.reduce(
    (sum, bin) => ({ reference: sum.reference + bin.reference, live: sum.live + bin.live }),
    { reference: 0, live: 0 },
  )
  return [...bins.filter((bin) => !isRare(bin)), together]
}

/** Σ (p − q) ln(p / q), half a count added to each bin. */
export function stabilityIndex(bins: readonly Pair[]): number {
  const n = bins.reduce((sum, bin) => sum + bin.reference + 0.5, 0)
  const m = bins.reduce((sum, bin) => sum + bin.live + 0.5, 0)
  let sum = 0
  for (const bin of bins) {
    const p = (bin.reference + 0.5) / n
    const q = (bin.live + 0.5) / m
    sum += (p - q) * Math.log(p / q)
  }
  return sum
}

/** √((KL(p‖mid) + KL(q‖mid)) / 2) with logarithms of base 2 and 0 · log 0 = 0 (Lin 1991; SciPy's jensenshannon, base=2). */
export function jensenShannonDistance(bins: readonly Pair[]): number {
  const n = bins.reduce((sum, bin) => sum + bin.reference, 0)
  const m = bins.reduce((sum, bin) => sum + bin.live, 0)
  if (n === 0 || m === 0) return 0
  let divergence = 0
  for (const bin of bins) {
    const p = bin.reference / n
    const q = bin.live / m
    const middle = (p + q) / 2
    if (p > 0) divergence += (p * Math.log2(p / middle)) / 2
    if (q > 0) divergence += (q * Math.log2(q / middle)) / 2
  }
  return Math.sqrt(Math.max(0, divergence))
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
