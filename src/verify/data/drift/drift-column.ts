// One column seen twice on the same bins: when the release was made, and live.

export interface ComparedColumn {
  readonly name: string
  readonly kind: 'numeric' | 'category'
  /** Every value falls into exactly one bin; rows without a value are counted apart. */
  readonly bins: readonly ComparedBin[]
  readonly referenceMissing: number
  readonly liveMissing: number
}

export interface ComparedBin {
  /** A category, or for numbers a text such as `60–90`. */
  readonly label: string
  /** Ends of a numeric bin; null where it is open. */
  readonly from?: number | null
  readonly to?: number | null
  readonly reference: number
  readonly live: number
  /** The bin of everything the reference never saw. */
  readonly unseen?: boolean
}

export interface ColumnTotals {
  /** Rows with a value. */
  readonly reference: number
  readonly live: number
  /** All rows. */
  readonly referenceRows: number
  readonly liveRows: number
}

export function totalsOf(column: ComparedColumn): ColumnTotals {
  let reference = 0
  let live = 0
  for (const bin of column.bins) {
    reference += bin.reference
    live += bin.live
  }
  return {
    reference,
    live,
    referenceRows: reference + column.referenceMissing,
    liveRows: live + column.liveMissing,
  }
}
