// The bootstrap decides where there is no formula: its bounds are wrong as rarely as they say (rows; entities and days stand beside it).
import { describe, it } from 'vitest'
import { boundMetric, boundPair } from '../../../src/verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../../src/verify/metrics/metric-statistics.ts'
import { measurePair } from '../../../src/verify/metrics/paired-statistics.ts'
import { normalCdf } from '../../../src/verify/statistics/special-functions.ts'
import { atLimit, expectHonest, rankers, rates, z } from './error-rates.ts'

const shift = 1.2
const ranker = { rows: 400, prevalence: 0.4, shift, shared: 0.6 }

describe('one model exactly at its limit', () => {
  it('a ranking metric without a formula: the bootstrap, BCa', () => {
    const truth = averagePrecisionOfShift(shift, 0.4)
    expectHonest(
      rates('average precision against a limit, bootstrap BCa, 80 of 200 positive', (random) => {
        const { own } = rankers(random, { ...ranker, rows: 200 })
        return atLimit(boundMetric(measureMetric('average_precision', own), z), truth)
      }),
    )
  })
})

describe('two models that are equally good', () => {
  it('a metric without a formula: the paired bootstrap', () => {
    expectHonest(
      rates(
        'average precision against the champion, paired bootstrap, 60 of 150 positive',
        (random) => {
          const given = { rows: 150, prevalence: 0.4, shift: 1.2, shared: 0.7 }
          const { own, other } = rankers(random, given)
          return atLimit(boundPair(measurePair('average_precision', own, other), z), 0)
        },
      ),
    )
  })
})

/** ∫ precision d recall of the population: negatives N(0, 1), positives N(shift, 1). */
function averagePrecisionOfShift(distance: number, prevalence: number): number {
  let sum = 0
  const steps = 20_000
  for (let step = 0; step < steps; step++) {
    const at = -8 + (16 * (step + 0.5)) / steps
    const density = Math.exp(-((at - distance) ** 2) / 2) / Math.sqrt(2 * Math.PI)
    const found = prevalence * (1 - normalCdf(at - distance))
    const selected = found + (1 - prevalence) * (1 - normalCdf(at))
    sum += selected > 0 ? ((density * found) / selected) * (16 / steps) : 0
  }
  return sum
}
