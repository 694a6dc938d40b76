// Tensors as the Open Inference Protocol names them: datatype, shape, row-major values; and the signature of a model.

export const datatypes = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
] as const

export type Datatype = (typeof datatypes)[number]

/** One input or output of a model; -1 in the shape is a dimension of any size. */
export interface TensorSpec {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
}

export interface ModelSignature {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
}

export type NumericValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

export type TensorValues = NumericValues | readonly string[]

export interface Tensor {
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  /** Row-major. BOOL is a Uint8Array of 0 and 1; BYTES are strings. */
  readonly values: TensorValues
}

/** Product of the dimensions: 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const size of shape) count *= size
  return count
}

export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}
