// A declared condition on one column as a test of rows, under the name it is shown by.
import { didYouMean } from '../../project/problems.ts'
import { compareGroups } from './group-counts.ts'
import {
  numberOf,
  type SliceBins,
  type SliceCondition,
  type SliceLimit,
} from './slice-declaration.ts'
import { quoteSliceName, quoteSliceValue } from './slice-words.ts'

export interface NamedTest {
  readonly name: string
  readonly holds: (row: number) => boolean
  /** Why no row can pass. */
  readonly remark?: string
}

/** One test per value, in order, the missing one last. */
export function valuesOf(column: string, values: ArrayLike<unknown>): readonly NamedTest[] {
  const texts = Array.from(values, textOf)
  const present = [...new Set(texts)].toSorted(inOrder)
  return present.map((wanted) => ({
    name: wanted === null ? missingName(column) : equalName(column, wanted),
    holds: (row) => texts[row] === wanted,
  }))
}

/** Bins closed on the left that cover every row, and one for missing values if there are any; undefined for text. */
export function binsOf(
  column: string,
  bins: SliceBins,
  values: ArrayLike<unknown>,
): readonly NamedTest[] | undefined {
  const numbers = numbersOf(values)
  if (numbers === undefined) return undefined
  const edges = 'edges' in bins ? bins.edges : quantileEdges(numbers, bins.quantiles)
  const tests = [...edges, Infinity].map((edge, at): NamedTest => {
    const from = edges[at - 1] ?? -Infinity
    const limits: SliceLimit[] = []
    if (from !== -Infinity) limits.push({ op: '>=', value: from })
    if (edge !== Infinity) limits.push({ op: '<', value: edge })
    return rangeTest(column, limits, numbers)
  })
  if (!numbers.some(Number.isNaN)) return tests
  return [
    ...tests,
    { name: missingName(column), holds: (row) => Number.isNaN(numbers[row] ?? Number.NaN) },
  ]
}

/** Undefined when the condition compares numbers and the column holds text. */
export function testOf(
  condition: SliceCondition,
  values: ArrayLike<unknown>,
): NamedTest | undefined {
  const { name: column } = condition.column
  switch (condition.test) {
    case 'missing': {
      const { isNegated } = condition
      const name = isNegated ? `${quoteSliceName(column)} is not missing` : missingName(column)
      return { name, holds: (row) => (textOf(values[row]) === null) !== isNegated }
    }
    case 'range': {
      const numbers = numbersOf(values)
      return numbers === undefined ? undefined : rangeTest(column, condition.limits, numbers)
    }
    case 'equals':
      return memberTest(condition, values)
  }
}

export function isNumeric(value: unknown): boolean {
  const text = textOf(value)
  return text === null || numberOf(text) !== undefined
}

function rangeTest(
  column: string,
  limits: readonly SliceLimit[],
  numbers: Float64Array,
): NamedTest {
  return {
    name: rangeName(quoteSliceName(column), limits),
    holds: (row) => {
      const value = numbers[row] ?? Number.NaN
      return !Number.isNaN(value) && limits.every((limit) => isWithin(value, limit))
    },
  }
}

function memberTest(
  { column, values: wanted, isNegated }: SliceCondition & { readonly test: 'equals' },
  values: ArrayLike<unknown>,
): NamedTest {
  const texts = Array.from(values, textOf)
  const isMember = (text: string | null) => wanted.some((one) => isSame(text, one))
  const [only] = wanted
  const name =
    wanted.length === 1 && only !== undefined
      ? `${quoteSliceName(column.name)}${isNegated ? '!=' : '='}${quoteSliceValue(only)}`
      : `${quoteSliceName(column.name)} ${isNegated ? 'not in' : 'in'} {${wanted.map(quoteSliceValue).join(', ')}}`
  // A row whose value is not known is neither the value nor provably another one.
  const holds = (row: number) => {
    const text = texts[row] ?? null
    return text !== null && isMember(text) !== isNegated
  }
  const absent = wanted.find((one) => !texts.some((text) => isSame(text, one)))
  if (isNegated || absent === undefined) return { name, holds }
  const known = [...new Set(texts)].filter((text) => text !== null).toSorted(inOrder)
  const near = didYouMean(absent, known)
  const shown = known.slice(0, 8).join(', ') + (known.length > 8 ? ', …' : '')
  const hint = near === undefined ? `it holds ${shown || 'no values'}` : `did you mean ${near}?`
  return { name, holds, remark: `no row has ${column.name} = ${absent}; ${hint}` }
}

function isSame(text: string | null, wanted: string): boolean {
  if (text === null || text === wanted) return text === wanted
  const number = numberOf(wanted)
  return number !== undefined && numberOf(text) === number
}

function isWithin(value: number, { op, value: limit }: SliceLimit): boolean {
  if (op === '<') return value < limit
  if (op === '<=') return value <= limit
  return op === '>' ? value > limit : value >= limit
}

function rangeName(column: string, limits: readonly SliceLimit[]): string {
  const [first, second] = limits
  if (first === undefined) return `${column} is not missing`
  if (second === undefined) return `${column} ${first.op} ${first.value}`
  if (first.op === '>=' && second.op === '<=') {
    return `${column} between ${first.value} and ${second.value}`
  }
  const open = first.op === '>=' ? '[' : '('
  return `${column} in ${open}${first.value}, ${second.value}${second.op === '<=' ? ']' : ')'}`
}

/** Linear interpolation between order statistics (NumPy's default); equal edges are one. */
function quantileEdges(numbers: Float64Array, parts: number): readonly number[] {
  const sorted = numbers.filter((value) => Number.isFinite(value)).sort()
  const least = sorted[0]
  if (least === undefined) return []
  const edges = new Set<number>()
  for (let part = 1; part < parts; part++) {
    const at = ((sorted.length - 1) * part) / parts
    const below = sorted[Math.floor(at)] ?? least
    const above = sorted[Math.ceil(at)] ?? below
    const edge = Number((below + (above - below) * (at - Math.floor(at))).toPrecision(12))
    // An edge at the minimum would make a first bin without rows.
    if (edge > least) edges.add(edge)
  }
  return [...edges]
}

function numbersOf(values: ArrayLike<unknown>): Float64Array | undefined {
  const numbers = new Float64Array(values.length)
  for (let row = 0; row < values.length; row++) {
    const text = textOf(values[row])
    const number = text === null ? Number.NaN : numberOf(text)
    if (number === undefined) return undefined
    numbers[row] = number
  }
  return numbers
}

/** null for a missing value: null, undefined and NaN. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'number') return String(value)
  if (Number.isNaN(value)) return null
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf'
}

/** Numbers by size, texts by alphabet, a missing value last. */
export function inOrder(a: string | null, b: string | null): number {
  if (a !== null && b !== null) {
    const difference = (numberOf(a) ?? Number.NaN) - (numberOf(b) ?? Number.NaN)
    if (!Number.isNaN(difference) && difference !== 0) return difference
  }
  return compareGroups(a, b)
}

function equalName(column: string, value: string): string {
  return `${quoteSliceName(column)}=${quoteSliceValue(value)}`
}

function missingName(column: string): string {
  return `${quoteSliceName(column)} is missing`
}
