import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { descendingOrder } from './rank-rows.ts'

describe('ranking rows', () => {
  it('orders as comparing does: signs, zeros, ties and infinities', () => {
    const value = fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(
        0,
        -0,
        1,
        -1,
        Number.MIN_VALUE,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ),
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 50 }), (values) => {
        const scores = Float64Array.from(
          { length: 3000 },
          (_, row) => values[row % values.length] ?? 0,
        )
        const compared = Array.from(scores, (_, row) => row).sort((a, b) => {
          const [one = 0, two = 0] = [scores[a], scores[b]]
          return one === two ? a - b : one < two ? 1 : -1
        })
        expect([...descendingOrder(scores)]).toEqual(compared)
      }),
      { numRuns: 20 },
    )
  })
})
