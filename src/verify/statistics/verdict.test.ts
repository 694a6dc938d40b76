import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeBounds, mayPromote, worst } from './verdict.ts'

describe('a verdict from bounds', () => {
  it('passes only when the whole bound is on the good side', () => {
    const ask = (lower: number, upper: number) =>
      judgeBounds({ lower, upper, limit: 0.9, op: '>=' })
    expect(ask(0.91, 0.95)).toBe('pass')
    expect(ask(0.85, 0.89)).toBe('fail')
    expect(ask(0.85, 0.95)).toBe('insufficient')
    expect(judgeBounds({ lower: 0.02, upper: 0.09, limit: 0.1, op: '<=' })).toBe('pass')
    expect(judgeBounds({ lower: 0.1, upper: 0.2, limit: 0.1, op: '<' })).toBe('fail')
  })

  it('is insufficient when there is nothing to judge', () => {
    expect(judgeBounds({ lower: undefined, upper: 1, limit: 0, op: '>' })).toBe('insufficient')
    expect(judgeBounds({ lower: Number.NaN, upper: 1, limit: 0, op: '>' })).toBe('insufficient')
  })

  it('never changes from pass to fail when the bounds widen', () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true })
    fc.assert(
      fc.property(
        number,
        number,
        number,
        fc.constantFrom('<', '<=', '>', '>='),
        (a, b, limit, op) => {
          const narrow = judgeBounds({ lower: Math.min(a, b), upper: Math.max(a, b), limit, op })
          const wide = judgeBounds({
            lower: Math.min(a, b) - 1,
            upper: Math.max(a, b) + 1,
            limit,
            op,
          })
          expect([narrow, 'insufficient']).toContain(wide)
        },
      ),
    )
  })
})

describe('several verdicts', () => {
  it('doubt and errors outrank passes, a certain no outranks doubt, nothing is not a pass', () => {
    expect(worst(['pass', 'insufficient', 'warn'])).toBe('insufficient')
    expect(worst(['error', 'fail'])).toBe('fail')
    expect(worst(['skipped', 'pass'])).toBe('pass')
    expect(worst([])).toBe('skipped')
  })
  it('only pass, warn and waived promote', () => {
    const promoting = [
      'pass',
      'warn',
      'fail',
      'insufficient',
      'error',
      'skipped',
      'waived',
    ] as const
    expect(promoting.filter(mayPromote)).toEqual(['pass', 'warn', 'waived'])
  })
})
