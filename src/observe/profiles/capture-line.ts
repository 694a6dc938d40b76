// A capture line: one request and its answer as the gateway saw them, flattened to one record per predicted row.
import { type Instant, toIso } from '../../foundation/clock.ts'
import { type Refusal, refuse } from '../../foundation/refusal.ts'
import type { Datatype, ModelSignature } from '../../serve/protocol/tensor.ts'

/** One line of a `capture-….jsonl` segment. */
export interface CaptureLine {
  readonly at: Instant
  readonly id: string
  readonly environment: string
  readonly model: string
  readonly releaseId: string
  readonly arm: string
  /** Open Inference Protocol bodies, as objects. */
  readonly request: { readonly inputs: readonly CaptureTensor[] }
  readonly response: { readonly outputs: readonly CaptureTensor[] }
}

interface CaptureTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: readonly unknown[]
}

/** A flat row: these columns, the model's inputs under `captureColumnOf` of their names, and `score`. */
export const capturedFacts = ['at', 'id', 'release_id', 'arm', 'environment'] as const

export type CapturedRow = Readonly<Record<string, string | number | boolean | null>>

/** An input called like one of our own columns gets a prefix. */
export function captureColumnOf(input: string): string {
  return reserved.has(input) ? `input_${input}` : input
}

const reserved: ReadonlySet<string> = new Set([...capturedFacts, 'score'])

/** Columns of a capture file and their DuckDB types, in order. */
export function captureSchema(signature: ModelSignature): ReadonlyMap<string, string> {
  const columns = new Map<string, string>([
    ['at', 'TIMESTAMP'],
    ...capturedFacts.slice(1).map((name): [string, string] => [name, 'VARCHAR']),
  ])
  for (const input of signature.inputs) {
    columns.set(captureColumnOf(input.name), columnTypes[input.datatype])
  }
  return columns.set('score', 'DOUBLE')
}

/** Where the score is in the answer. */
export interface ScorePlace {
  readonly output: string
  readonly column: number
}

const defaultScore: ScorePlace = { output: 'probabilities', column: 1 }

/** Column 1 of `probabilities`; of a model without them (an amount, a ranking) its only number per row. */
export function placeOfScore({ outputs }: ModelSignature): ScorePlace {
  if (outputs.some(({ name }) => name === defaultScore.output)) return defaultScore
  const isSingle = (shape: readonly number[]) => shape.slice(1).every((size) => size === 1)
  const [only, ...others] = outputs.filter(
    ({ datatype, shape }) => datatype.startsWith('FP') && isSingle(shape),
  )
  return only && others.length === 0 ? { output: only.name, column: 0 } : defaultScore
}

export function parseCaptureLine(text: string): CaptureLine | Refusal {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('capture.not_json', 'it is not JSON (cut off or overwritten)')
  }
  const line = value as Partial<CaptureLine> | null
  if (typeof line !== 'object' || line === null) return refuse('capture.form', 'it is no object')
  for (const name of ['id', 'environment', 'model', 'releaseId', 'arm'] as const) {
    if (typeof line[name] !== 'string') return refuse('capture.form', `${name} must be a text`)
  }
  if (!Number.isSafeInteger(line.at)) return refuse('capture.form', 'at must be an instant')
  if (!areTensors(line.request?.inputs)) return refuse('capture.form', 'request has no inputs')
  if (!areTensors(line.response?.outputs)) return refuse('capture.form', 'response has no outputs')
  return line as CaptureLine
}

/** One record per row of the batch; a request of one row keeps its id, others get `/0`, `/1`, … */
export function flattenCapture(
  line: CaptureLine,
  signature: ModelSignature,
  score: ScorePlace = placeOfScore(signature),
): CapturedRow[] | Refusal {
  const tensors = signature.inputs.map(
    ({ name }) => line.request.inputs.find((input) => input.name === name)?.data,
  )
  const rows = tensors[0]?.length ?? 0
  const wrong = signature.inputs.find((_, at) => tensors[at]?.length !== rows)
  if (wrong) {
    return refuse(
      'capture.rows',
      `input ${wrong.name} is missing or has not ${rows} values, one per row`,
    )
  }
  const scores = line.response.outputs.find((output) => output.name === score.output)
  const width = scores ? scores.data.length / Math.max(1, rows) : 0
  return Array.from({ length: rows }, (_, row) => {
    const record: Record<string, string | number | boolean | null> = {
      at: toIso(line.at).slice(0, -1),
      id: rows === 1 ? line.id : `${line.id}/${row}`,
      release_id: line.releaseId,
      arm: line.arm,
      environment: line.environment,
    }
    for (const [at, input] of signature.inputs.entries()) {
      record[captureColumnOf(input.name)] = plain(tensors[at]?.[row], input.datatype)
    }
    record.score = numberOrNull(scores?.data[row * width + Math.min(score.column, width - 1)])
    return record
  })
}

function areTensors(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (tensor: unknown) =>
        typeof tensor === 'object' &&
        tensor !== null &&
        'name' in tensor &&
        'data' in tensor &&
        Array.isArray(tensor.data),
    )
  )
}

/**
 * A value as its column holds it, or null: one odd value must not spoil the file it shares with thousands of others.
 * The protocol lets data be nested by shape; a column has one value per row.
 */
function plain(given: unknown, datatype: Datatype): string | number | boolean | null {
  const value = Array.isArray(given) && given.length === 1 ? given[0] : given
  if (datatype === 'BYTES') return typeof value === 'string' ? value : null
  if (datatype === 'BOOL') return typeof value === 'boolean' ? value : null
  const number = numberOrNull(value)
  return number === null || datatype.startsWith('FP') || Number.isInteger(number) ? number : null
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

const columnTypes: Readonly<Record<Datatype, string>> = {
  BOOL: 'BOOLEAN',
  UINT8: 'BIGINT',
  UINT16: 'BIGINT',
  UINT32: 'BIGINT',
  UINT64: 'UBIGINT',
  INT8: 'BIGINT',
  INT16: 'BIGINT',
  INT32: 'BIGINT',
  INT64: 'BIGINT',
  FP16: 'DOUBLE',
  FP32: 'DOUBLE',
  FP64: 'DOUBLE',
  BYTES: 'VARCHAR',
}
