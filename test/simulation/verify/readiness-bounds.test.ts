// Do the bounds of latency, throughput and their ratio to the champion hold as often as they promise? Requests are simulated with a
// machine whose mood changes from block to block, as machines' moods do.
import { describe, expect, test } from 'vitest'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import { boundQuantileRatio, boundRate } from '../../../src/verify/readiness/block-bounds.ts'
import { boundQuantile } from '../../../src/verify/readiness/quantile-bounds.ts'

const confidence = 0.95

/** Share of trials in which the truth was below the lower, or above the upper bound. */
function misses(
  trials: number,
  truth: number,
  trial: (random: RandomStream) => { readonly lower: number; readonly upper: number },
): { readonly below: number; readonly above: number } {
  const random = randomStream('readiness', String(truth))
  let below = 0
  let above = 0
  for (let at = 0; at < trials; at++) {
    const { lower, upper } = trial(random)
    if (truth < lower) below++
    if (truth > upper) above++
  }
  const shown = `below ${((100 * below) / trials).toFixed(1)} %, above ${((100 * above) / trials).toFixed(1)} %`
  process.stdout.write(`${expect.getState().currentTestName}: ${shown}\n`)
  return { below: below / trials, above: above / trials }
}

const exponential = (random: RandomStream, mean: number) => -mean * Math.log(1 - random.next())

describe('each bound of 95 % misses at most one time in twenty, and a point', () => {
  test('the 99th percentile of 400 requests', () => {
    const truth = -Math.log(0.01)
    const { below, above } = misses(3000, truth, (random) => {
      const values = Float64Array.from({ length: 400 }, () => exponential(random, 1))
      const { lower, upper } = boundQuantile(values, 0.99, confidence)
      return { lower: Number(lower), upper: Number(upper) }
    })
    expect(Math.max(below, above)).toBeLessThan(0.06)
  })

  test('the median of five cold starts', () => {
    const truth = Math.log(2)
    const { above } = misses(3000, truth, (random) => {
      const values = Float64Array.from({ length: 5 }, () => exponential(random, 1))
      const { upper } = boundQuantile(values, 0.5, confidence)
      return { lower: 0, upper: Number(upper) }
    })
    expect(above).toBeLessThan(0.06)
  })

  test.each<[string, (random: RandomStream) => number]>([
    ['moody', (random) => 1 + 0.2 * random.normal()],
    ['now and then stalling', (random) => 1.1 - exponential(random, 0.1) + 0.1 * random.normal()],
  ])('throughput in 20 blocks of a %s machine', (_, speed) => {
    const { below, above } = misses(10_000, 1000, (random) => {
      const blocks = Array.from({ length: 20 }, () => 50 * speed(random))
      const found = boundRate(blocks, 50, confidence)
      if (found === undefined) throw new Error('no bounds')
      return found
    })
    expect(Math.max(below, above)).toBeLessThanOrEqual(0.06)
  })

  test.each([
    ['median', 0.5],
    ['90th percentile', 0.9],
    ['99th percentile', 0.99],
  ])('the ratio of the %s of two models that are equally fast', (_, quantile) => {
    const { below, above } = misses(2000, 1, (random) => {
      const blocks = Array.from({ length: 10 }, () => {
        const mood = 1 + 0.3 * random.next()
        const side = () =>
          Float64Array.from({ length: 40 }, () => mood * (1 + exponential(random, 1)))
        return { own: side(), reference: side() }
      })
      const found = boundQuantileRatio(blocks, quantile, confidence)
      if (found === undefined) throw new Error('no bounds')
      return found
    })
    expect(Math.max(below, above)).toBeLessThanOrEqual(0.06)
  })
})
