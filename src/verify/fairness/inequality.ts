// Two numbers of a fairness report that no gate decides by: how unequally a model treats single rows, and whether a group
// is over-represented among the rejected once strata are accounted for.
import type { BinaryScored } from '../metrics/scored.ts'
import type { GroupRows } from './group-panels.ts'

/**
 * Theil's index of the benefits b = selected − label + 1 (Speicher et al. 2018): 0 when every row gets what it deserves or
 * all err alike; undefined when nobody has a benefit. (1/n) Σ (b/μ) ln(b/μ), with 0 ln 0 = 0.
 */
export function theilIndex({ labels, scores, threshold }: BinaryScored): number | undefined {
  const counts = [0, 0, 0] as [number, number, number]
  for (let row = 0; row < labels.length; row++) {
    const selected = (scores[row] ?? 0) >= threshold ? 1 : 0
    const benefit = selected - (labels[row] ?? 0) + 1
    if (benefit === 0 || benefit === 1 || benefit === 2) counts[benefit] += 1
  }
  const [, ones, twos] = counts
  const mean = (ones + 2 * twos) / labels.length
  if (!(mean > 0)) return undefined
  const part = (benefit: number) => (benefit / mean) * Math.log(benefit / mean)
  return (ones * part(1) + twos * part(2)) / labels.length
}

/**
 * Conditional demographic disparity (Wachter et al. 2021): the share of the group among the rejected less its share among
 * the accepted, averaged over strata by their rows. Above 0 the group is rejected more than others like it. A stratum in
 * which everyone or nobody is selected says nothing and is left out; undefined when all are.
 */
export function conditionalDisparity(
  { scores, threshold }: BinaryScored,
  group: Uint32Array,
  strata: readonly GroupRows[],
): number | undefined {
  const members = new Set(group)
  let sum = 0
  let rows = 0
  for (const stratum of strata) {
    const counts = { accepted: 0, rejected: 0, ownAccepted: 0, ownRejected: 0 }
    for (const row of stratum.rows) {
      const isSelected = (scores[row] ?? 0) >= threshold
      const isOwn = members.has(row) ? 1 : 0
      counts[isSelected ? 'accepted' : 'rejected'] += 1
      counts[isSelected ? 'ownAccepted' : 'ownRejected'] += isOwn
    }
    if (counts.accepted === 0 || counts.rejected === 0) continue
    const disparity = counts.ownRejected / counts.rejected - counts.ownAccepted / counts.accepted
    sum += stratum.rows.length * disparity
    rows += stratum.rows.length
  }
  return rows > 0 ? sum / rows : undefined
}
