import { describe, expect, it } from 'vitest'
import { randomStream } from '../../foundation/random.ts'
import { boundQuantile, fewestForQuantile, measureReadiness } from './readiness-statistics.ts'

describe('bounds of a latency quantile', () => {
  it('p99 at 95 % needs 299 values to have an upper bound at all', () => {
    expect(fewestForQuantile(0.99, 0.95)).toBe(299)
    const rising = (n: number) => Float64Array.from({ length: n }, (_, at) => at + 1)
    expect(boundQuantile(rising(298), 0.99, 0.95).upper).toBeNull()
    expect(boundQuantile(rising(299), 0.99, 0.95).upper).toBe(299)
  })

  it('covers the true quantile as often as promised', () => {
    const random = randomStream(4, 'latency')
    let covered = 0
    for (let trial = 0; trial < 400; trial++) {
      const values = Float64Array.from({ length: 1000 }, () => -Math.log(1 - random.next()))
      const { upper } = boundQuantile(values, 0.95, 0.95)
      if ((upper ?? 0) >= -Math.log(0.05)) covered++
    }
    expect(covered / 400).toBeGreaterThan(0.93)
  })

  it('knows nothing without values', () => {
    const { estimate, lower, upper } = boundQuantile(new Float64Array(), 0.99, 0.95)
    expect([estimate, lower, upper]).toEqual([null, null, null])
  })
})

describe('what was not measured', () => {
  it('is null, not zero', () => {
    const evidence = {
      loadMs: Number.NaN,
      sizeBytes: 10,
      latencyMs: new Float64Array(),
      ratePerSecond: 50,
      errors: 0,
      requests: 0,
      parityMaxDifference: Number.NaN,
    }
    const ask = (what: 'loads' | 'parity' | 'rss' | 'signature' | 'size') =>
      measureReadiness({ what }, evidence, 0.95)
    for (const what of ['loads', 'parity', 'rss', 'signature'] as const) {
      expect(ask(what)).toEqual({ method: 'measured', value: null })
    }
    expect(ask('size')).toEqual({ method: 'measured', value: 10 })
  })
})
