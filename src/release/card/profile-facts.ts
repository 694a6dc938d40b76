// The data the model was judged on, column by column, small enough for a page: what live traffic is later compared with.
import type {
  CategoryProfile,
  ColumnProfile,
  DatasetProfile,
  NumericProfile,
} from '../../verify/data/profile/profile.ts'

export interface ProfileFacts {
  readonly rows: number
  readonly columns: readonly ColumnFacts[]
}

export type ColumnFacts =
  | {
      readonly kind: 'numeric'
      readonly name: string
      readonly missing: number
      readonly mean: number | null
      readonly std: number | null
      readonly min: number | null
      readonly max: number | null
      /** At 5, 25, 50, 75 and 95 %, to within one bin of the profile. */
      readonly quantiles: readonly number[]
      /** Share of values in equally wide bins from the 1 % to the 99 % quantile. */
      readonly shape: readonly number[]
    }
  | {
      readonly kind: 'category'
      readonly name: string
      readonly missing: number
      /** Most frequent first. */
      readonly shares: readonly { readonly value: string; readonly share: number }[]
      /** Categories that are not listed. */
      readonly left: number
    }

const shapeBins = 24
const mostCategories = 6

export function profileFacts(profile: DatasetProfile): ProfileFacts {
  return {
    rows: profile.rows,
    columns: Object.entries(profile.columns).map(([name, column]) =>
      columnFacts(name, column, profile.rows),
    ),
  }
}

function columnFacts(name: string, column: ColumnProfile, rows: number): ColumnFacts {
  return column.kind === 'numeric' ? numericFacts(name, column) : categoryFacts(name, column, rows)
}

function numericFacts(name: string, column: NumericProfile): ColumnFacts {
  const { missing, mean, std, min, max } = column
  const at = (level: number) => Number(quantile(column, level).toPrecision(6))
  return {
    ...{ kind: 'numeric', name, missing, mean, std, min, max },
    quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(at),
    shape: shapeOf(column, quantile(column, 0.01), quantile(column, 0.99)),
  }
}

/** Values are taken to lie evenly inside a bin. */
function quantile({ lowest, edges, counts }: NumericProfile, level: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  let wanted = level * total
  let from = lowest
  for (const [bin, edge] of edges.entries()) {
    const count = counts[bin] ?? 0
    if (wanted <= count && count > 0) return from + (edge - from) * (wanted / count)
    wanted -= count
    from = edge
  }
  return edges.at(-1) ?? lowest
}

function shapeOf({ lowest, edges, counts }: NumericProfile, low: number, high: number): number[] {
  const shape = new Array<number>(shapeBins).fill(0)
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0 || high <= low) return []
  const width = (high - low) / shapeBins
  let from = lowest
  for (const [index, edge] of edges.entries()) {
    const share = (counts[index] ?? 0) / total
    for (let bin = 0; bin < shapeBins; bin++) {
      const start = low + bin * width
      const overlap = Math.min(edge, start + width) - Math.max(from, start)
      const covered = edge > from ? Math.max(0, overlap) / (edge - from) : 0
      const atom = edge === from && edge >= start && edge < start + width ? 1 : 0
      shape[bin] = (shape[bin] ?? 0) + share * Math.max(covered, atom)
    }
    from = edge
  }
  return shape.map((share) => Number(share.toPrecision(4)))
}

function categoryFacts(name: string, column: CategoryProfile, rows: number): ColumnFacts {
  const counted = column.categories
    .map((value, at) => ({ value, count: column.counts[at] ?? 0 }))
    .sort((a, b) => b.count - a.count)
  return {
    kind: 'category',
    name,
    missing: column.missing,
    shares: counted.slice(0, mostCategories).map(({ value, count }) => ({
      value,
      share: Number((count / Math.max(1, rows)).toPrecision(6)),
    })),
    left: Math.max(0, counted.length - mostCategories),
  }
}
