// Scores many rows through a replica, the way traffic reaches it: gates judge the thing that will be served.
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import {
  type AnsweredTensor,
  type ColumnInput,
  encodeColumns,
  parseOutputs,
  sentenceOfErrorBody,
} from '../protocol/infer-exchange.ts'
import type { ModelSignature, TensorSpec } from '../protocol/tensor.ts'
import type { ReplicaClient } from './replica-client.ts'
import { type ScorePlace, scorePlaceOf } from './score-place.ts'

export interface ScoredColumn {
  readonly name: string
  readonly values: readonly unknown[]
}

export interface ScoreRowsOptions {
  readonly signature: ModelSignature
  /** Columns that the model does not take are left out. */
  readonly columns: readonly ScoredColumn[]
  readonly batchRows?: number
  /** Where the score is; found as for a binary model unless told otherwise. */
  readonly score?: ScorePlace
  /** Also returned when the model has an output of this name. */
  readonly label?: string
}

export interface ScoredRows {
  /** One per row, or `width` per row when every column was asked for. */
  readonly scores: Float64Array
  readonly width: number
  readonly labels?: readonly unknown[]
  readonly rows: number
}

const inFlight = 3

export async function scoreRows(
  client: ReplicaClient,
  options: ScoreRowsOptions,
): Promise<ScoredRows> {
  const { signature, batchRows = 1000 } = options
  const score = options.score ?? scorePlaceOf(signature, { task: 'binary' })
  const scoreSpec = signature.outputs.find((output) => output.name === score.output)
  if (scoreSpec === undefined) throw scoreMissing(score.output, signature)
  const labelSpec = signature.outputs.find((output) => output.name === (options.label ?? 'label'))
  const inputs = matchColumns(signature, options.columns)
  const rows = inputs[0]?.values.length ?? 0
  const kept: KeptScores = { scores: new Float64Array(0), width: 0, rows, column: score.column }
  const labels: unknown[] = []
  const wanted = [...new Set([scoreSpec.name, ...(labelSpec ? [labelSpec.name] : [])])]

  const scoreBatch = async (from: number): Promise<void> => {
    const to = Math.min(rows, from + batchRows)
    const outputs = await askBatch(client, { inputs, from, to, wanted })
    keepScores(kept, from, to - from, tensorNamed(outputs, score.output))
    if (labelSpec === undefined) return
    const { data } = tensorNamed(outputs, labelSpec.name)
    for (let row = 0; row < to - from; row++) labels[from + row] = data[row]
  }
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < rows) {
      const from = next
      next += batchRows
      await scoreBatch(from).catch((error: unknown) => {
        next = rows
        throw error
      })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  const { scores, width } = kept
  return labelSpec === undefined ? { scores, width, rows } : { scores, width, labels, rows }
}

function matchColumns(
  signature: ModelSignature,
  columns: readonly ScoredColumn[],
): readonly ColumnInput[] {
  const byName = new Map(columns.map((column) => [column.name, column.values]))
  return signature.inputs.map((spec) => {
    const values = byName.get(spec.name)
    if (values === undefined) {
      throw scoreError(
        `the model takes column ${JSON.stringify(spec.name)}, and the rows have only ${[...byName.keys()].join(', ')}`,
      )
    }
    if (!isColumn(spec)) {
      throw scoreError(
        `input ${JSON.stringify(spec.name)} has shape [${spec.shape.join(', ')}]; rows can be scored only when each input is one column, [-1] or [-1, 1]`,
      )
    }
    return { spec, values }
  })
}

function isColumn({ shape }: TensorSpec): boolean {
  return shape[0] === -1 && (shape.length === 1 || (shape.length === 2 && shape[1] === 1))
}

interface BatchQuestion {
  readonly inputs: readonly ColumnInput[]
  readonly from: number
  readonly to: number
  readonly wanted: readonly string[]
}

async function askBatch(
  client: ReplicaClient,
  { inputs, from, to, wanted }: BatchQuestion,
): Promise<readonly AnsweredTensor[]> {
  const body = encodeColumns(
    inputs.map(({ spec, values }) => ({ spec, values: values.slice(from, to) })),
    wanted,
  )
  const where = `rows ${from} to ${to - 1}`
  if (isRefusal(body)) throw scoreError(`${where}: ${body.because}`)
  const answer = await client.infer(Buffer.from(body))
  const text = answer.body.toString()
  if (answer.status !== 200) {
    throw scoreError(`${where}: the model answered ${answer.status}: ${sentenceOfErrorBody(text)}`)
  }
  const outputs = parseOutputs(text)
  if (isRefusal(outputs)) throw scoreError(`${where}: ${outputs.because}`)
  return outputs
}

function tensorNamed(outputs: readonly AnsweredTensor[], name: string): AnsweredTensor {
  const tensor = outputs.find((output) => output.name === name)
  if (tensor === undefined) throw scoreError(`the answer has no output ${JSON.stringify(name)}`)
  return tensor
}

interface KeptScores {
  scores: Float64Array
  /** Scores per row; known with the first answer. */
  width: number
  readonly rows: number
  readonly column: number | 'all'
}

function keepScores(kept: KeptScores, from: number, count: number, tensor: AnsweredTensor): void {
  const { column, rows } = kept
  const answered = tensor.data.length / count
  if (!Number.isInteger(answered) || answered === 0 || (column !== 'all' && column >= answered)) {
    const missing = column === 'all' ? '' : `, so there is no column ${column}`
    throw scoreError(
      `output ${JSON.stringify(tensor.name)} has ${answered} value(s) per row${missing}`,
    )
  }
  const width = column === 'all' ? answered : 1
  if (kept.width === 0) {
    kept.width = width
    kept.scores = new Float64Array(rows * width)
  }
  if (kept.width !== width) {
    throw scoreError(
      `output ${JSON.stringify(tensor.name)} has ${width} values per row here and ${kept.width} before`,
    )
  }
  for (let row = 0; row < count; row++) {
    const start = row * answered + (column === 'all' ? 0 : column)
    for (let at = 0; at < width; at++) {
      const value = tensor.data[start + at]
      kept.scores[(from + row) * width + at] = typeof value === 'number' ? value : Number.NaN
    }
  }
}

function scoreMissing(output: string, signature: ModelSignature): LockstepError {
  const names = signature.outputs.map((spec) => spec.name).join(', ')
  return scoreError(
    `the score is read from output ${JSON.stringify(output)}, and the model has ${names}`,
  )
}

function scoreError(message: string): LockstepError {
  return new LockstepError({ code: 'serve.score_failed', kind: 'invalid', message })
}
