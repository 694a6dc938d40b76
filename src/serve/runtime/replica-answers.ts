// What a replica answers to each kind of question.
import { isUtf8 } from 'node:buffer'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { type InferRequest, parseInferRequest } from '../protocol/infer-request.ts'
import { encodeInferAnswer } from '../protocol/infer-response.ts'
import type { ModelMetadata } from '../protocol/metadata.ts'
import { errorBody, type Situation, statusTable } from '../protocol/status.ts'
import type { Tensor } from '../protocol/tensor.ts'
import type { Batcher, EntryOutcome } from './batcher.ts'
import { type AnswerParts, type Question, questionKinds } from './frames.ts'

export interface ReplicaMetadata extends ModelMetadata {
  readonly releaseId: string
  readonly digest: string
  /** Whether requests may share one run of the model, found out while warming up. */
  readonly batchable: boolean
}

export interface Answering {
  readonly metadata: ReplicaMetadata
  readonly batcher: Batcher
  readonly isDraining: () => boolean
  readonly stop: () => Promise<void>
}

type Reply = (answer: AnswerParts) => void
export type AnswerQuestion = (question: Question, reply: Reply) => void

export function createAnswering(replica: Answering): AnswerQuestion {
  const description = JSON.stringify(replica.metadata)
  return (question, reply) => {
    const { id } = question
    const say = (status: number, body: string) => reply({ id, status, rows: 0, computeUs: 0, body })
    if (question.kind === questionKinds.infer) infer(replica, question, reply)
    else if (question.kind === questionKinds.metadata) say(200, description)
    else if (question.kind === questionKinds.ready) say(replica.isDraining() ? 503 : 200, '')
    else if (question.kind === questionKinds.shutdown) {
      // Told at once: the sockets are gone by the time the drain has ended.
      say(200, '')
      void replica.stop()
    } else say(400, errorBody(`unknown kind of question ${question.kind}`))
  }
}

/** Questions that arrive while draining are answered as well: they left the gateway before it knew. */
function infer({ metadata, batcher }: Answering, question: Question, reply: Reply): void {
  const { id } = question
  const refused = (situation: Situation, sentence: string) => {
    const status = statusTable[situation]
    reply({ id, status, rows: 0, computeUs: 0, body: errorBody(sentence) })
  }
  const ask = readAsk(metadata, question.body)
  if (isRefusal(ask)) {
    refused('bad_request', ask.because)
    return
  }
  const { request } = ask
  const settle = (outcome: EntryOutcome): void => {
    const rows = ask.rows ?? request.inputs[0]?.shape[0] ?? 1
    const base = { id, rows, computeUs: outcome.computeUs }
    if ('failed' in outcome) {
      const body = errorBody(`model ${metadata.name} failed: ${outcome.failed}`)
      reply({ ...base, status: statusTable.model_failed, body })
    } else {
      const body = answerText(metadata, request, question.label, outcome.outputs)
      reply({ ...base, status: statusTable.ok, body })
    }
  }
  if (!batcher.submit({ inputs: request.inputs, rows: ask.rows, settle })) {
    refused('saturated', `the queue of model ${metadata.name} is full; try again`)
  }
}

interface Ask {
  readonly request: InferRequest
  /** Undefined when the request must run alone. */
  readonly rows: number | undefined
}

function readAsk(metadata: ReplicaMetadata, body: Buffer): Ask | Refusal {
  if (!isUtf8(body)) return refuse('oip.bad_request', 'the body is not valid UTF-8 text')
  const request = parseInferRequest(body.toString(), metadata)
  if (isRefusal(request)) return request
  if (!metadata.batchable) return { request, rows: undefined }
  const rows = commonRows(request.inputs)
  if (rows !== undefined) return { request, rows }
  return refuse(
    'oip.bad_request',
    `inputs must have the same number of rows, got ${rowList(request)}`,
  )
}

function answerText(
  metadata: ReplicaMetadata,
  request: InferRequest,
  predictionId: string,
  outputs: readonly Tensor[],
): string {
  const { outputs: wanted } = request
  return encodeInferAnswer({
    modelName: metadata.name,
    modelVersion: metadata.versions[0] ?? '',
    id: request.id ?? (predictionId === '' ? undefined : predictionId),
    outputs:
      wanted === undefined ? outputs : outputs.filter((output) => wanted.includes(output.name)),
  })
}

function commonRows(inputs: readonly Tensor[]): number | undefined {
  const rows = inputs[0]?.shape[0]
  for (const input of inputs) if (input.shape[0] !== rows) return undefined
  return rows
}

function rowList({ inputs }: InferRequest): string {
  return inputs.map((input) => `${input.name}: ${input.shape[0] ?? 0}`).join(', ')
}
