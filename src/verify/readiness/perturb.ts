// Holdout inputs made worse on purpose, the way the world makes them worse: values go missing, units are mixed up, people
// mistype. Seeded by perturbation and column, so that the same rows are hit in every run and in any order of columns.
import { type RandomStream, randomStream } from '../../foundation/random.ts'
import { extremeOf } from './bad-questions.ts'
import { type Perturbation, writePerturbation } from './perturbation.ts'

export interface PerturbColumn {
  readonly name: string
  /** The datatype of the model's input: FP32, INT64, BYTES … */
  readonly datatype: string
  readonly values: readonly unknown[]
}

export interface Perturbed {
  readonly columns: readonly PerturbColumn[]
  /** Values that are not what they were. */
  readonly changed: number
  /** Columns it could be done to; 0 says that the question does not arise for this model. */
  readonly touched: number
}

const seed = 'lockstep'

/** `only` names the columns it may touch; null for all it fits. */
export function perturbColumns(
  columns: readonly PerturbColumn[],
  perturbation: Perturbation,
  only: readonly string[] | null,
): Perturbed {
  const { kind } = perturbation
  if (kind === 'column_order')
    return { columns: columns.toReversed(), changed: 0, touched: columns.length }
  if (kind === 'extra_columns')
    return { columns: [...columns, ...strangers(columns)], changed: 0, touched: columns.length }
  let changed = 0
  let touched = 0
  const name = writePerturbation(perturbation)
  const result = columns.map((column) => {
    if (only !== null && !only.includes(column.name)) return column
    if (perturbation.kind === 'permute' && !isNamed(perturbation.columns, column.name))
      return column
    const change = changeOf(perturbation, column)
    if (change === undefined) return column
    touched++
    const random = randomStream(seed, `${name}\u0000${column.name}`)
    const values = change(column.values, random)
    for (let row = 0; row < values.length; row++)
      if (!Object.is(values[row], column.values[row])) changed++
    return { ...column, values }
  })
  return { columns: result, changed, touched }
}

type Change = (values: readonly unknown[], random: RandomStream) => readonly unknown[]

/** Undefined where the perturbation means nothing for such a column. */
function changeOf(perturbation: Perturbation, column: PerturbColumn): Change | undefined {
  const { datatype } = column
  const isText = datatype === 'BYTES'
  const isFloat = datatype.startsWith('FP')
  const isNumeric = isFloat || datatype.includes('INT')
  switch (perturbation.kind) {
    case 'missing':
      // A whole number has no way to be missing in a request: such a column is left as it is.
      if (!isFloat && !isText) return undefined
      return someCells(perturbation.share, () => (isText ? '' : null))
    case 'noise':
      return isNumeric ? noise(perturbation.sds, column) : undefined
    case 'scale':
      return isNumeric
        ? someCells(perturbation.share, (value) =>
            numeric(value, datatype, (number) => number * perturbation.factor),
          )
        : undefined
    case 'permute':
      return shuffle
    case 'unseen_category':
      return isText ? someCells(perturbation.share, () => unseen(column.values)) : undefined
    case 'typo':
      return isText ? someCells(perturbation.share, textOnly(typo)) : undefined
    case 'case':
      return isText ? someCells(perturbation.share, textOnly(otherCase)) : undefined
    case 'whitespace':
      return isText
        ? someCells(
            perturbation.share,
            textOnly((text) => ` ${text} `),
          )
        : undefined
    case 'column_order':
    case 'extra_columns':
      return undefined
  }
}

function someCells(
  share: number,
  change: (value: unknown, random: RandomStream) => unknown,
): Change {
  return (values, random) =>
    values.map((value) => (random.next() < share ? change(value, random) : value))
}

function textOnly(change: (text: string, random: RandomStream) => string) {
  return (value: unknown, random: RandomStream) =>
    typeof value === 'string' ? change(value, random) : value
}

function noise(sds: number, { values, datatype }: PerturbColumn): Change {
  const sd = spreadOf(values)
  return (all, random) =>
    all.map((value) => {
      // Drawn for every row, so that a missing value does not move the draws of the rows behind it.
      const step = random.normal() * sds * sd
      return numeric(value, datatype, (number) => number + step)
    })
}

function spreadOf(values: readonly unknown[]): number {
  let n = 0
  let mean = 0
  let squares = 0
  for (const value of values) {
    const number = typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number' || !Number.isFinite(number)) continue
    const step = number - mean
    mean += step / ++n
    squares += step * (number - mean)
  }
  return n > 1 ? Math.sqrt(squares / (n - 1)) : 0
}

/** The changed number, whole where the datatype is and never outside of it; what is no number stays as it is. */
function numeric(value: unknown, datatype: string, change: (number: number) => number): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  const number = Number(value)
  if (!Number.isFinite(number)) return value
  const lowest = Number(extremeOf(datatype, 'smallest'))
  const highest = Number(extremeOf(datatype, 'largest'))
  const changed = Math.min(highest, Math.max(lowest, change(number)))
  if (datatype.startsWith('FP')) return changed
  return typeof value === 'bigint' ? BigInt(Math.round(changed)) : Math.round(changed)
}

const shuffle: Change = (values, random) => {
  const shuffled = [...values]
  for (let at = shuffled.length - 1; at > 0; at--) {
    const other = random.below(at + 1)
    ;[shuffled[at], shuffled[other]] = [shuffled[other], shuffled[at]]
  }
  return shuffled
}

function unseen(values: readonly unknown[]): string {
  let word = 'unseen'
  while (values.includes(word)) word += '_'
  return word
}

/** Two neighbours swapped where that changes something, else the last letter twice. */
function typo(text: string, random: RandomStream): string {
  const letters = [...text]
  if (letters.length === 0) return 'x'
  const at = random.below(letters.length)
  const [one, other] = [letters[at], letters[at + 1]]
  if (one === undefined || other === undefined || one === other)
    return text + (letters.at(-1) ?? '')
  letters[at] = other
  letters[at + 1] = one
  return letters.join('')
}

function otherCase(text: string): string {
  const upper = text.toUpperCase()
  return upper === text ? text.toLowerCase() : upper
}

function isNamed(columns: readonly string[], name: string): boolean {
  return columns.length === 0 || columns.includes(name)
}

/** Two columns no model asked for, as a caller with more features than this release sends them. */
function strangers(columns: readonly PerturbColumn[]): readonly PerturbColumn[] {
  const rows = columns[0]?.values.length ?? 0
  const free = (name: string): string =>
    columns.some((column) => column.name === name) ? free(`${name}_`) : name
  return [
    { name: free('extra_number'), datatype: 'FP32', values: new Array(rows).fill(1) },
    { name: free('extra_text'), datatype: 'BYTES', values: new Array(rows).fill('extra') },
  ]
}
