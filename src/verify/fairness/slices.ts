// Declared slices over typed columns: named sets of rows. A slice without rows stays in the list and says why; what
// cannot be read is a problem with its place, never an exception. The name of a slice reads back as its declaration.
import { didYouMean } from '../../project/problems.ts'
import { compareGroups } from './group-counts.ts'
import {
  parseSlice,
  type SliceColumn,
  type SliceCondition,
  type SliceDeclaration,
  type SliceProblem,
  type SliceTerm,
} from './slice-declaration.ts'
import { binsOf, isNumeric, type NamedTest, testOf, valuesOf } from './slice-tests.ts'

/** Values by column, one per row: numbers, texts, booleans, null for a missing one. */
export type SliceColumns = ReadonlyMap<string, ArrayLike<unknown>>

export interface Slice {
  readonly name: string
  readonly declaration: string
  /** Row numbers, rising. */
  readonly rows: Uint32Array
  /** Why there are no rows, when the declaration names something the column does not hold. */
  readonly remark?: string
}

export interface ResolvedSlices {
  readonly slices: readonly Slice[]
  readonly problems: readonly SliceProblem[]
}

/** More slices than anyone reads; a crossing that explodes is a mistake. */
export const mostSlices = 1000

/** In the order of the declarations, inside one by value; every combination of a crossing, the empty ones too. */
export function resolveSlices(
  declarations: readonly string[],
  columns: SliceColumns,
  rows: number,
): ResolvedSlices {
  const slices: Slice[] = []
  const problems: SliceProblem[] = []
  for (const text of declarations) {
    const parsed = parseSlice(text)
    const found = 'message' in parsed ? parsed : resolveOne(parsed, columns, rows)
    if ('message' in found) problems.push(found)
    else slices.push(...found)
  }
  return { slices, problems }
}

function resolveOne(
  declaration: SliceDeclaration,
  columns: SliceColumns,
  rows: number,
): readonly Slice[] | SliceProblem {
  const choices: (readonly NamedTest[])[] = []
  for (const term of declaration.terms) {
    const tests = testsOf(term, columns)
    if ('message' in tests) return { declaration: declaration.text, ...tests }
    choices.push(tests)
  }
  const combinations = choices.reduce((count, tests) => count * tests.length, 1)
  if (combinations > mostSlices) {
    const message = `${declaration.text} makes ${combinations} slices, at most ${mostSlices} are allowed`
    const hint = 'Use bins (age@quartiles) or name the values that matter.'
    const whole = { offset: 0, length: declaration.text.length }
    return { declaration: declaration.text, message, ...whole, hint }
  }
  return crossed(choices).map((tests) => {
    const remark = tests.find((test) => test.remark !== undefined)?.remark
    return {
      name: tests.map(({ name }) => name).join(' x '),
      declaration: declaration.text,
      rows: rowsWhere(tests, rows),
      ...(remark === undefined ? {} : { remark }),
    }
  })
}

function crossed(choices: readonly (readonly NamedTest[])[]): readonly (readonly NamedTest[])[] {
  return choices.reduce<readonly (readonly NamedTest[])[]>(
    (sofar, tests) => sofar.flatMap((chosen) => tests.map((test) => [...chosen, test])),
    [[]],
  )
}

function rowsWhere(tests: readonly NamedTest[], rows: number): Uint32Array {
  const kept: number[] = []
  for (let row = 0; row < rows; row++) {
    if (tests.every((test) => test.holds(row))) kept.push(row)
  }
  return Uint32Array.from(kept)
}

type Fault = Omit<SliceProblem, 'declaration'>

function testsOf(term: SliceTerm, columns: SliceColumns): readonly NamedTest[] | Fault {
  if (term.kind === 'rows') return conditionsTest(term.conditions, columns)
  const values = columnOf(term.column, columns)
  if ('message' in values) return values
  if (term.kind === 'values') return valuesOf(term.column.name, values)
  return binsOf(term.column.name, term.bins, values) ?? notNumeric(term.column, values)
}

function conditionsTest(
  conditions: readonly SliceCondition[],
  columns: SliceColumns,
): readonly NamedTest[] | Fault {
  const tests: NamedTest[] = []
  for (const condition of conditions) {
    const values = columnOf(condition.column, columns)
    if ('message' in values) return values
    const test = testOf(condition, values)
    if (test === undefined) return notNumeric(condition.column, values)
    tests.push(test)
  }
  const remark = tests.find((test) => test.remark !== undefined)?.remark
  return [
    {
      name: tests.map(({ name }) => name).join(' and '),
      holds: (row) => tests.every((test) => test.holds(row)),
      ...(remark === undefined ? {} : { remark }),
    },
  ]
}

function columnOf(column: SliceColumn, columns: SliceColumns): ArrayLike<unknown> | Fault {
  const values = columns.get(column.name)
  if (values !== undefined) return values
  const known = [...columns.keys()].toSorted(compareGroups)
  const near = didYouMean(column.name, known)
  const hint =
    near === undefined ? `Columns: ${known.join(', ') || 'none'}.` : `Did you mean ${near}?`
  const { name, offset, length } = column
  return { message: `there is no column ${name}`, offset, length, hint }
}

function notNumeric({ name, offset, length }: SliceColumn, values: ArrayLike<unknown>): Fault {
  const strange = Array.from(values).find((value) => !isNumeric(value))
  const message = `${name} is not numeric (it holds ${JSON.stringify(strange)})`
  const hint = `Write ${name} = VALUE or ${name} in [A, B].`
  return { message, offset, length, hint }
}
