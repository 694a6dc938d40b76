// Two ONNX files that should be equal: the first weight or attribute that differs, and by how much. Reads any producer's
// models; only the fields that hold numbers are decoded. Field numbers: onnx/onnx, onnx-ml.proto.
import protobuf from 'protobufjs/light.js'

interface Tensor {
  readonly name: string
  readonly dataType: number
  readonly floatData: readonly number[]
  readonly int32Data: readonly number[]
  readonly int64Data: readonly unknown[]
  readonly doubleData: readonly number[]
  readonly rawData: Uint8Array
}

interface Attribute {
  readonly name: string
  readonly f: number
  readonly i: unknown
  readonly s: Uint8Array
  readonly t: Tensor | null
  readonly floats: readonly number[]
  readonly ints: readonly unknown[]
  readonly strings: readonly Uint8Array[]
}

interface Model {
  readonly graph: {
    readonly initializer: readonly Tensor[]
    readonly node: readonly {
      readonly name: string
      readonly opType: string
      readonly attribute: readonly Attribute[]
    }[]
  } | null
}

/** A named list of numbers or bytes inside the model. */
interface Part {
  readonly name: string
  readonly numbers: readonly number[] | null
  readonly text: string
}

/** Null when either is not an ONNX model, or when none of these parts differs. */
export function compareOnnx(before: Uint8Array, after: Uint8Array): string | null {
  const [one, two] = [partsOf(before), partsOf(after)]
  if (!one || !two || one.length === 0) return null
  const known = new Map(two.map((part) => [part.name, part]))
  for (const part of one) {
    const other = known.get(part.name)
    if (!other) return `${part.name} of the ONNX model is gone`
    if (other.text === part.text) continue
    return `${part.name} of the ONNX model${distance(part, other)}`
  }
  return two.length > one.length ? 'the ONNX model has more weights or attributes' : null
}

function distance({ numbers: a }: Part, { numbers: b }: Part): string {
  if (a === null || b === null) return ' differs'
  if (a.length !== b.length) return `: ${a.length} → ${b.length} numbers`
  let most = 0
  let differing = 0
  for (const [index, value] of a.entries()) {
    const apart = Math.abs(value - (b[index] ?? Number.NaN))
    if (!Object.is(value, b[index])) differing++
    if (apart > most) most = apart
  }
  return `: ${differing} of ${a.length} numbers differ, by ${Number(most.toPrecision(3))} at most`
}

function partsOf(bytes: Uint8Array): Part[] | null {
  let model: Model
  try {
    model = modelProto.decode(bytes) as unknown as Model
  } catch {
    return null
  }
  if (!model.graph) return null
  const weights = model.graph.initializer.map((tensor) =>
    tensorPart(`tensor ${tensor.name}`, tensor),
  )
  const attributes = model.graph.node.flatMap((node, at) =>
    node.attribute.map((attribute) =>
      attributePart(`${attribute.name} of node ${node.name || `${node.opType} ${at}`}`, attribute),
    ),
  )
  return [...weights, ...attributes]
}

function attributePart(name: string, attribute: Attribute): Part {
  if (attribute.t) return tensorPart(name, attribute.t)
  const { f, floats, ints, i, s, strings } = attribute
  const bytes = [s, ...strings].map((one) => Buffer.from(one).toString('hex')).join(' ')
  const numbers = [...floats, ...ints.map(Number), f, Number(i)]
  return {
    name,
    numbers: bytes.trim() === '' ? numbers : null,
    text: `${numbers.join(' ')} ${bytes}`,
  }
}

function tensorPart(name: string, tensor: Tensor): Part {
  const { rawData, floatData, doubleData, int32Data, int64Data, dataType } = tensor
  const raw = Buffer.from(rawData)
  const given = [...floatData, ...doubleData, ...int32Data, ...int64Data.map(Number)]
  const numbers =
    raw.length === 0
      ? given
      : dataType === 1
        ? Array.from({ length: raw.length >> 2 }, (_, at) => raw.readFloatLE(at * 4))
        : dataType === 11
          ? Array.from({ length: raw.length >> 3 }, (_, at) => raw.readDoubleLE(at * 8))
          : null
  return { name, numbers, text: `${given.join(' ')} ${raw.toString('base64')}` }
}

const one = (type: string, id: number) => ({ type, id })
const many = (type: string, id: number) => ({ type, id, rule: 'repeated' as const })
const message = (fields: Record<string, protobuf.IField>) => ({ edition: 'proto3', fields })

const modelProto = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({ graph: one('GraphProto', 7) }),
    GraphProto: message({ node: many('NodeProto', 1), initializer: many('TensorProto', 5) }),
    NodeProto: message({
      name: one('string', 3),
      opType: one('string', 4),
      attribute: many('AttributeProto', 5),
    }),
    AttributeProto: message({
      name: one('string', 1),
      f: one('float', 2),
      i: one('int64', 3),
      s: one('bytes', 4),
      t: one('TensorProto', 5),
      floats: many('float', 7),
      ints: many('int64', 8),
      strings: many('bytes', 9),
    }),
    TensorProto: message({
      dataType: one('int32', 2),
      floatData: many('float', 4),
      int32Data: many('int32', 5),
      int64Data: many('int64', 7),
      name: one('string', 8),
      rawData: one('bytes', 9),
      doubleData: many('double', 10),
    }),
  },
}).lookupType('ModelProto')
