// What a drift figure shows: a few bars per column, each with the share of the reference and of the data. Pure numbers.
import type { ComparedBin, ComparedColumn } from '../../verify/data/drift/drift-column.ts'
import { totalsOf } from '../../verify/data/drift/drift-column.ts'

export interface DriftBar {
  readonly label: string
  /** Left end of a bin of numbers; null where it is open. */
  readonly from: number | null
  /** Shares of all rows of its side. */
  readonly reference: number
  readonly live: number
}

export interface DriftBars {
  /** Bins of numbers in rising order; empty for categories. */
  readonly axis: readonly DriftBar[]
  /** Categories by size, and what lies on no axis: not finite, missing. */
  readonly named: readonly DriftBar[]
}

const mostBins = 24
const mostNamed = 12

export function driftBars(column: ComparedColumn): DriftBars {
  const { referenceRows, liveRows } = totalsOf(column)
  const bar = ({ label, from, reference, live }: ComparedBin): DriftBar => ({
    label,
    from: from ?? null,
    reference: reference / Math.max(1, referenceRows),
    live: live / Math.max(1, liveRows),
  })
  const onAxis = column.bins.filter(({ from, to }) => from !== undefined && to !== undefined)
  const apart = column.bins.filter((bin) => !onAxis.includes(bin) && bin.reference + bin.live > 0)
  const { referenceMissing, liveMissing } = column
  const missing =
    referenceMissing + liveMissing === 0
      ? []
      : [{ label: '(missing)', reference: referenceMissing, live: liveMissing }]
  return {
    axis: fewer(onAxis.filter(isWorthDrawing)).map(bar),
    named: commonest([...apart.map(bar), ...missing.map(bar)]),
  }
}

/** The open ends are drawn where something lies in them. */
function isWorthDrawing({ from, to, reference, live }: ComparedBin): boolean {
  return (from !== null && to !== null) || reference + live > 0
}

/** Neighbours are joined in equal numbers; the open ends stay apart. */
function fewer(bins: readonly ComparedBin[]): readonly ComparedBin[] {
  const size = Math.ceil(bins.length / mostBins)
  if (size <= 1) return bins
  const isOpen = ({ from, to }: ComparedBin) => from === null || to === null
  const joined: ComparedBin[] = []
  let held = 0
  for (const bin of bins) {
    const before = joined.at(-1)
    if (before === undefined || held >= size || isOpen(bin) || isOpen(before)) {
      joined.push(bin)
      held = 1
    } else {
      const [reference, live] = [before.reference + bin.reference, before.live + bin.live]
      joined[joined.length - 1] = { ...before, to: bin.to ?? null, reference, live }
      held += 1
    }
  }
  return joined
}

function commonest(bars: readonly DriftBar[]): readonly DriftBar[] {
  const ranked = bars.toSorted(
    (a, b) => Math.max(b.reference, b.live) - Math.max(a.reference, a.live),
  )
  if (ranked.length <= mostNamed) return ranked
  const rest = ranked.slice(mostNamed - 1)
  const sum = (side: 'reference' | 'live') => rest.reduce((total, one) => total + one[side], 0)
  const others = { label: `${rest.length} others`, from: null }
  return [
    ...ranked.slice(0, mostNamed - 1),
    { ...others, reference: sum('reference'), live: sum('live') },
  ]
}
