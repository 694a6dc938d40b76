// More metrics without a formula, one model exactly at its limit: a root, a coefficient of counts, a largest difference, a metric
// that is never below 0. Each has its own trouble with replicates: skewness, discreteness, a bias that a sample hides, an end.
import { describe, it } from 'vitest'
import { boundMetric } from '../../../src/verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../../src/verify/metrics/metric-statistics.ts'
import type { RegressionScored } from '../../../src/verify/metrics/scored.ts'
import { normalCdf } from '../../../src/verify/statistics/special-functions.ts'
import { atLimit, expectHonest, rankers, rates, z } from './error-rates.ts'

const shift = 1.2

describe('one model exactly at its limit', () => {
  it('a root mean squared error: BCa', () => {
    const rows = 60
    expectHonest(
      rates('RMSE against a limit, bootstrap BCa, 60 rows', (random) => {
        const labels = new Float64Array(rows)
        const scores = labels.map(() => random.normal())
        const scored: RegressionScored = { task: 'regression', labels, scores }
        return atLimit(boundMetric(measureMetric('rmse', scored), z), 1)
      }),
    )
  })

  it('a correlation of counts: BCa', () => {
    // Of the population at 0.5: positives N(shift, 1) and negatives N(0, 1), seen through the normal distribution function.
    const [recall, fpr, prevalence] = [normalCdf(shift), 0.5, 0.4]
    const selected = prevalence * recall + (1 - prevalence) * fpr
    const covariance = prevalence * recall - prevalence * selected
    const truth = covariance / Math.sqrt(prevalence * (1 - prevalence) * selected * (1 - selected))
    expectHonest(
      rates('MCC against a limit, bootstrap BCa, 100 rows', (random) => {
        const { own } = rankers(random, { rows: 100, prevalence, shift, shared: 0.6 })
        return atLimit(boundMetric(measureMetric('mcc', own), z), truth)
      }),
    )
  })

  it('a Kolmogorov-Smirnov distance: its replicates show too little of its bias', () => {
    const truth = 2 * normalCdf(shift / 2) - 1
    expectHonest(
      rates('KS against a limit, bootstrap on the safe side, 60 of 150 positive', (random) => {
        const { own } = rankers(random, { rows: 150, prevalence: 0.4, shift, shared: 0.6 })
        return atLimit(boundMetric(measureMetric('ks', own), z), truth)
      }),
    )
  })

  it('an expected calibration error', () => {
    // One score a bin, always 0.1 below the share of positives: the truth is 0.1 in every bin.
    expectHonest(
      rates('ECE against a limit, bootstrap, 300 rows in 5 bins', (random) => {
        const scores = Float64Array.from({ length: 300 }, () => 0.1 + 0.2 * random.below(4))
        const labels = Uint8Array.from(scores, (score) => (random.next() < score + 0.1 ? 1 : 0))
        const scored = { task: 'binary' as const, labels, scores, threshold: 0.5 }
        return atLimit(boundMetric(measureMetric('ece@5u', scored), z), 0.1)
      }),
    )
  })
})
