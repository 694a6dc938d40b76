// Slices as a project declares them: `plan`, `plan = team`, `tenure < 6`, `age in [18, 30)`, `age@quartiles`,
// `age@[18, 30, 50]`, `tenure < 6 and plan = pro`, and crossings of these: `plan x region`. Parsing needs no data.
import { type SliceWord, splitSlice } from './slice-words.ts'

export const sliceForms: readonly string[] = [
  'plan',
  'plan = team',
  'plan in [team, pro]',
  'region != north',
  'tenure < 6',
  'age in [18, 30)',
  'age between 18 and 30',
  'age is missing',
  'age@quartiles',
  'age@[18, 30, 50]',
  'tenure < 6 and plan = pro',
  'plan x region',
]

/** Crossed with each other: a row is in a slice when every term holds. */
export interface SliceDeclaration {
  readonly text: string
  readonly terms: readonly SliceTerm[]
}

export type SliceTerm =
  /** One slice per value of the column. */
  | { readonly kind: 'values'; readonly column: SliceColumn }
  /** One slice per bin of a numeric column. */
  | { readonly kind: 'bins'; readonly column: SliceColumn; readonly bins: SliceBins }
  /** One slice. */
  | { readonly kind: 'rows'; readonly conditions: readonly SliceCondition[] }

export type SliceBins = { readonly quantiles: number } | { readonly edges: readonly number[] }

export interface SliceColumn {
  readonly name: string
  readonly offset: number
  readonly length: number
}

export interface SliceLimit {
  readonly op: '<' | '<=' | '>' | '>='
  readonly value: number
}

export type SliceCondition = { readonly column: SliceColumn } & (
  | { readonly test: 'equals'; readonly values: readonly string[]; readonly isNegated: boolean }
  | { readonly test: 'range'; readonly limits: readonly SliceLimit[] }
  | { readonly test: 'missing'; readonly isNegated: boolean }
)

/** What is wrong with a declaration, with the place inside it (0-based). */
export interface SliceProblem {
  readonly declaration: string
  readonly message: string
  readonly offset: number
  readonly length: number
  readonly hint?: string
}

export function parseSlice(text: string): SliceDeclaration | SliceProblem {
  const words = wordsOf(text)
  const terms: SliceTerm[] = []
  for (;;) {
    const term = readTerm(words)
    if ('message' in term) return term
    terms.push(term)
    if (words.isAtEnd()) return { text: text.trim(), terms }
    if (!words.takes('x', '×')) return words.fault('expected "x" and another slice, or the end')
  }
}

type Words = ReturnType<typeof wordsOf>

function wordsOf(declaration: string) {
  const words = splitSlice(declaration)
  let at = 0
  const end: SliceWord = { kind: 'end', text: '', offset: declaration.length, length: 1 }
  const peek = () => words[at] ?? end
  const isOne = (texts: readonly string[]) =>
    peek().kind !== 'quoted' && peek().kind !== 'end' && texts.includes(peek().text)
  const take = () => {
    const word = peek()
    at++
    return word
  }
  return {
    peek,
    take,
    isAtEnd: () => peek().kind === 'end',
    isNext: (...texts: readonly string[]) => isOne(texts),
    /** Steps over the word when it is one of these. */
    takes(...texts: readonly string[]): boolean {
      if (!isOne(texts)) return false
      at++
      return true
    },
    fault(message: string, hint = `Forms: ${sliceForms.join(' · ')}`): SliceProblem {
      const { kind, text, offset, length } = peek()
      const found = kind === 'end' ? 'the end' : `"${text}"`
      return { declaration, message: `${message}, found ${found}`, offset, length, hint }
    },
  }
}

function readTerm(words: Words): SliceTerm | SliceProblem {
  const column = readColumn(words)
  if ('message' in column) return column
  if (words.takes('@')) return readBins(words, column)
  if (words.isAtEnd() || words.isNext('x', '×')) return { kind: 'values', column }
  const conditions: SliceCondition[] = []
  let next: SliceColumn | SliceProblem = column
  for (;;) {
    if ('message' in next) return next
    const condition = readCondition(words, next)
    if ('message' in condition) return condition
    conditions.push(condition)
    if (!words.takes('and')) return { kind: 'rows', conditions }
    next = readColumn(words)
  }
}

function readColumn(words: Words): SliceColumn | SliceProblem {
  const { kind } = words.peek()
  if (kind === 'end' || kind === 'mark') return words.fault('expected a column')
  const { text: name, offset, length } = words.take()
  return { name, offset, length }
}

const namedQuantiles: Readonly<Record<string, number>> = {
  halves: 2,
  tertiles: 3,
  quartiles: 4,
  quintiles: 5,
  deciles: 10,
}

function readBins(words: Words, column: SliceColumn): SliceTerm | SliceProblem {
  if (words.takes('[')) {
    const edges = readNumbers(words, ']')
    if ('message' in edges) return edges
    const isRising = edges.every((edge, at) => at === 0 || edge > (edges[at - 1] ?? edge))
    if (edges.length === 0 || !isRising) {
      return words.fault('the edges of bins must rise', 'Write age@[18, 30, 50].')
    }
    return { kind: 'bins', column, bins: { edges } }
  }
  const known = Object.keys(namedQuantiles)
  const named = words.isNext(...known) ? namedQuantiles[words.take().text] : undefined
  if (named !== undefined) return { kind: 'bins', column, bins: { quantiles: named } }
  return words.fault(`expected ${known.join(', ')} or edges`, 'Write age@[18, 30, 50].')
}

function readCondition(words: Words, column: SliceColumn): SliceCondition | SliceProblem {
  if (words.takes('is')) {
    const isNegated = words.takes('not')
    if (words.takes('missing')) return { column, test: 'missing', isNegated }
    return words.fault('expected "missing"', 'Write age is missing or age is not missing.')
  }
  if (words.takes('between')) return readBetween(words, column)
  if (words.takes('in')) return readMembership(words, column)
  if (words.isNext('not')) {
    words.take()
    if (!words.takes('in')) return words.fault('expected "in"', 'Write plan not in [team, pro].')
    const list = words.takes('[', '{') ? readTexts(words, ']', '}') : words.fault('expected "["')
    return 'message' in list
      ? list
      : { column, test: 'equals', values: list.values, isNegated: true }
  }
  if (words.isNext('=', '!=')) {
    const isNegated = words.take().text === '!='
    const value = readText(words)
    if (typeof value !== 'string') return value
    return { column, test: 'equals', values: [value], isNegated }
  }
  for (const op of ['<', '<=', '>', '>='] as const) {
    if (!words.takes(op)) continue
    const value = readNumber(words)
    return typeof value === 'number' ? { column, test: 'range', limits: [{ op, value }] } : value
  }
  return words.fault('expected a comparison, "in", "between", "is", "x" or the end')
}

function readBetween(words: Words, column: SliceColumn): SliceCondition | SliceProblem {
  const from = readNumber(words)
  if (typeof from !== 'number') return from
  if (!words.takes('and')) return words.fault('expected "and"', 'Write age between 18 and 30.')
  const to = readNumber(words)
  if (typeof to !== 'number') return to
  return {
    column,
    test: 'range',
    limits: [
      { op: '>=', value: from },
      { op: '<=', value: to },
    ],
  }
}

/** `in [18, 30)`, `in (18, 30]`, `in [team, pro]`, `in {18, 30}`. */
function readMembership(words: Words, column: SliceColumn): SliceCondition | SliceProblem {
  const open = words.peek()
  if (!words.takes('[', '(', '{')) return words.fault('expected "[", "(" or "{"')
  const list = readTexts(words, ']', ')', '}')
  if ('message' in list) return list
  const { values, close } = list
  const numbers = values.map(numberOf)
  const isPair = numbers.length === 2 && numbers.every((number) => number !== undefined)
  if (open.text !== '{' && (open.text === '(' || close === ')')) {
    const [from, to] = numbers
    if (!isPair || from === undefined || to === undefined) {
      return words.fault('an interval has two numbers', 'Write age in [18, 30).')
    }
    const low = { op: open.text === '[' ? '>=' : '>', value: from } as const
    const high = { op: close === ']' ? '<=' : '<', value: to } as const
    const limits = [low, high].filter(({ value }) => Number.isFinite(value))
    return { column, test: 'range', limits }
  }
  if (open.text === '[' && isPair) {
    const [from, to] = values
    const hint = `Write ${column.name} between ${from} and ${to}, or ${column.name} in {${from}, ${to}}.`
    const message = `[${from}, ${to}] may be two values or an interval`
    const { offset, length } = open
    return { ...words.fault(message, hint), message, offset, length }
  }
  return { column, test: 'equals', values, isNegated: false }
}

/** The members up to the closing bracket. */
function readTexts(
  words: Words,
  ...closing: readonly string[]
): { readonly values: readonly string[]; readonly close: string } | SliceProblem {
  const values: string[] = []
  for (;;) {
    const text = readText(words)
    if (typeof text !== 'string') return text
    values.push(text)
    if (words.takes(',')) continue
    if (!words.isNext(...closing)) return words.fault(`expected "," or "${closing[0]}"`)
    return { values, close: words.take().text }
  }
}

function readNumbers(words: Words, close: string): readonly number[] | SliceProblem {
  const numbers: number[] = []
  for (;;) {
    const number = readNumber(words)
    if (typeof number !== 'number') return number
    numbers.push(number)
    if (words.takes(close)) return numbers
    if (!words.takes(',')) return words.fault(`expected "," or "${close}"`)
  }
}

function readNumber(words: Words): number | SliceProblem {
  const { kind, text } = words.peek()
  const number = kind === 'word' ? numberOf(text) : undefined
  if (number === undefined) return words.fault('expected a number')
  words.take()
  return number
}

/** Plain words stand together: `workclass = Self employed`. */
function readText(words: Words): string | SliceProblem {
  const first = words.peek()
  if (first.kind === 'quoted') return words.take().text
  const parts: string[] = []
  while (words.peek().kind === 'word' && !words.isNext('and', 'x')) parts.push(words.take().text)
  return parts.length > 0 ? parts.join(' ') : words.fault('expected a value')
}

export function numberOf(text: string): number | undefined {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  if (text === '-inf') return Number.NEGATIVE_INFINITY
  if (!/^[+-]?(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined
  return Number(text.replaceAll('_', ''))
}
