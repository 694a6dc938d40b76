// The caller's side of infer: values → request text, answer text → tensors as JSON gave them.
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import type { TensorSpec } from './tensor.ts'

export interface ColumnInput {
  readonly spec: TensorSpec
  /** One per row; the spec's shape must be [-1] or [-1, 1]. */
  readonly values: readonly unknown[]
}

/**
 * JSON text of a request with one tensor per column. Returns a refusal naming the column and row of a value that
 * the datatype cannot carry. A missing value (null, undefined, NaN) is null in a float column and refused elsewhere.
 */
export function encodeColumns(
  columns: readonly ColumnInput[],
  outputs: readonly string[],
): string | Refusal {
  const inputs: string[] = []
  for (const { spec, values } of columns) {
    const elements = encodeValues(spec, values)
    if (isRefusal(elements)) return elements
    const shape = [values.length, ...spec.shape.slice(1)].join(',')
    inputs.push(
      `{"name":${JSON.stringify(spec.name)},"datatype":"${spec.datatype}","shape":[${shape}],"data":[${elements}]}`,
    )
  }
  const wanted = outputs.map((name) => ({ name }))
  return `{"inputs":[${inputs.join(',')}],"outputs":${JSON.stringify(wanted)}}`
}

function encodeValues(spec: TensorSpec, values: readonly unknown[]): string | Refusal {
  const encode =
    spec.datatype === 'BYTES'
      ? encodeText
      : spec.datatype === 'BOOL'
        ? encodeBool
        : spec.datatype.startsWith('FP')
          ? encodeFloat
          : encodeWhole
  let text = ''
  for (let row = 0; row < values.length; row++) {
    const element = encode(values[row])
    if (element === undefined) {
      const shown = typeof values[row] === 'bigint' ? String(values[row]) : show(values[row])
      return refuse(
        'oip.bad_request',
        `column ${JSON.stringify(spec.name)}, row ${row}: ${shown} is not a ${spec.datatype}`,
      )
    }
    text += row === 0 ? element : `,${element}`
  }
  return text
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60)
}

function encodeText(value: unknown): string | undefined {
  return typeof value === 'string' ? JSON.stringify(value) : undefined
}

function encodeBool(value: unknown): string | undefined {
  return typeof value === 'boolean' ? String(value) : undefined
}

function encodeFloat(value: unknown): string | undefined {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'null'
    return Number.isFinite(value) ? String(value) : undefined
  }
  if (value === null || value === undefined) return 'null'
  return typeof value === 'bigint' ? String(value) : undefined
}

function encodeWhole(value: unknown): string | undefined {
  return typeof value === 'bigint' || Number.isInteger(value) ? String(value) : undefined
}

export interface AnsweredTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly data: readonly unknown[]
}

/** The outputs of a 200 answer, or a refusal when the text is not one. */
export function parseOutputs(text: string): readonly AnsweredTensor[] | Refusal {
  try {
    const answer = JSON.parse(text) as { readonly outputs?: readonly AnsweredTensor[] } | null
    if (Array.isArray(answer?.outputs)) return answer.outputs
  } catch {
    // Falls through: a text that is no JSON is no answer either.
  }
  return refuse('oip.bad_answer', `not an infer answer: ${text.slice(0, 120)}`)
}

/** The sentence of an error body, or the start of the text when it has none. */
export function sentenceOfErrorBody(text: string): string {
  try {
    const body = JSON.parse(text) as { readonly error?: unknown } | null
    if (typeof body?.error === 'string') return body.error
  } catch {
    // Falls through to the raw text.
  }
  return text.slice(0, 200)
}
