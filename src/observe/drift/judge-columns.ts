// From numbers to a verdict per column: large enough to matter, surprising enough given how many columns are looked at.
import type { ColumnDrift } from './column-drift.ts'
import { adjustedPValues } from './false-discovery.ts'

export interface DriftCriteria {
  /** Rows each side needs; below, the verdict is `insufficient`, never `stable`. */
  readonly minRows: number
  /** PSI beyond the noise of the sample sizes. */
  readonly psi: number
  /** False-discovery rate across the columns. */
  readonly falseDiscovery: number
}

export type DriftVerdict = 'drifted' | 'stable' | 'insufficient'

export interface JudgedColumn extends ColumnDrift {
  readonly verdict: DriftVerdict
  /** Benjamini-Hochberg over the columns that had enough rows. */
  readonly adjustedPValue: number
  /** PSI minus its noise, not below 0: the size that is compared with the criterion. */
  readonly excess: number
}

/** Most drifted first. */
export function judgeColumns(
  columns: readonly ColumnDrift[],
  criteria: DriftCriteria,
): JudgedColumn[] {
  const enough = columns.filter(
    ({ referenceRows, liveRows }) => Math.min(referenceRows, liveRows) >= criteria.minRows,
  )
  const adjusted = adjustedPValues(enough.map(({ pValue }) => pValue))
  const judged = columns.map((column): JudgedColumn => {
    const at = enough.indexOf(column)
    const excess = Math.max(0, column.psi - column.psiNoise)
    const adjustedPValue = adjusted[at] ?? 1
    if (at < 0) return { ...column, verdict: 'insufficient', adjustedPValue, excess }
    const drifted = adjustedPValue <= criteria.falseDiscovery && excess >= criteria.psi
    return { ...column, verdict: drifted ? 'drifted' : 'stable', adjustedPValue, excess }
  })
  return judged.sort((a, b) => rank(a) - rank(b) || b.excess - a.excess)
}

function rank({ verdict }: JudgedColumn): number {
  return ['drifted', 'stable', 'insufficient'].indexOf(verdict)
}
