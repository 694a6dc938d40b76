// Requests into one batch and back: tensors joined and cut along their first axis.
import type { NumericValues, Tensor, TensorValues } from '../protocol/tensor.ts'

/** Every member has the same inputs in the same order, equal but for the first dimension. */
export function joinTensors(members: readonly (readonly Tensor[])[]): readonly Tensor[] {
  const [first = []] = members
  return first.map((tensor, input) => {
    const parts = members.map((inputs) => inputs[input] ?? tensor)
    const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0)
    return {
      name: tensor.name,
      datatype: tensor.datatype,
      shape: [rows, ...tensor.shape.slice(1)],
      values: joinValues(parts.map((part) => part.values)),
    }
  })
}

function joinValues(parts: readonly TensorValues[]): TensorValues {
  const [first] = parts
  if (first === undefined || isStrings(first)) return (parts as readonly string[][]).flat()
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  const make = first.constructor as new (size: number) => NumericValues
  const joined = new make(size)
  let at = 0
  for (const part of parts) {
    joined.set(part as never, at)
    at += part.length
  }
  return joined
}

function isStrings(values: TensorValues): values is readonly string[] {
  return Array.isArray(values)
}

/** The outputs of each member, without copying. Undefined when an output does not have one row per input row. */
export function splitTensors(
  outputs: readonly Tensor[],
  rows: readonly number[],
): readonly (readonly Tensor[])[] | undefined {
  const total = rows.reduce((sum, count) => sum + count, 0)
  if (outputs.some((output) => output.shape[0] !== total)) return undefined
  let from = 0
  return rows.map((count) => {
    const start = from
    from += count
    return outputs.map((output) => sliceRows(output, start, count, total))
  })
}

function sliceRows(tensor: Tensor, start: number, count: number, total: number): Tensor {
  const width = tensor.values.length / total
  const { values } = tensor
  const from = start * width
  const to = (start + count) * width
  return {
    name: tensor.name,
    datatype: tensor.datatype,
    shape: [count, ...tensor.shape.slice(1)],
    values: isStrings(values) ? values.slice(from, to) : values.subarray(from, to),
  }
}
