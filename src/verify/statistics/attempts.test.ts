import { describe, expect, it } from 'vitest'
import { alphaForAttempt, attemptSentence, chanceOfLuck, confidenceForAttempt } from './attempts.ts'

describe('a gate asked again on the same holdout', () => {
  it('spends shares that never add up to more than the budget', () => {
    let spent = 0
    for (let attempt = 1; attempt <= 100_000; attempt++) spent += alphaForAttempt(0.05, attempt)
    expect(spent).toBeLessThan(0.05)
    expect(spent).toBeGreaterThan(0.0499)
    expect(alphaForAttempt(0.05, 1)).toBeCloseTo(0.0304, 4)
  })
  it('keeps its confidence when tries are only shown', () => {
    expect(confidenceForAttempt(0.95, { attempt: 9, policy: 'count' })).toBe(0.95)
    expect(confidenceForAttempt(0.95, { attempt: 9, policy: 'spend' })).toBeGreaterThan(0.999)
  })
  it('says how lucky twenty tries may be', () => {
    expect(chanceOfLuck(0.05, 20)).toBeCloseTo(0.64, 2)
    expect(attemptSentence({ attempt: 1, policy: 'count' }, 0.95)).toBeUndefined()
    expect(attemptSentence({ attempt: 20, policy: 'count' }, 0.95)).toBe(
      'this gate has been asked 20 times on the same holdout: a model at the limit would by now have passed once with a chance of up to 64.2 %; use new rows, or gates.defaults.attempts: spend',
    )
    expect(attemptSentence({ attempt: 3, policy: 'spend' }, 0.95)).toBe(
      'this gate has been asked 3 times on the same holdout: bounds are at 99.662 % so that all tries together keep 95 %',
    )
  })
})
