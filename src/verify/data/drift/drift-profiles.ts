// Two profiles of the same shape (the reference of a release, and live rows counted on it) as columns that can be compared.

import type {
  CategoryProfile,
  ColumnProfile,
  DatasetProfile,
  NumericProfile,
} from '../profile/profile.ts'
import type { ComparedBin, ComparedColumn } from './drift-column.ts'
import { rangeLabel } from './drift-movers.ts'

/** Columns that only one side has, or of different kinds, are left out. */
export function compareProfiles(reference: DatasetProfile, live: DatasetProfile): ComparedColumn[] {
  return Object.entries(reference.columns).flatMap(([name, column]) => {
    const other = live.columns[name]
    const compared = other && compareColumn(name, column, other)
    return compared ? [compared] : []
  })
}

export function compareColumn(
  name: string,
  reference: ColumnProfile,
  live: ColumnProfile,
): ComparedColumn | undefined {
  const missing = { referenceMissing: reference.missing, liveMissing: live.missing }
  if (reference.kind === 'numeric' && live.kind === 'numeric') {
    return { name, kind: 'numeric', bins: numericBins(reference, live), ...missing }
  }
  if (reference.kind === 'category' && live.kind === 'category') {
    return { name, kind: 'category', bins: categoryBins(reference, live), ...missing }
  }
  return undefined
}

function numericBins(reference: NumericProfile, live: NumericProfile): ComparedBin[] {
  const ends = [reference.lowest, ...reference.edges]
  const inner = reference.edges.map((to, at): ComparedBin => {
    const from = ends[at] ?? to
    const counts = { reference: reference.counts[at] ?? 0, live: live.counts[at] ?? 0 }
    return { label: rangeLabel(from, to), from, to, ...counts }
  })
  const highest = ends.at(-1) ?? reference.lowest
  return [
    openBin({ from: null, to: reference.lowest }, reference.under, live.under),
    ...inner,
    openBin({ from: highest, to: null }, reference.over, live.over),
    { label: '(not a number)', reference: reference.nonfinite, live: live.nonfinite },
  ].filter((bin) => bin.reference + bin.live > 0)
}

function openBin(
  ends: { readonly from: number | null; readonly to: number | null },
  reference: number,
  live: number,
): ComparedBin {
  const label = rangeLabel(ends.from, ends.to)
  return { label, ...ends, reference, live, ...(reference === 0 ? { unseen: true } : {}) }
}

function categoryBins(reference: CategoryProfile, live: CategoryProfile): ComparedBin[] {
  const known = reference.categories.map((label, at) => ({
    label,
    reference: reference.counts[at] ?? 0,
    live: live.counts[at] ?? 0,
  }))
  const isUnseen = reference.other === 0
  const other = {
    label: isUnseen ? '(new values)' : '(other values)',
    reference: reference.other,
    live: live.other,
  }
  return [...known, isUnseen ? { ...other, unseen: true } : other]
}
