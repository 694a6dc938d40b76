// Two profiles as the statistics of a drift check: the reference's own bins, both counts, and what distances along the axis need.

import type { ColumnProfile, DatasetProfile } from '../profile/profile.ts'
import type { DriftAxis, DriftCheck, DriftColumn, DriftStatistics } from './drift-check.ts'
import type { ComparedBin, ComparedColumn } from './drift-column.ts'
import { rangeLabel } from './drift-movers.ts'
import { compareColumn } from './drift-profiles.ts'

export interface ProfilePair {
  /** What the reference is, in words. */
  readonly name: string
  readonly reference: DatasetProfile
  /** Counted on the reference's edges and categories. */
  readonly live: DatasetProfile
  /** Columns of the data that the reference does not have. */
  readonly unknown: readonly string[]
}

export function driftStatistics(
  { name, reference, live, unknown }: ProfilePair,
  bins: DriftCheck['bins'],
): DriftStatistics {
  const columns = Object.entries(reference.columns).flatMap(([column, before]): DriftColumn[] => {
    const now = live.columns[column]
    const compared = now && compareColumn(column, before, now)
    if (compared === undefined || now === undefined) return []
    return [
      {
        compared: bins === null ? compared : withBins(compared, bins),
        axis: axisOf(before, now),
        isCut: before.kind === 'category' && before.other > 0,
      },
    ]
  })
  return {
    method: 'drift',
    reference: name,
    referenceRows: reference.rows,
    rows: live.rows,
    columns,
    unknown,
  }
}

function axisOf(before: ColumnProfile, now: ColumnProfile): DriftAxis | null {
  if (before.kind !== 'numeric' || now.kind !== 'numeric') return null
  const low = Math.min(before.lowest, before.min ?? before.lowest, now.min ?? before.lowest)
  const top = before.edges.at(-1) ?? before.lowest
  const high = Math.max(top, before.max ?? top, now.max ?? top)
  return { low, high, std: { reference: before.std ?? 0, live: now.std ?? 0 } }
}

/** Neighbours are joined until each holds its part of the reference; what lies outside the reference's range stays apart. */
function withBins(column: ComparedColumn, bins: number): ComparedColumn {
  if (column.kind !== 'numeric') return column
  const inside = column.bins.filter(
    (bin) => typeof bin.from === 'number' && typeof bin.to === 'number',
  )
  const total = inside.reduce((sum, bin) => sum + bin.reference, 0)
  const joined: ComparedBin[] = []
  let open: ComparedBin | undefined
  let held = 0
  for (const bin of inside) {
    open = open === undefined ? bin : join(open, bin)
    held += bin.reference
    if (held >= ((joined.length + 1) * total) / bins - 0.5) {
      joined.push(open)
      open = undefined
    }
  }
  if (open !== undefined) joined.push(open)
  const first = column.bins.filter((bin) => bin.from === null)
  const rest = column.bins.filter((bin) => bin.from !== null && !inside.includes(bin))
  return { ...column, bins: [...first, ...joined, ...rest] }
}

function join(one: ComparedBin, next: ComparedBin): ComparedBin {
  const [from, to] = [one.from ?? null, next.to ?? null]
  return {
    label: rangeLabel(from, to),
    from,
    to,
    reference: one.reference + next.reference,
    live: one.live + next.live,
  }
}
