// ONNX files as bytes: the part of onnx-ml.proto that the trainer writes, encoded by protobufjs.
// Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx-ml.proto (fields in rising order, no maps:
// the same model gives the same bytes).
import protobuf from 'protobufjs/light.js'

export interface OnnxModel {
  readonly irVersion: number
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[]
  readonly producerName: string
  readonly producerVersion: string
  readonly graph: OnnxGraph
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[]
}

export interface OnnxGraph {
  readonly node: readonly OnnxNode[]
  readonly name: string
  readonly initializer: readonly OnnxTensor[]
  readonly input: readonly OnnxValue[]
  readonly output: readonly OnnxValue[]
}

export interface OnnxNode {
  readonly input: readonly string[]
  readonly output: readonly string[]
  readonly name: string
  readonly opType: string
  readonly domain?: string
  readonly attribute: readonly OnnxAttribute[]
}

export interface OnnxAttribute {
  readonly name: string
  readonly type: number
  readonly f?: number
  readonly i?: number
  readonly s?: Uint8Array
  readonly floats?: readonly number[]
  readonly ints?: readonly number[]
  readonly strings?: readonly Uint8Array[]
}

export interface OnnxTensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly dataType: number
  readonly rawData: Uint8Array
}

export interface OnnxValue {
  readonly name: string
  readonly type: {
    readonly tensorType: {
      readonly elemType: number
      readonly shape: { readonly dim: readonly OnnxDimension[] }
    }
  }
}

export type OnnxDimension = { readonly dimValue: number } | { readonly dimParam: string }

/** TensorProto.DataType. */
export const elementTypes = { float: 1, int64: 7, string: 8 } as const

/** The ONNX opsets the graph is written for, and the file format version of their time (ONNX 1.12). */
export const onnxVersions = { ir: 8, opset: 17, ml: 3 } as const

const text = new TextEncoder()

/** Attributes in the order given; the type follows from the value. Whole numbers in `floats` need `floatsAttribute`. */
export const attribute = {
  float: (name: string, f: number): OnnxAttribute => ({ name, f, type: 1 }),
  int: (name: string, i: number): OnnxAttribute => ({ name, i, type: 2 }),
  string: (name: string, s: string): OnnxAttribute => ({ name, s: text.encode(s), type: 3 }),
  floats: (name: string, floats: readonly number[]): OnnxAttribute => ({ name, floats, type: 6 }),
  ints: (name: string, ints: readonly number[]): OnnxAttribute => ({ name, ints, type: 7 }),
  strings: (name: string, strings: readonly string[]): OnnxAttribute => ({
    name,
    strings: strings.map((value) => text.encode(value)),
    type: 8,
  }),
}

/** A tensor of FP32 numbers, little-endian as the format asks whatever the machine. */
export function floatTensor(name: string, values: readonly number[]): OnnxTensor {
  const bytes = new DataView(new ArrayBuffer(values.length * 4))
  for (const [index, value] of values.entries()) bytes.setFloat32(index * 4, value, true)
  return {
    name,
    dims: [values.length],
    dataType: elementTypes.float,
    rawData: new Uint8Array(bytes.buffer),
  }
}

export function int64Scalar(name: string, value: number): OnnxTensor {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setBigInt64(0, BigInt(value), true)
  return { name, dims: [], dataType: elementTypes.int64, rawData: new Uint8Array(bytes.buffer) }
}

export function encodeOnnx(model: OnnxModel): Uint8Array {
  return modelProto.encode(modelProto.fromObject(model)).finish()
}

// proto2, as the official file: a zero that was set is written, and readers that ask for presence find it.
const message = (fields: Record<string, protobuf.IField>) => ({ edition: 'proto2', fields })

const one = (type: string, id: number) => ({ type, id })
const many = (type: string, id: number) => ({ type, id, rule: 'repeated' as const })

const modelProto = protobuf.Root.fromJSON({
  nested: {
    ModelProto: message({
      irVersion: one('int64', 1),
      producerName: one('string', 2),
      producerVersion: one('string', 3),
      graph: one('GraphProto', 7),
      opsetImport: many('OperatorSetIdProto', 8),
      metadataProps: many('StringStringEntryProto', 14),
    }),
    OperatorSetIdProto: message({ domain: one('string', 1), version: one('int64', 2) }),
    StringStringEntryProto: message({ key: one('string', 1), value: one('string', 2) }),
    GraphProto: message({
      node: many('NodeProto', 1),
      name: one('string', 2),
      initializer: many('TensorProto', 5),
      input: many('ValueInfoProto', 11),
      output: many('ValueInfoProto', 12),
    }),
    NodeProto: message({
      input: many('string', 1),
      output: many('string', 2),
      name: one('string', 3),
      opType: one('string', 4),
      attribute: many('AttributeProto', 5),
      domain: one('string', 7),
    }),
    AttributeProto: message({
      name: one('string', 1),
      f: one('float', 2),
      i: one('int64', 3),
      s: one('bytes', 4),
      floats: many('float', 7),
      ints: many('int64', 8),
      strings: many('bytes', 9),
      type: one('int32', 20),
    }),
    TensorProto: message({
      dims: many('int64', 1),
      dataType: one('int32', 2),
      name: one('string', 8),
      rawData: one('bytes', 9),
    }),
    ValueInfoProto: message({ name: one('string', 1), type: one('TypeProto', 2) }),
    TypeProto: message({ tensorType: one('TensorTypeProto', 1) }),
    TensorTypeProto: message({ elemType: one('int32', 1), shape: one('ShapeProto', 2) }),
    ShapeProto: message({ dim: many('DimensionProto', 1) }),
    DimensionProto: message({ dimValue: one('int64', 1), dimParam: one('string', 2) }),
  },
}).lookupType('ModelProto')
