import { describe, expect, it } from 'vitest'
import {
  type BinaryScored,
  type MulticlassScored,
  type RankingScored,
  selectRows,
} from './scored.ts'
import { faultOfRows } from './scored-faults.ts'

const binary: BinaryScored = {
  task: 'binary',
  labels: Uint8Array.of(1, 0, 1),
  scores: Float64Array.of(0.9, 0.2, 0.4),
  threshold: 0.5,
  weights: Float64Array.of(1, 2, 0.5),
  clusters: Uint32Array.of(7, 7, 3),
}

const multiclass: MulticlassScored = {
  task: 'multiclass',
  classes: ['a', 'b'],
  labels: Uint32Array.of(0, 1, 1),
  scores: Float64Array.of(0.9, 0.1, 0.3, 0.7, 0.6, 0.4),
}

const ranking: RankingScored = {
  task: 'ranking',
  labels: Float64Array.of(0, 2, 1),
  scores: Float64Array.of(0.1, 0.2, 0.3),
  queries: Uint32Array.of(0, 0, 1),
}

describe('selected rows', () => {
  it('bring everything they carry, in the order asked for', () => {
    expect(selectRows(binary, Uint32Array.of(2, 0))).toEqual({
      task: 'binary',
      labels: Uint8Array.of(1, 1),
      scores: Float64Array.of(0.4, 0.9),
      threshold: 0.5,
      weights: Float64Array.of(0.5, 1),
      clusters: Uint32Array.of(3, 7),
    })
  })

  it('of a matrix are whole rows', () => {
    const { labels, scores } = selectRows(multiclass, Uint32Array.of(2, 2, 1))
    expect(labels).toEqual(Uint32Array.of(1, 1, 1))
    expect(scores).toEqual(Float64Array.of(0.6, 0.4, 0.6, 0.4, 0.3, 0.7))
  })

  it('keep their query', () => {
    expect(selectRows(ranking, Uint32Array.of(2)).queries).toEqual(Uint32Array.of(1))
  })

  it('may be none', () => {
    expect(selectRows(multiclass, new Uint32Array()).scores.length).toBe(0)
  })
})

describe('unfit rows are named', () => {
  it('fit ones are not', () => {
    for (const scored of [binary, multiclass, ranking]) expect(faultOfRows(scored)).toBeUndefined()
    expect(faultOfRows(selectRows(binary, new Uint32Array()))).toBeUndefined()
  })

  it.each([
    [{ ...binary, labels: Uint8Array.of(1, 0, 2) }, 'row 2 has the label 2; labels are 0 or 1'],
    [
      { ...multiclass, labels: Uint32Array.of(0, 2, 1) },
      'row 1 has the label 2; there are 2 classes',
    ],
    [
      { ...ranking, labels: Float64Array.of(0, -1, 1) },
      'row 1 has the label -1; relevance is 0 or more',
    ],
    [{ ...binary, weights: Float64Array.of(1, Number.NaN, 1) }, 'row 1 has the weight NaN'],
    [{ ...binary, weights: Float64Array.of(1, -2, 1) }, 'row 1 has the weight -2'],
    [{ ...binary, weights: Float64Array.of(0, 0, 0) }, 'every row weighs 0'],
    [{ ...binary, weights: Float64Array.of(1) }, '1 weights do not match 3 rows'],
    [{ ...binary, blocks: Uint32Array.of(1, 2) }, '2 blocks of time do not match 3 rows'],
    [{ ...ranking, queries: Uint32Array.of(1, 2) }, '2 queries do not match 3 rows'],
  ])('%#', (scored, sentence) => {
    expect(faultOfRows(scored)).toContain(sentence)
  })
})
