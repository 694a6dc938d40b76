// An infer request, from JSON text to tensors in the order of the model's signature, or the sentence that says why not.
// Everything is checked here, before a request may join a batch: what passes can only fail inside the model.
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { elementReaders } from './element-readers.ts'
import {
  elementCount,
  formatShape,
  type ModelSignature,
  type Tensor,
  type TensorSpec,
} from './tensor.ts'

export interface InferRequest {
  readonly id: string | undefined
  /** One per input of the signature, in its order. */
  readonly inputs: readonly Tensor[]
  /** Names of the outputs asked for; undefined means all. */
  readonly outputs: readonly string[] | undefined
}

type JsonObject = Readonly<Record<string, unknown>>

export function parseInferRequest(text: string, signature: ModelSignature): InferRequest | Refusal {
  const body = parseJson(text)
  if (isRefusal(body)) return body
  const { id, inputs, outputs } = body
  if (id !== undefined && typeof id !== 'string') {
    return bad(`id must be a string, got ${describe(id)}`)
  }
  if (!Array.isArray(inputs))
    return bad(`inputs must be a list of tensors, got ${describe(inputs)}`)
  const named = byName(inputs, signature)
  if (isRefusal(named)) return named
  const tensors: Tensor[] = []
  for (const spec of signature.inputs) {
    const given = named.get(spec.name)
    if (given === undefined) {
      return bad(
        `input ${quoted(spec.name)} is missing; the model needs ${names(signature.inputs)}`,
      )
    }
    const tensor = readTensor(given, spec, text)
    if (isRefusal(tensor)) return tensor
    tensors.push(tensor)
  }
  const wanted = wantedOutputs(outputs, signature)
  return isRefusal(wanted) ? wanted : { id, inputs: tensors, outputs: wanted }
}

function parseJson(text: string): JsonObject | Refusal {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error)
    return bad(`the body is not JSON: ${reason.slice(0, 200)}`)
  }
  return isObject(value) ? value : bad(`the body must be a JSON object, got ${describe(value)}`)
}

function byName(
  inputs: readonly unknown[],
  signature: ModelSignature,
): Map<string, JsonObject> | Refusal {
  const named = new Map<string, JsonObject>()
  for (const [index, input] of inputs.entries()) {
    if (!isObject(input)) return bad(`inputs[${index}] must be an object, got ${describe(input)}`)
    const { name } = input
    if (typeof name !== 'string') {
      return bad(`inputs[${index}].name must be a string, got ${describe(name)}`)
    }
    if (named.has(name)) return bad(`input ${quoted(name)} is given twice`)
    named.set(name, input)
  }
  // More than the model takes is fine: while two releases with different columns share traffic, clients send the union.
  if (!signature.inputs.every((spec) => named.has(spec.name))) {
    const known = new Set(signature.inputs.map((spec) => spec.name))
    const stray = [...named.keys()].find((name) => !known.has(name))
    if (stray !== undefined) {
      return bad(`input ${quoted(stray)} is unknown; the model needs ${names(signature.inputs)}`)
    }
  }
  return named
}

function readTensor(given: JsonObject, spec: TensorSpec, text: string): Tensor | Refusal {
  const { datatype, shape, data, parameters } = given
  const subject = `input ${quoted(spec.name)}`
  if (isObject(parameters) && 'binary_data_size' in parameters) {
    return bad(`${subject} asks for binary tensor data, which is not supported yet; send JSON data`)
  }
  if (datatype !== spec.datatype) {
    return bad(`${subject} must have datatype ${spec.datatype}, got ${describe(datatype)}`)
  }
  if (spec.datatype === 'FP16') {
    return bad(`${subject} is FP16, which has no JSON form; export the model with FP32 inputs`)
  }
  if (!isShape(shape)) {
    return bad(
      `${subject}: shape must be a list of whole numbers from 1 up, got ${describe(shape)}`,
    )
  }
  if (!fits(shape, spec.shape)) {
    return bad(
      `${subject} must have shape ${formatShape(spec.shape)} (-1 = any), got ${formatShape(shape)}`,
    )
  }
  if (!Array.isArray(data)) return bad(`${subject}: data must be a list, got ${describe(data)}`)
  const flat = flatten(data, shape)
  if (flat === undefined) {
    return bad(`${subject}: nested data does not have shape ${formatShape(shape)}`)
  }
  const count = elementCount(shape)
  if (flat.length !== count) {
    return bad(
      `${subject} has ${flat.length} elements, but shape ${formatShape(shape)} needs ${count}`,
    )
  }
  const { read, allowed } = elementReaders[spec.datatype]
  let elements = read(flat)
  if (elements.bad >= 0 && lostDigits(flat[elements.bad])) {
    elements = read(exactElements(text, spec.name, shape) ?? flat)
  }
  if (elements.bad >= 0) {
    return bad(
      `${subject}: element ${elements.bad} is ${describe(flat[elements.bad])}; ${spec.datatype} takes ${allowed}`,
    )
  }
  return { name: spec.name, datatype: spec.datatype, shape, values: elements.values }
}

/** Flat data is taken as it is; nested data must follow the shape exactly. Undefined when it does not. */
function flatten(
  data: readonly unknown[],
  shape: readonly number[],
): readonly unknown[] | undefined {
  if (!Array.isArray(data[0])) return data
  let level: readonly unknown[] = data
  if (data.length !== shape[0]) return undefined
  for (const size of shape.slice(1)) {
    const next: unknown[] = []
    for (const row of level) {
      if (!Array.isArray(row) || row.length !== size) return undefined
      for (const element of row) next.push(element)
    }
    level = next
  }
  return level
}

function lostDigits(element: unknown): boolean {
  return typeof element === 'number' && !Number.isSafeInteger(element) && Number.isInteger(element)
}

type ExactParse = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown

/** JSON.parse rounds beyond 2^53; this slow second reading, for such bodies only, keeps every digit. */
function exactElements(
  text: string,
  name: string,
  shape: readonly number[],
): readonly unknown[] | undefined {
  const body = (JSON.parse as ExactParse)(text, (_key, value, { source }) =>
    lostDigits(value) && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value,
  )
  const inputs = isObject(body) && Array.isArray(body.inputs) ? body.inputs : []
  const input = inputs.find((candidate) => isObject(candidate) && candidate.name === name)
  return isObject(input) && Array.isArray(input.data) ? flatten(input.data, shape) : undefined
}

function wantedOutputs(
  outputs: unknown,
  signature: ModelSignature,
): readonly string[] | undefined | Refusal {
  if (outputs === undefined) return undefined
  if (!Array.isArray(outputs)) return bad(`outputs must be a list, got ${describe(outputs)}`)
  if (outputs.length === 0) return undefined
  const wanted: string[] = []
  for (const [index, output] of outputs.entries()) {
    const name = isObject(output) ? output.name : undefined
    if (typeof name !== 'string') return bad(`outputs[${index}].name must be a string`)
    if (!signature.outputs.some((spec) => spec.name === name)) {
      return bad(`output ${quoted(name)} is unknown; the model has ${names(signature.outputs)}`)
    }
    wanted.push(name)
  }
  return wanted
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 1)
}

function fits(shape: readonly number[], expected: readonly number[]): boolean {
  return (
    shape.length === expected.length &&
    expected.every((size, axis) => size === -1 || size === shape[axis])
  )
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(because: string): Refusal {
  return refuse('oip.bad_request', because)
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function quoted(name: string): string {
  return describe(name)
}

function names(specs: readonly TensorSpec[]): string {
  return specs.map((spec) => spec.name).join(', ')
}
