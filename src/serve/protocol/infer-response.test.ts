import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeInferAnswer, printFloat32 } from './infer-response.ts'

describe('printing a float32', () => {
  it('gives the same float back, with no more digits than needed', () => {
    const float = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround),
    )
    fc.assert(
      fc.property(float, (value) => {
        const text = printFloat32(value)
        expect(Math.fround(Number(text))).toBe(value === 0 ? Number(text) : value)
        const digits = (shown: string) =>
          shown
            .replace(/e.*/, '')
            .replace(/^-?0*\.?0*|\./g, '')
            .replace(/0+$/, '').length
        let shortest = 9
        for (let size = 9; size >= 1; size--) {
          if (Math.fround(Number(value.toPrecision(size))) === value) shortest = size
        }
        expect(digits(text)).toBeLessThanOrEqual(shortest)
      }),
      { numRuns: 2000 },
    )
  })

  it('prints what a person would write', () => {
    expect(
      [0.1, 0.3, 1 / 3, 16_777_216, 1e-10, 3.4e38].map((v) => printFloat32(Math.fround(v))),
    ).toEqual(['0.1', '0.3', '0.33333334', '16777216', '1e-10', '3.4e+38'])
  })
})

it('an answer is JSON, with null for what JSON cannot say', () => {
  const text = encodeInferAnswer({
    modelName: 'm',
    modelVersion: '3',
    id: undefined,
    outputs: [
      { name: 'p', datatype: 'FP32', shape: [2], values: Float32Array.of(0.5, Number.NaN) },
      { name: 'n', datatype: 'INT64', shape: [1], values: BigInt64Array.of(9007199254740993n) },
      { name: 'b', datatype: 'BOOL', shape: [1], values: Uint8Array.of(1) },
      { name: 's', datatype: 'BYTES', shape: [1], values: ['a "quoted" word'] },
    ],
  })
  expect(text).toContain('"data":[9007199254740993]')
  expect(JSON.parse(text)).toMatchObject({
    model_name: 'm',
    model_version: '3',
    outputs: [{ data: [0.5, null] }, {}, { data: [true] }, { data: ['a "quoted" word'] }],
  })
})
