// `lockstep train baseline`: a logistic regression from data files to an ONNX file with its preprocessing inside.
// The same rows, parameters and seed give the same bytes.
import { writeFileAtomically } from '../../foundation/atomic-file.ts'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { stopwatch } from '../../foundation/system-clock.ts'
import { aucOf } from './auc.ts'
import { baselineError } from './baseline-error.ts'
import { buildDesignMatrix, type DesignColumn, type DesignMatrix } from './design-matrix.ts'
import { type Fit, type FitProgress, fitLogistic, scoresOf } from './logistic.ts'
import { answerNames, baselineOnnx } from './onnx-model.ts'
import { readTrainingTable } from './training-table.ts'

export interface BaselineRequest {
  readonly data: string | readonly string[]
  /** A SQL condition that chooses the training rows. */
  readonly where?: string
  /** The column to predict, 0 or 1. */
  readonly label: string
  /** Default: every column but the label. */
  readonly columns?: readonly string[]
  readonly exclude?: readonly string[]
  /** Inverse strength of the L2 penalty, as in scikit-learn. Default 1. */
  readonly C?: number
  /** Categories seen in fewer rows count as "other". Default 1: every one has its coefficient. */
  readonly minCount?: number
  /** What the model does with a category never seen in training. Default `ignore`: it counts as "other". */
  readonly unseen?: 'ignore' | 'error'
  /** Default 0.5. */
  readonly threshold?: number
  /** Default 100; ten are usual. */
  readonly maxIterations?: number
  /** Kept in the model's record; the solver draws no random numbers. Default 0. */
  readonly seed?: number
  /** The ONNX file to write. */
  readonly out: string
  /** A JSON file with the report, without the seconds, so that it too is the same every time. */
  readonly report?: string
  readonly onProgress?: (progress: FitProgress) => void
}

export interface BaselineReport {
  readonly rows: number
  readonly positives: number
  readonly features: number
  readonly iterations: number
  readonly converged: boolean
  readonly gradientNorm: number
  /** Mean over the training rows. */
  readonly logLoss: number
  /** On the training rows. */
  readonly auc: number
  readonly seconds: number
  readonly columns: readonly ReportColumn[]
  readonly intercept: number
  /** Of standardised numbers and of categories (`education=Masters`). */
  readonly coefficients: readonly { readonly name: string; readonly value: number }[]
}

export type ReportColumn =
  | { readonly name: string; readonly kind: 'number'; readonly mean: number; readonly std: number }
  | {
      readonly name: string
      readonly kind: 'category'
      readonly levels: readonly string[]
      /** Levels too rare for a coefficient of their own. */
      readonly other: readonly string[]
    }

export async function trainBaseline(request: BaselineRequest): Promise<BaselineReport> {
  const elapsed = stopwatch()
  const params = checkedParams(request)
  const table = await readTrainingTable(request)
  checkNames(table.columns.map(({ name }) => name))
  const design = buildDesignMatrix(table, params.minCount)
  const fit = fitLogistic(design, table.label, {
    C: params.C,
    maxIterations: params.maxIterations,
    onProgress: request.onProgress,
  })
  const bytes = baselineOnnx({
    columns: design.columns,
    coefficients: fit.coefficients,
    intercept: fit.intercept,
    threshold: params.threshold,
    unseen: params.unseen,
    metadata: metadataOf(request, params, design),
  })
  const { seconds: _, ...lasting } = reportOf(design, table.label, fit, 0)
  await writeOutput(request.out, bytes)
  if (request.report !== undefined) {
    await writeOutput(request.report, `${JSON.stringify(lasting, null, 2)}\n`)
  }
  return { ...lasting, seconds: elapsed() / 1000 }
}

type Params = Required<
  Pick<BaselineRequest, 'C' | 'minCount' | 'unseen' | 'threshold' | 'maxIterations' | 'seed'>
>

function checkedParams(request: BaselineRequest): Params {
  const params: Params = {
    C: request.C ?? 1,
    minCount: request.minCount ?? 1,
    unseen: request.unseen ?? 'ignore',
    threshold: request.threshold ?? 0.5,
    maxIterations: request.maxIterations ?? 100,
    seed: request.seed ?? 0,
  }
  const { C, minCount, unseen, threshold, maxIterations, seed } = params
  const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least
  const rules: [name: string, seen: unknown, ok: boolean, allowed: string][] = [
    ['C', C, Number.isFinite(C) && C > 0, 'a number above 0'],
    ['minCount', minCount, whole(minCount, 1), 'a whole number from 1'],
    ['unseen', unseen, unseen === 'ignore' || unseen === 'error', 'ignore or error'],
    ['threshold', threshold, threshold > 0 && threshold < 1, 'a number between 0 and 1'],
    ['maxIterations', maxIterations, whole(maxIterations, 1), 'a whole number from 1'],
    ['seed', seed, whole(seed, 0), 'a whole number from 0'],
  ]
  for (const [name, seen, ok, allowed] of rules) {
    if (ok) continue
    throw baselineError(
      'parameter',
      `The parameter ${name} is ${String(seen)}; it must be ${allowed}.`,
      `Correct ${name} and train again.`,
    )
  }
  return params
}

function checkNames(names: readonly string[]): void {
  const taken = names.find((name) => answerNames.includes(name) || name.startsWith('lockstep/'))
  if (taken === undefined) return
  throw baselineError(
    'column_name',
    `The column ${taken} has a name that the model uses itself (${answerNames.join(', ')}, lockstep/…).`,
    `Rename ${taken} in an earlier step, or exclude it.`,
  )
}

function metadataOf(
  request: BaselineRequest,
  params: Params,
  design: DesignMatrix,
): Record<string, string> {
  return {
    'lockstep.trainer': 'baseline/1',
    'lockstep.label': request.label,
    'lockstep.columns': JSON.stringify(design.columns.map(({ name }) => name)),
    'lockstep.rows': String(design.rows),
    'lockstep.C': String(params.C),
    'lockstep.min_count': String(params.minCount),
    'lockstep.unseen': params.unseen,
    'lockstep.threshold': String(params.threshold),
    'lockstep.seed': String(params.seed),
  }
}

function reportOf(
  design: DesignMatrix,
  label: Uint8Array,
  fit: Fit,
  seconds: number,
): BaselineReport {
  return {
    rows: design.rows,
    positives: label.reduce((sum, answer) => sum + answer, 0),
    features: design.features.length,
    iterations: fit.iteration,
    converged: fit.converged,
    gradientNorm: fit.gradientNorm,
    logLoss: fit.logLoss,
    auc: aucOf(scoresOf(design, fit.coefficients, fit.intercept), label),
    seconds,
    columns: design.columns.map(reportColumn),
    intercept: fit.intercept,
    coefficients: design.features.map((name, index) => ({
      name,
      value: fit.coefficients[index] ?? 0,
    })),
  }
}

function reportColumn({ name, number, levels = [] }: DesignColumn): ReportColumn {
  if (number) return { name, kind: 'number', mean: number.mean, std: number.std }
  const rare = levels.filter(({ feature }) => feature === undefined)
  return {
    name,
    kind: 'category',
    levels: levels.map(({ value }) => value),
    other: rare.map(({ value }) => value),
  }
}

async function writeOutput(path: string, bytes: string | Uint8Array): Promise<void> {
  try {
    await writeFileAtomically(path, bytes)
  } catch (error) {
    throw new LockstepError({
      code: 'baseline.not_written',
      kind: 'unavailable',
      message: `The file ${path} cannot be written: ${sentenceOf(error)}`,
      hint: 'Check free space and that its folder may be written by this user.',
      cause: error,
    })
  }
}
