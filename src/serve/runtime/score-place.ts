// Which output of a model is its score: by name where that is a convention, by type and shape where only one output can be it.
// What is ambiguous is asked, never guessed.
import { LockstepError } from '../../foundation/errors.ts'
import type { Task } from '../../project/project-spec.ts'
import { formatShape, type ModelSignature, type TensorSpec } from '../protocol/tensor.ts'

export interface ScorePlace {
  readonly output: string
  /** `all`: a matrix with one column per class. */
  readonly column: number | 'all'
}

export interface ScoreQuestion {
  readonly task: Task
  /** As declared; of a multiclass model only the output counts. */
  readonly score?: { readonly output: string; readonly column: number } | null
  /** How many, where it is known. */
  readonly classes?: number
}

/** Throws `serve.score_unclear` for a signature in which no output, or more than one, can be the score. */
export function scorePlaceOf(signature: ModelSignature, question: ScoreQuestion): ScorePlace {
  const { task, score } = question
  if (score) {
    if (!signature.outputs.some((output) => output.name === score.output))
      throw unclear(signature, `there is no output ${JSON.stringify(score.output)}`)
    return { output: score.output, column: task === 'multiclass' ? 'all' : score.column }
  }
  switch (task) {
    case 'binary':
      return binaryPlace(signature)
    case 'multiclass':
      return { output: matrixOutput(signature, question.classes).name, column: 'all' }
    case 'regression':
    case 'ranking':
      return { output: singleOutput(signature, task).name, column: 0 }
  }
}

/** The convention of scikit-learn's exporters, XGBoost and LightGBM. */
const conventional = 'probabilities'

/** Column 1 of two probabilities, or the only number the model gives. */
function binaryPlace(signature: ModelSignature): ScorePlace {
  const named = signature.outputs.find((output) => output.name === conventional)
  if (named) return { output: named.name, column: widthOf(named) === 1 ? 0 : 1 }
  const floats = signature.outputs.filter(isFloat)
  const [pair, ...otherPairs] = floats.filter((output) => widthOf(output) === 2)
  if (pair && otherPairs.length === 0) return { output: pair.name, column: 1 }
  const [single, ...others] = floats.filter((output) => widthOf(output) === 1)
  if (single && !pair && others.length === 0) return { output: single.name, column: 0 }
  throw unclear(
    signature,
    `none is called ${conventional}, and not exactly one gives one or two numbers per row`,
  )
}

function matrixOutput(signature: ModelSignature, classes: number | undefined): TensorSpec {
  const fits = (output: TensorSpec) => {
    const width = widthOf(output)
    return isFloat(output) && (width === undefined || classes === undefined || width === classes)
  }
  const floats = signature.outputs.filter((output) => isFloat(output) && widthOf(output) !== 1)
  const named = floats.find((output) => output.name === conventional)
  if (named && fits(named)) return named
  const [only, ...others] = floats.filter(fits)
  if (only && others.length === 0) return only
  const what =
    classes === undefined ? 'a number per class' : `${classes} numbers per row, one per class`
  throw unclear(signature, `not exactly one gives ${what}`)
}

function singleOutput(signature: ModelSignature, task: Task): TensorSpec {
  const single = signature.outputs.filter((output) => (widthOf(output) ?? 1) === 1)
  const floats = single.filter(isFloat)
  const [only, ...others] = floats.length > 0 ? floats : single.filter(isNumber)
  if (only && others.length === 0) return only
  throw unclear(
    signature,
    `a ${task} model gives one number per row, and not exactly one output does`,
  )
}

/** Numbers per row; undefined when the signature does not say. */
function widthOf({ shape }: TensorSpec): number | undefined {
  if (shape.length === 1) return 1
  const width = shape
    .slice(1)
    .reduce((product, size) => (size < 0 ? Number.NaN : product * size), 1)
  return Number.isNaN(width) ? undefined : width
}

function isFloat({ datatype }: TensorSpec): boolean {
  return datatype.startsWith('FP')
}

function isNumber({ datatype }: TensorSpec): boolean {
  return datatype !== 'BYTES' && datatype !== 'BOOL'
}

function unclear(signature: ModelSignature, because: string): LockstepError {
  const outputs = signature.outputs
    .map(({ name, datatype, shape }) => `${name} (${datatype} ${formatShape(shape)})`)
    .join(', ')
  return new LockstepError({
    code: 'serve.score_unclear',
    kind: 'invalid',
    message: `which output of the model is the score is not clear: ${because}; it has ${outputs}`,
    hint: 'name it in lockstep.yaml: evaluate: {score: {output: …, column: …}}',
  })
}
