// The design matrix of the baseline: standardised numbers, then one column per category level, laid out row by row.
import { baselineError } from './baseline-error.ts'
import type { CategoryColumn, NumberColumn, TrainingTable } from './training-table.ts'

export interface DesignColumn {
  readonly name: string
  /** For a number: how it is standardised, and its feature. */
  readonly number?: { readonly mean: number; readonly std: number; readonly feature: number }
  /** For a category: every level seen and its feature; undefined for levels too rare to have one. */
  readonly levels?: readonly { readonly value: string; readonly feature: number | undefined }[]
}

/** Sparse rows: `numbers` dense values, then `categories` feature indexes (-1 for none). */
export interface DesignMatrix {
  readonly rows: number
  readonly columns: readonly DesignColumn[]
  /** `age`, `education=Masters`. The numbers come first. */
  readonly features: readonly string[]
  readonly numberCount: number
  readonly categoryCount: number
  /** rows × numberCount, row-major. */
  readonly numbers: Float64Array
  /** rows × categoryCount, row-major. */
  readonly codes: Int32Array
}

/** The solver keeps a features × features matrix and factors it: beyond this it would take minutes. */
export const featureLimit = 3000

/** Levels seen in fewer than `minCount` rows get no feature: they count as "other", which is all zeros. */
export function buildDesignMatrix(table: TrainingTable, minCount: number): DesignMatrix {
  const { rows } = table
  const numberColumns = table.columns.filter((column) => column.kind === 'number')
  const categoryColumns = table.columns.filter((column) => column.kind === 'category')
  const features: string[] = []
  const designs = new Map<string, DesignColumn>()
  const numbers = allocate(rows, numberColumns.length, (size) => new Float64Array(size))
  const codes = allocate(rows, categoryColumns.length, (size) => new Int32Array(size))

  for (const [at, column] of numberColumns.entries()) {
    const { mean, std } = momentsOf(column)
    standardiseInto(numbers, column, { at, width: numberColumns.length, mean, std })
    designs.set(column.name, {
      name: column.name,
      number: { mean, std, feature: features.push(column.name) - 1 },
    })
  }
  for (const [at, column] of categoryColumns.entries()) {
    const levels = column.levels.map(({ value, count }) => ({
      value,
      feature: count < minCount ? undefined : features.push(`${column.name}=${value}`) - 1,
    }))
    codesInto(codes, column, { at, width: categoryColumns.length, levels })
    designs.set(column.name, { name: column.name, levels })
  }
  if (features.length > featureLimit) throw tooManyFeatures(features.length, categoryColumns)
  return {
    rows,
    columns: table.columns.flatMap(({ name }) => designs.get(name) ?? []),
    features,
    numberCount: numberColumns.length,
    categoryCount: categoryColumns.length,
    numbers,
    codes,
  }
}

/**
 * Mean of the present values; population standard deviation after missing values became the mean, as scikit-learn's
 * SimpleImputer and StandardScaler give in this order. A constant column has std 1.
 */
function momentsOf({ values }: NumberColumn): { mean: number; std: number } {
  let sum = 0
  let present = 0
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (Number.isNaN(value)) continue
    sum += value
    present++
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  if (least === greatest) return { mean: least, std: 1 }
  const mean = sum / present
  let squares = 0
  for (const value of values) if (!Number.isNaN(value)) squares += (value - mean) ** 2
  return { mean, std: Math.sqrt(squares / values.length) || 1 }
}

interface Place {
  readonly at: number
  readonly width: number
}

function standardiseInto(
  target: Float64Array,
  { values }: NumberColumn,
  { at, width, mean, std }: Place & { mean: number; std: number },
): void {
  for (let row = 0, cell = at; row < values.length; row++, cell += width) {
    const value = values[row] ?? Number.NaN
    target[cell] = Number.isNaN(value) ? 0 : (value - mean) / std
  }
}

function codesInto(
  target: Int32Array,
  { codes }: CategoryColumn,
  { at, width, levels }: Place & { levels: readonly { feature: number | undefined }[] },
): void {
  const featureOf = Int32Array.from(levels, ({ feature }) => feature ?? -1)
  for (let row = 0, cell = at; row < codes.length; row++, cell += width) {
    target[cell] = featureOf[codes[row] ?? 0] ?? -1
  }
}

function allocate<Cells>(rows: number, width: number, make: (size: number) => Cells): Cells {
  try {
    return make(rows * width)
  } catch {
    throw baselineError(
      'out_of_memory',
      `${rows} rows × ${width} columns do not fit into memory.`,
      'Train on a sample of the rows (where) or on fewer columns (exclude).',
    )
  }
}

function tooManyFeatures(count: number, columns: readonly CategoryColumn[]) {
  const widest = columns.toSorted((a, b) => b.levels.length - a.levels.length).slice(0, 3)
  return baselineError(
    'too_many_features',
    `The columns make ${count} features; the baseline trainer allows ${featureLimit}.`,
    `Exclude columns with many values or raise minCount; the widest are ${widest.map(({ name, levels }) => `${name} (${levels.length})`).join(', ')}.`,
  )
}
