// One model against a limit that it meets exactly: it is shown to be above it, and below it, in at most 5 % of holdouts and a point.
import { describe, it } from 'vitest'
import { boundMetric } from '../../../src/verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../../src/verify/metrics/metric-statistics.ts'
import type { BinaryScored, RegressionScored } from '../../../src/verify/metrics/scored.ts'
import { fewestForMean } from '../../../src/verify/metrics/skewed-mean.ts'
import { normalCdf } from '../../../src/verify/statistics/special-functions.ts'
import {
  atLimit,
  aucOfShift,
  binomial,
  clustered,
  expectHonest,
  rankers,
  rates,
  z,
} from './error-rates.ts'

const shift = 1.2
const ranker = { rows: 400, prevalence: 0.2, shift, shared: 0.6 }

describe('a model exactly at its limit', () => {
  it('a rate: Clopper-Pearson', () => {
    const truth = normalCdf(shift)
    expectHonest(
      rates('recall against a limit, Clopper-Pearson, 80 positives', (random) => {
        const trials = 80
        const count = { successes: binomial(random, trials, truth), trials }
        return atLimit(boundMetric({ method: 'proportion', ...count }, z), truth)
      }),
    )
  })

  it('an AUC: DeLong', () => {
    const truth = aucOfShift(shift)
    expectHonest(
      rates('ROC AUC against a limit, DeLong, 80 of 400 positive', (random) => {
        const { own } = rankers(random, ranker)
        return atLimit(boundMetric(measureMetric('roc_auc', own), z), truth)
      }),
    )
  })

  it('a mean of skewed losses: the t interval with its skewness corrected', () => {
    // Squared normal errors: skewness 2.8, as log loss with some confident mistakes.
    for (const rows of [fewestForMean, 100]) {
      const decide = (random: Parameters<typeof rankers>[0]) => {
        const scores = Float64Array.from({ length: rows }, () => random.normal())
        const labels = new Float64Array(rows)
        const scored: RegressionScored = { task: 'regression', labels, scores }
        return atLimit(boundMetric(measureMetric('mse', scored), z), 1)
      }
      const name = `mean squared error against a limit, skewness 2.8, ${rows} rows`
      expectHonest(rates(name, decide, 20_000))
    }
  })
})

describe('rows that belong together', () => {
  it('a rate by entity: linearised Wilson', () => {
    expectHonest(
      rates('specificity by entity, 60 entities of 1 to 9 rows', (random) =>
        atLimit(boundMetric(measureMetric('specificity', clustered(random, 60, shift)), z), 0.5),
      ),
    )
  })

  it.each([60, 100])('an AUC by %i entities: DeLong by entity', (entities) => {
    const decide = (random: Parameters<typeof rankers>[0]) => {
      const found = measureMetric('roc_auc', clustered(random, entities, shift))
      return atLimit(boundMetric(found, z), aucOfShift(shift))
    }
    const name = `ROC AUC by entity, DeLong, ${entities} entities of 1 to 9 rows`
    expectHonest(rates(name, decide, 10_000))
  })

  it('weighted rows: linearised', () => {
    expectHonest(
      rates('weighted recall, weights 1 to 10, 150 positives', (random) => {
        const labels = new Uint8Array(150).fill(1)
        const weights = Float64Array.from(labels, () => 1 + 9 * random.next() ** 3)
        const scores = Float64Array.from(labels, () => (random.next() < 0.7 ? 1 : 0))
        const scored: BinaryScored = { task: 'binary', labels, scores, weights, threshold: 0.5 }
        return atLimit(boundMetric(measureMetric('recall', scored), z), 0.7)
      }),
    )
  })
})
