// The four counts of every group of a column, in one pass. A missing group value is a group of its own, never dropped.
import { assert } from '../../foundation/assert.ts'
import { type BinaryScored, type Confusion, cellOf } from '../metrics/scored.ts'

/** null stands for a missing value. */
export type GroupName = string | null

export interface GroupConfusion extends Confusion {
  readonly group: GroupName
}

/** In alphabetical order, the missing group last. */
export function confusionByGroup(
  { labels, scores, threshold }: BinaryScored,
  groups: readonly GroupName[],
): readonly GroupConfusion[] {
  assert(
    groups.length === labels.length,
    `${groups.length} group values do not match ${labels.length} rows`,
  )
  const counts = new Map<GroupName, Float64Array>()
  for (let row = 0; row < labels.length; row++) {
    const group = groups[row] ?? null
    const own = counts.get(group) ?? new Float64Array(4)
    if (own[0] === 0) counts.set(group, own)
    const cell = cellOf(labels[row] ?? 0, scores[row] ?? Number.NaN, threshold)
    own[cell] = (own[cell] ?? 0) + 1
  }
  return [...counts.entries()]
    .sort(([a], [b]) => compareGroups(a, b))
    .map(([group, [tn = 0, fp = 0, fn = 0, tp = 0]]) => ({ group, tp, fp, fn, tn }))
}

/** Row numbers of every group, in the same order. */
export function rowsByGroup(groups: readonly GroupName[]): ReadonlyMap<GroupName, Uint32Array> {
  const rows = new Map<GroupName, number[]>()
  for (const [row, group] of groups.entries()) {
    const own = rows.get(group)
    if (own === undefined) rows.set(group, [row])
    else own.push(row)
  }
  const sorted = [...rows.entries()].sort(([a], [b]) => compareGroups(a, b))
  return new Map(sorted.map(([group, own]) => [group, Uint32Array.from(own)]))
}

export function nameOfGroup(group: GroupName): string {
  return group ?? '(missing)'
}

export function compareGroups(a: GroupName, b: GroupName): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return a < b ? -1 : a > b ? 1 : 0
}
