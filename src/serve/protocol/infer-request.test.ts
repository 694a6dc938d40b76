import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../foundation/refusal.ts'
import { parseInferRequest } from './infer-request.ts'
import type { Datatype, ModelSignature } from './tensor.ts'

const one = (datatype: Datatype, shape: readonly number[] = [-1, 1]): ModelSignature => ({
  inputs: [{ name: 'x', datatype, shape }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
})

const body = (datatype: string, shape: readonly number[], data: unknown) =>
  JSON.stringify({ inputs: [{ name: 'x', datatype, shape, data }] })

function valuesOf(text: string, signature: ModelSignature): unknown {
  const request = parseInferRequest(text, signature)
  return isRefusal(request)
    ? request.because
    : [...((request.inputs[0]?.values ?? []) as Iterable<unknown>)]
}

describe('reading an infer request', () => {
  it('takes flat and nested data as the same tensor', () => {
    const matrix = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
      .chain(([rows, columns]) =>
        fc.array(fc.array(fc.integer(), { minLength: columns, maxLength: columns }), {
          minLength: rows,
          maxLength: rows,
        }),
      )
    fc.assert(
      fc.property(matrix, (rows) => {
        const shape = [rows.length, rows[0]?.length ?? 0]
        const signature = one('FP64', [-1, -1])
        const flat = valuesOf(body('FP64', shape, rows.flat()), signature)
        expect(flat).toEqual(rows.flat())
        expect(valuesOf(body('FP64', shape, rows), signature)).toEqual(flat)
      }),
    )
  })

  it('keeps every digit of every INT64, and refuses what is outside', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (whole) => {
        const text = `{"inputs":[{"name":"x","datatype":"INT64","shape":[1,1],"data":[${whole}]}]}`
        const seen = valuesOf(text, one('INT64'))
        if (whole >= -(2n ** 63n) && whole < 2n ** 63n) expect(seen).toEqual([whole])
        else expect(seen).toContain('INT64 takes a whole number from')
      }),
    )
  })

  it('never throws, whatever JSON it is given', () => {
    const tensors = fc.array(
      fc.record(
        { name: fc.anything(), datatype: fc.anything(), shape: fc.anything(), data: fc.anything() },
        { requiredKeys: [] },
      ),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          tensors.map((inputs) => {
            try {
              return JSON.stringify({ inputs })
            } catch {
              return '{}'
            }
          }),
        ),
        (text) => {
          const request = parseInferRequest(text, one('FP32'))
          expect(isRefusal(request) ? typeof request.because : 'read').toMatch(/string|read/)
        },
      ),
    )
  })

  it.each<[Datatype, unknown, string]>([
    ['UINT8', 256, 'element 0 is 256; UINT8 takes a whole number from 0 to 255'],
    ['INT8', 1.5, 'element 0 is 1.5; INT8 takes a whole number from -128 to 127'],
    ['INT64', '7', 'element 0 is "7"; INT64 takes a whole number from'],
    ['FP32', 1e39, 'FP32 takes a finite number of that type, or null for a missing value'],
    ['BOOL', 'yes', 'BOOL takes true or false'],
    ['BYTES', null, 'BYTES takes a string'],
    ['FP16', 1, 'FP16, which has no JSON form'],
  ])('refuses a %s of %j', (datatype, element, sentence) => {
    expect(valuesOf(body(datatype, [1, 1], [element]), one(datatype))).toContain(sentence)
  })

  it.each<[string, unknown, string]>([
    [
      'a count that contradicts the shape',
      body('FP32', [2, 1], [1, 2, 3]),
      'has 3 elements, but shape [2, 1] needs 2',
    ],
    [
      'nested data of another shape',
      body('FP32', [2, 1], [[1], [2, 3]]),
      'nested data does not have shape [2, 1]',
    ],
    ['another rank', body('FP32', [2], [1, 2]), 'must have shape [-1, 1] (-1 = any), got [2]'],
    ['no rows', body('FP32', [0, 1], []), 'whole numbers from 1 up'],
    ['an unknown input', '{"inputs":[{"name":"z"}]}', 'input "z" is unknown; the model needs x'],
    ['an input given twice', '{"inputs":[{"name":"x"},{"name":"x"}]}', 'input "x" is given twice'],
    ['no list of inputs', '{"inputs":7}', 'inputs must be a list of tensors, got 7'],
    ['a body that is a list', '[1]', 'the body must be a JSON object, got [1]'],
  ])('refuses %s', (_what, text, sentence) => {
    expect(valuesOf(String(text), one('FP32'))).toContain(sentence)
  })

  it('reads null as NaN in a float column', () => {
    expect(valuesOf(body('FP32', [2, 1], [null, 2]), one('FP32'))).toEqual([Number.NaN, 2])
  })
})
