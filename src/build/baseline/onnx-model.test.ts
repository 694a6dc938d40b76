import { describe, expect, test } from 'vitest'
import type { DesignColumn } from './design-matrix.ts'
import { type BaselineModel, baselineOnnx } from './onnx-model.ts'
import { attribute, encodeOnnx, floatTensor } from './onnx-proto.ts'

const columns: DesignColumn[] = [
  { name: 'age', number: { mean: 40, std: 10, feature: 0 } },
  {
    name: 'city',
    levels: [
      { value: 'Bergen', feature: undefined },
      { value: 'Oslo', feature: 1 },
    ],
  },
]
const model: BaselineModel = {
  columns,
  coefficients: Float64Array.of(0.5, -1),
  intercept: 0.25,
  threshold: 0.5,
  unseen: 'ignore',
  metadata: { 'lockstep.trainer': 'baseline/1' },
}
const textIn = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('the ONNX graph', () => {
  test('is the same bytes for the same model, and carries columns, levels and metadata', () => {
    const bytes = baselineOnnx(model)
    expect(baselineOnnx(model)).toEqual(bytes)
    for (const part of [
      'age',
      'city',
      'Oslo',
      'Bergen',
      'lockstep.trainer',
      'baseline/1',
      'ai.onnx.ml',
    ]) {
      expect(textIn(bytes)).toContain(part)
    }
  })

  test('looks coefficients up in a table when unseen categories must fail', () => {
    const refusing = textIn(baselineOnnx({ ...model, unseen: 'error' }))
    expect(refusing).toContain('city has a value never seen in training')
    expect(refusing).toContain('Gather')
    expect(textIn(baselineOnnx(model))).not.toContain('Gather')
  })

  test('compares with a threshold only when it is not one half', () => {
    expect(textIn(baselineOnnx({ ...model, threshold: 0.3 }))).toContain('GreaterOrEqual')
    expect(textIn(baselineOnnx(model))).not.toContain('GreaterOrEqual')
  })
})

describe('the encoding', () => {
  test('uses the field numbers and wire types of onnx-ml.proto', () => {
    const bytes = encodeOnnx({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      producerName: 'p',
      producerVersion: '',
      graph: {
        name: 'g',
        node: [
          {
            name: '',
            opType: 'X',
            input: ['i'],
            output: ['o'],
            attribute: [attribute.int('a', 3)],
          },
        ],
        initializer: [floatTensor('t', [1])],
        input: [],
        output: [],
      },
      metadataProps: [{ key: 'k', value: 'v' }],
    })
    // Written by hand from the official file: tag = field number × 8 + wire type, then length or value.
    expect(Buffer.from(bytes).toString('hex')).toBe(
      [
        '0808', // ir_version (1) = 8
        '120170', // producer_name (2) = "p"
        '1a00', // producer_version (3) = ""
        '3a29', // graph (7)
        `0a15${'0a0169'}${'12016f'}1a00${'220158'}${'2a08'}${'0a0161'}${'1803'}${'a00102'}`, // node (1): input, output, name, op_type, attribute {name, i, type}
        '120167', // name (2)
        `2a0d${'0801'}${'1001'}${'420174'}${'4a040000803f'}`, // initializer (5): dims, data_type, name, raw_data
        '42040a001011', // opset_import (8): domain "", version 17
        '72060a016b120176', // metadata_props (14)
      ].join(''),
    )
  })
})
