// The one place that touches onnxruntime: an ONNX file becomes a session with a signature and a synchronous-inside `run`.
// A hostile file can crash the process that opens it: only replica processes do; everyone else asks a replica.
import { readFile } from 'node:fs/promises'
import * as ort from 'onnxruntime-node'
import { type Digest, digestOf, shortDigest } from '../../foundation/digest.ts'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import type {
  Datatype,
  ModelSignature,
  NumericValues,
  Tensor,
  TensorSpec,
} from '../protocol/tensor.ts'

export interface ModelSession {
  readonly signature: ModelSignature
  /** Blocks the thread while the model computes (onnxruntime#26968); throws the model's error. */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>
  close(): Promise<void>
}

const datatypeOf: Record<string, Datatype> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
}

const ortTypeOf = Object.fromEntries(
  Object.entries(datatypeOf).map(([type, datatype]) => [datatype, type]),
) as Record<Datatype, ort.Tensor.Type>

/** Small tabular models: one thread, no spinning; scale by replicas (onnxruntime's threading page; CEmbedding 0.9.1). */
const sessionOptions: ort.InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

/** Reads the file once: the bytes whose digest was compared are the bytes that are loaded. */
export async function openModel(path: string, expected?: Digest): Promise<ModelSession> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, sentenceOf(error), error)
  })
  if (expected !== undefined) refuseOtherDigest(path, digestOf(bytes), expected)
  const session = await ort.InferenceSession.create(bytes, sessionOptions).catch(
    (error: unknown) => {
      throw unreadable(path, sentenceOf(error), error)
    },
  )
  const signature = {
    inputs: session.inputMetadata.map((value) => specOf(path, 'input', value)),
    outputs: session.outputMetadata.map((value) => specOf(path, 'output', value)),
  }
  return {
    signature,
    run: (inputs) => runSession(session, inputs, signature.outputs),
    close: () => session.release(),
  }
}

function refuseOtherDigest(path: string, observed: Digest, expected: Digest): void {
  if (observed === expected) return
  throw new LockstepError({
    code: 'serve.digest_mismatch',
    kind: 'precondition',
    message: `model file ${path} has digest ${shortDigest(observed)}, but the release was sealed with ${shortDigest(expected)}; it is not loaded`,
    hint: 'the file was changed after the release was made: restore it or promote another release',
    details: { path, observed, expected },
  })
}

function unreadable(path: string, reason: string, cause?: unknown): LockstepError {
  return new LockstepError({
    code: 'serve.model_unreadable',
    kind: 'invalid',
    message: `model file ${path} is not a readable ONNX model: ${reason}`,
    hint: 'export the model to ONNX again, and check that the path names the .onnx file',
    details: { path },
    cause,
  })
}

function specOf(
  path: string,
  role: 'input' | 'output',
  value: ort.InferenceSession.ValueMetadata,
): TensorSpec {
  const datatype = value.isTensor ? datatypeOf[value.type] : undefined
  if (!value.isTensor || datatype === undefined) {
    const found = value.isTensor ? value.type : 'a sequence or map'
    throw unreadable(
      path,
      `its ${role} ${JSON.stringify(value.name)} is ${found}, and only tensors can be served (with skl2onnx, export with zipmap=False)`,
    )
  }
  const shape = value.shape.map((size) => (typeof size === 'number' ? size : -1))
  return { name: value.name, datatype, shape }
}

async function runSession(
  session: ort.InferenceSession,
  inputs: readonly Tensor[],
  outputs: readonly TensorSpec[],
): Promise<readonly Tensor[]> {
  const feeds: Record<string, ort.Tensor> = {}
  for (const { name, datatype, shape, values } of inputs) {
    feeds[name] = new ort.Tensor(ortTypeOf[datatype], values as never, shape)
  }
  const answers = await session.run(feeds)
  return outputs.map(({ name, datatype }) => {
    const answer = answers[name]
    if (answer === undefined) throw new Error(`the model gave no output ${JSON.stringify(name)}`)
    return {
      name,
      datatype,
      shape: answer.dims,
      values: answer.data as NumericValues | readonly string[],
    }
  })
}
