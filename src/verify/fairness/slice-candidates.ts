// The lattice of slices a search looks at: every value or bin of every feature, and every pair of two features.
import { binsOf, isNumeric, type NamedTest, valuesOf } from './slice-tests.ts'
import type { SliceColumns } from './slices.ts'

export interface Candidate {
  /** Reads back as a slice declaration. */
  readonly name: string
  /** Positions of the one or two simple conditions. */
  readonly parts: readonly number[]
  readonly rows: Uint32Array
}

export interface Lattice {
  /** Simple slices, then pairs. */
  readonly candidates: readonly Candidate[]
  /** Features that cannot be cut into slices, and why. */
  readonly skipped: readonly { readonly column: string; readonly because: string }[]
}

/** Text with more values than this is an identifier or free text, not a group. */
const mostValues = 50
/** A numeric feature with few values is taken by value, others by quartile. */
const fewValues = 8

interface Condition {
  readonly name: string
  readonly column: string
  readonly rows: Uint32Array
}

/** Slices over these rows with at least `minRows` of them. */
export function latticeOf(columns: SliceColumns, rows: Uint32Array, minRows: number): Lattice {
  const skipped: { readonly column: string; readonly because: string }[] = []
  const conditions: Condition[] = []
  for (const [column, values] of columns) {
    const tests = testsOf(column, values)
    if (typeof tests === 'string') skipped.push({ column, because: tests })
    else {
      for (const { name, holds } of tests) {
        const own = rows.filter((row) => holds(row))
        if (own.length >= minRows && own.length < rows.length) {
          conditions.push({ name, column, rows: own })
        }
      }
    }
  }
  const simple = conditions.map(({ name, rows: own }, at) => ({ name, parts: [at], rows: own }))
  return { candidates: [...simple, ...pairsOf(conditions, minRows)], skipped }
}

function testsOf(column: string, values: ArrayLike<unknown>): readonly NamedTest[] | string {
  const distinct = new Set<unknown>()
  let numeric = true
  for (let row = 0; row < values.length; row++) {
    distinct.add(values[row])
    numeric &&= isNumeric(values[row])
  }
  if (distinct.size < 2) return 'it has one value'
  if (numeric && distinct.size > fewValues) {
    return binsOf(column, { quantiles: 4 }, values) ?? 'it is not numeric'
  }
  if (distinct.size > mostValues) return `it has ${distinct.size} values`
  return valuesOf(column, values)
}

/** Rows that both conditions hold for, by merging the rising lists. */
function pairsOf(conditions: readonly Condition[], minRows: number): readonly Candidate[] {
  const pairs: Candidate[] = []
  for (const [at, one] of conditions.entries()) {
    for (const [after, two] of conditions.slice(at + 1).entries()) {
      if (one.column === two.column) continue
      const rows = intersection(one.rows, two.rows)
      const isNew = rows.length < Math.min(one.rows.length, two.rows.length)
      if (rows.length < minRows || !isNew) continue
      pairs.push({ name: `${one.name} x ${two.name}`, parts: [at, at + 1 + after], rows })
    }
  }
  return pairs
}

export function intersection(one: Uint32Array, two: Uint32Array): Uint32Array {
  const both = new Uint32Array(Math.min(one.length, two.length))
  let count = 0
  let i = 0
  let j = 0
  while (i < one.length && j < two.length) {
    const a = one[i] ?? 0
    const b = two[j] ?? 0
    if (a === b) both[count++] = a
    if (a <= b) i++
    if (b <= a) j++
  }
  return both.subarray(0, count)
}
