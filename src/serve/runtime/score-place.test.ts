import { describe, expect, it } from 'vitest'
import type { Datatype, ModelSignature } from '../protocol/tensor.ts'
import { scorePlaceOf } from './score-place.ts'

function model(
  ...outputs: [name: string, datatype: Datatype, ...shape: number[]][]
): ModelSignature {
  return {
    inputs: [],
    outputs: outputs.map(([name, datatype, ...shape]) => ({ name, datatype, shape })),
  }
}

describe('which output is the score', () => {
  it('of two classes: column 1 of probabilities, or the only number', () => {
    const usual = model(['label', 'INT64', -1], ['probabilities', 'FP32', -1, 2])
    expect(scorePlaceOf(usual, { task: 'binary' })).toEqual({ output: 'probabilities', column: 1 })
    const pair = model(['label', 'INT64', -1], ['scores', 'FP32', -1, 2])
    expect(scorePlaceOf(pair, { task: 'binary' })).toEqual({ output: 'scores', column: 1 })
    const single = model(['p', 'FP64', -1, 1])
    expect(scorePlaceOf(single, { task: 'binary' })).toEqual({ output: 'p', column: 0 })
  })

  it('of many classes: the whole matrix that is as wide as there are classes', () => {
    const signature = model(
      ['label', 'BYTES', -1],
      ['embedding', 'FP32', -1, 64],
      ['out', 'FP32', -1, 3],
    )
    expect(scorePlaceOf(signature, { task: 'multiclass', classes: 3 })).toEqual({
      ...{ output: 'out', column: 'all' },
    })
    expect(() => scorePlaceOf(signature, { task: 'multiclass' })).toThrow(
      /not exactly one gives a number per class; it has label \(BYTES \[-1\]\), embedding/,
    )
  })

  it('of an amount: the only output with one number per row', () => {
    const signature = model(['price', 'FP32', -1, 1], ['bucket', 'INT64', -1])
    expect(scorePlaceOf(signature, { task: 'regression' })).toEqual({ output: 'price', column: 0 })
    const count = model(['count', 'INT64', -1])
    expect(scorePlaceOf(count, { task: 'regression' })).toEqual({ output: 'count', column: 0 })
    const two = model(['low', 'FP32', -1, 1], ['high', 'FP32', -1, 1])
    expect(() => scorePlaceOf(two, { task: 'ranking' })).toThrow(/a ranking model gives one number/)
  })

  it('as declared, where it is declared', () => {
    const two = model(['low', 'FP32', -1, 1], ['high', 'FP32', -1, 1])
    const score = { output: 'high', column: 0 }
    expect(scorePlaceOf(two, { task: 'regression', score })).toEqual(score)
    expect(scorePlaceOf(two, { task: 'multiclass', score })).toEqual({ ...score, column: 'all' })
    const none = { output: 'middle', column: 0 }
    expect(() => scorePlaceOf(two, { task: 'regression', score: none })).toThrow(
      /no output "middle"/,
    )
  })
})
