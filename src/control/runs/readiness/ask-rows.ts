// Rows of the holdout as requests, and whole answers to them: every output, not the score alone.
import { isRefusal, type Refusal } from '../../../foundation/refusal.ts'
import {
  type AnsweredTensor,
  encodeColumns,
  parseOutputs,
  sentenceOfErrorBody,
} from '../../../serve/protocol/infer-exchange.ts'
import type { ModelSignature } from '../../../serve/protocol/tensor.ts'
import type { ReplicaClient } from '../../../serve/runtime/replica-client.ts'
import type { ScoredColumn } from '../../../serve/runtime/score-rows.ts'

const patienceMs = 30_000

/** The body of a request for these rows, or why they cannot be sent. */
export function bodyOfRows(
  signature: ModelSignature,
  columns: readonly ScoredColumn[],
  { from, to }: { readonly from: number; readonly to: number },
): string | Refusal {
  const inputs = signature.inputs.map((spec) => {
    const values = columns.find((column) => column.name === spec.name)?.values ?? []
    return { spec, values: values.slice(from, to) }
  })
  return encodeColumns(inputs, [])
}

/** Single rows as requests; throws for a row that cannot be sent. */
export function singleRows(
  signature: ModelSignature,
  columns: readonly ScoredColumn[],
  most: number,
): readonly Buffer[] {
  const rows = Math.min(most, columns[0]?.values.length ?? 0)
  return Array.from({ length: rows }, (_, row) => {
    const body = bodyOfRows(signature, columns, { from: row, to: row + 1 })
    if (isRefusal(body)) throw new Error(`holdout row ${row} cannot be sent: ${body.because}`)
    return Buffer.from(body)
  })
}

/** Throws when there is no answer or it is no 200. */
export async function askBody(
  client: ReplicaClient,
  body: Buffer | string,
): Promise<readonly AnsweredTensor[]> {
  const answer = await client.infer(Buffer.from(body), { timeoutMs: patienceMs })
  const text = answer.body.toString()
  if (answer.status !== 200)
    throw new Error(`the model answered ${answer.status}: ${sentenceOfErrorBody(text)}`)
  const outputs = parseOutputs(text)
  if (isRefusal(outputs)) throw new Error(outputs.because)
  return outputs
}

/** Answers to one row after the other, put together as if they were one. */
export function joinAnswers(
  answers: readonly (readonly AnsweredTensor[])[],
): readonly AnsweredTensor[] {
  const [first = []] = answers
  return first.map((tensor) => {
    const parts = answers.map((outputs) => outputs.find((one) => one.name === tensor.name))
    return {
      ...tensor,
      shape: [answers.length, ...tensor.shape.slice(1)],
      data: parts.flatMap((part) => part?.data ?? []),
    }
  })
}
