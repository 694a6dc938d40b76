// Labels as each task needs them. A label that is missing or no label is named with its row: a holdout in doubt judges nothing. Pure.
import type { EvaluateSpec } from '../../../project/project-spec.ts'
import { holdoutUnfit, shownValue } from './holdout-unfit.ts'

export type HoldoutLabels =
  /** 1 = positive, the second of the classes. */
  | { readonly task: 'binary'; readonly labels: Uint8Array; readonly classes: readonly string[] }
  /** Indices of classes. */
  | {
      readonly task: 'multiclass'
      readonly labels: Uint32Array
      readonly classes: readonly string[]
    }
  | { readonly task: 'regression' | 'ranking'; readonly labels: Float64Array }

export function labelsOf(values: readonly unknown[], spec: EvaluateSpec): HoldoutLabels {
  refuseMissing(values, spec)
  const { task } = spec
  switch (task) {
    case 'binary':
      return binaryLabels(values, spec)
    case 'multiclass': {
      const classes = spec.classes ?? sortedClasses(values)
      return { task, classes, labels: Uint32Array.from(indicesOf(values, classes, spec)) }
    }
    case 'regression':
    case 'ranking':
      return { task, labels: Float64Array.from(values, (value, row) => numberOf(value, row, spec)) }
  }
}

/** The positive and the negative answer as people write them in data. */
function binaryLabels(values: readonly unknown[], spec: EvaluateSpec): HoldoutLabels {
  const { task, classes } = { task: 'binary' as const, classes: spec.classes ?? ['0', '1'] }
  if (spec.classes !== null)
    return { task, classes, labels: Uint8Array.from(indicesOf(values, classes, spec)) }
  const labels = Uint8Array.from(values, (value, row) => {
    if (value === 0 || value === false) return 0
    if (value === 1 || value === true) return 1
    throw outside(spec, row, value, '0 and 1', hintFor(values))
  })
  return { task, classes, labels }
}

function hintFor(values: readonly unknown[]): string {
  const seen = sortedClasses(values)
  if (seen.length === 2)
    return `name the two under evaluate.classes, the positive one last: [${seen.join(', ')}]`
  const isNumeric = values.every((value) => typeof value === 'number')
  return isNumeric && seen.length > 20
    ? 'say task: regression under evaluate if the label is an amount'
    : 'say task: multiclass under evaluate if there are more than two classes'
}

function indicesOf(
  values: readonly unknown[],
  classes: readonly string[],
  spec: EvaluateSpec,
): number[] {
  const index = new Map(classes.map((name, at) => [name, at]))
  return values.map((value, row) => {
    const found = index.get(String(value))
    if (found !== undefined) return found
    throw outside(spec, row, value, `the classes ${classes.join(', ')}`)
  })
}

/** As scikit-learn sorts them: numbers by size, anything else by code points. */
function sortedClasses(values: readonly unknown[]): readonly string[] {
  const distinct = [...new Set(values)]
  const isNumeric = distinct.every((value) => typeof value === 'number')
  const sorted = isNumeric
    ? distinct
        .map(Number)
        .sort((a, b) => a - b)
        .map(String)
    : distinct.map(String).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return [...new Set(sorted)]
}

function numberOf(value: unknown, row: number, spec: EvaluateSpec): number {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number))
    throw outside(spec, row, value, `finite numbers for a ${spec.task} task`)
  if (spec.task === 'ranking' && number < 0)
    throw outside(spec, row, value, 'relevances from 0 for a ranking task')
  return number
}

function refuseMissing(values: readonly unknown[], spec: EvaluateSpec): void {
  const isMissing = (value: unknown) =>
    value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))
  const first = values.findIndex(isMissing)
  if (first < 0) return
  const missing = values.filter(isMissing).length
  const how =
    missing === values.length
      ? `in every one of its ${values.length} rows`
      : `in ${missing} of ${values.length} rows, first in row ${first}`
  throw holdoutUnfit(
    `the label ${spec.label} of the holdout ${spec.data} is missing ${how}`,
    'leave rows without a label out in the step that makes the holdout',
  )
}

function outside(
  spec: EvaluateSpec,
  row: number,
  value: unknown,
  allowed: string,
  hint?: string,
): Error {
  return holdoutUnfit(
    `the label ${spec.label} of the holdout ${spec.data} is ${shownValue(value)} in row ${row}; allowed are ${allowed}`,
    hint,
  )
}
