// First runs of a model on made-up rows, before it gets traffic; they also tell whether its requests may share a run.

import { elementReaders } from '../protocol/element-readers.ts'
import type { Datatype, ModelSignature, Tensor, TensorSpec } from '../protocol/tensor.ts'
import { elementCount } from '../protocol/tensor.ts'

export interface WarmUp {
  /** One row in, one row out, and two in, two out: only then are rows independent enough to batch. */
  readonly batchable: boolean
  /** Why the model refused a made-up row; models may refuse empty text, so this is told, not fatal. */
  readonly failed: string | undefined
}

type Run = (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>

export async function warmUp(signature: ModelSignature, run: Run): Promise<WarmUp> {
  const free = signature.inputs.every((input) => input.shape[0] === -1)
  try {
    const one = await run(signature.inputs.map((spec) => madeUp(spec, 1)))
    if (!free) return { batchable: false, failed: undefined }
    const two = await run(signature.inputs.map((spec) => madeUp(spec, 2)))
    const perRow = one.every((t) => t.shape[0] === 1) && two.every((t) => t.shape[0] === 2)
    return { batchable: perRow, failed: undefined }
  } catch (error) {
    const rowsOut = signature.outputs.every((output) => output.shape[0] === -1)
    return { batchable: free && rowsOut, failed: String(error) }
  }
}

/** Zeros, false and empty text; every free dimension but the first is 1. */
function madeUp(spec: TensorSpec, rows: number): Tensor {
  const shape = spec.shape.map((size, axis) =>
    axis === 0 && size === -1 ? rows : size === -1 ? 1 : size,
  )
  const count = elementCount(shape)
  return { name: spec.name, datatype: spec.datatype, shape, values: zeros(spec.datatype, count) }
}

function zeros(datatype: Datatype, count: number): Tensor['values'] {
  if (datatype === 'FP16') return new Uint16Array(count)
  const zero = datatype === 'BYTES' ? '' : 0
  return elementReaders[datatype].read(new Array(count).fill(zero)).values
}
