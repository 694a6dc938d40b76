// The file in which training code left its predictions, brought into the order of the holdout's rows. What does not match row by
// row is a sentence: predictions of other rows would compare nothing.
import { quoteName, type Tables, tableOf } from '../../../build/tables/duckdb.ts'
import { faultOfHeader } from '../../../build/tables/header-faults.ts'
import { tableFiles } from '../../../build/tables/table-files.ts'
import { sentenceOf } from '../../../foundation/errors.ts'
import { didYouMean } from '../../../project/problems.ts'
import type { EvaluateSpec, PredictionsSpec } from '../../../project/project-spec.ts'
import type { Scored } from '../../../verify/metrics/scored.ts'
import {
  compareTraining,
  type TrainingParity,
} from '../../../verify/readiness/training-predictions.ts'
import { shownValue } from './holdout-unfit.ts'
import type { Holdout } from './read-holdout.ts'

export interface PredictionsRequest {
  /** As brought from the step that wrote it. */
  readonly path: string
  readonly declared: PredictionsSpec
  readonly spec: EvaluateSpec
  readonly holdout: Holdout
  /** Of the packaged artifact. */
  readonly scored: Scored
}

/** A sentence when the two cannot be compared. */
export async function measureTrainingParity(
  tables: Tables,
  request: PredictionsRequest,
): Promise<TrainingParity | string> {
  try {
    const training = await readPredictions(tables, request)
    return typeof training === 'string' ? training : compareTraining(request.scored, training)
  } catch (error) {
    return `the predictions ${request.declared.file} cannot be read: ${sentenceOf(error)}`
  }
}

async function readPredictions(
  tables: Tables,
  request: PredictionsRequest,
): Promise<Float64Array | string> {
  const { path, declared, holdout, scored } = request
  const { kind, files } = tableFiles([path])
  for (const file of files) {
    const fault = await faultOfHeader(tables, kind, file)
    if (fault) return fault.message
  }
  const table = tableOf(path)
  const present = (await tables.columns(`select * from ${table} limit 0`)).names
  const columns = columnsOf(request, present)
  if (typeof columns === 'string') return columns
  const keyed = declared.key === null ? [] : [declared.key]
  const wanted = [...keyed, ...columns].map(quoteName).join(', ')
  const { values } = await tables.columns(`select ${wanted} from ${table}`)
  const order = await orderOf(tables, request, values[0] ?? [])
  if (typeof order === 'string') return order
  const scores = values.slice(keyed.length)
  const training = new Float64Array(holdout.rows * scores.length)
  if (training.length !== scored.scores.length)
    return `the predictions ${declared.file} have ${scores.length} columns and the model gives ${scored.scores.length / holdout.rows} numbers per row`
  for (const [column, cells] of scores.entries()) {
    for (let row = 0; row < holdout.rows; row++) {
      const cell = cells[order[row] ?? -1]
      if (typeof cell !== 'number' || !Number.isFinite(cell))
        return `the prediction ${columns[column]} in ${declared.file} is ${shownValue(cell)} for row ${row} of the holdout; a finite number is needed`
      training[row * scores.length + column] = cell
    }
  }
  return training
}

/** Names a single prediction goes by, likeliest first. */
const usualNames = ['score', 'prediction', 'probability', 'predicted', 'y_pred', 'y_score', 'p']

/** The columns that hold the predictions, in the order of the classes, or why they cannot be told. */
function columnsOf(
  { declared, spec, scored }: PredictionsRequest,
  present: readonly string[],
): readonly string[] | string {
  const { file, key } = declared
  const missing = [...(key === null ? [] : [key]), ...(declared.columns ?? [])].find(
    (name) => !present.includes(name),
  )
  if (missing !== undefined) {
    const near = didYouMean(missing, present)
    const guess = near === undefined ? '' : `; did you mean '${near}'?`
    return `the predictions ${file} have no column '${missing}'; they have ${present.join(', ')}${guess}`
  }
  if (declared.columns !== null) return declared.columns
  const others = present.filter((name) => name !== key && name !== spec.label)
  if (scored.task === 'multiclass') {
    const { classes } = scored
    if (classes.every((name) => others.includes(name))) return classes
    return `the predictions ${file} have no column for every class (${classes.join(', ')}); name them under evaluate.predictions.columns`
  }
  const usual = usualNames.find((name) => others.includes(name))
  if (usual !== undefined) return [usual]
  const [only, ...more] = others
  if (only !== undefined && more.length === 0) return [only]
  return `which column of ${file} is the prediction is not clear (${present.join(', ')}); name it under evaluate.predictions.columns`
}

/** For every row of the holdout, the row of the predictions. */
async function orderOf(
  tables: Tables,
  { declared, holdout }: PredictionsRequest,
  first: readonly unknown[],
): Promise<readonly number[] | string> {
  const { file, key } = declared
  const counts = `the predictions ${file} have ${first.length} rows and the holdout ${holdout.rows}`
  const same = first.length === holdout.rows
  if (key === null) {
    if (same) return Array.from(first, (_, row) => row)
    const left =
      holdout.immature === 0 ? '' : ` (without ${holdout.immature} too young for evaluate.matured)`
    return `${counts}${left}; they must match row by row, or by evaluate.predictions.key`
  }
  const rowOf = new Map<string, number>()
  for (const [row, value] of first.entries()) {
    const name = String(value)
    if (rowOf.has(name)) return `the key ${key} is ${name} twice in the predictions ${file}`
    rowOf.set(name, row)
  }
  const { values } = await tables.columns(`select ${quoteName(key)} from ${holdout.table}`)
  const keys = (values[0] ?? []).map(String)
  const lost = keys.filter((name) => !rowOf.has(name))
  if (lost.length > 0)
    return `${lost.length} of ${keys.length} rows of the holdout have no prediction in ${file}, the first has the ${key} ${lost[0]}`
  const twice = keys.length - new Set(keys).size
  if (twice > 0) return `the key ${key} is not unique in the holdout: ${twice} rows repeat one`
  if (!same && holdout.immature === 0) return `${counts}; one prediction per row is needed`
  return keys.map((name) => rowOf.get(name) ?? -1)
}
