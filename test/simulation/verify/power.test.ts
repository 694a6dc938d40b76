// Planning keeps its word: with the rows it asks for, a decision is made as often as planned (80 %).
import { describe, it } from 'vitest'
import { boundMetric, boundPair } from '../../../src/verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../../src/verify/metrics/metric-statistics.ts'
import { measurePair } from '../../../src/verify/metrics/paired-statistics.ts'
import type { RegressionScored } from '../../../src/verify/metrics/scored.ts'
import {
  rowsForAuc,
  rowsForMean,
  rowsForPairedProportion,
  rowsForProportion,
} from '../../../src/verify/statistics/power.ts'
import { aucOfShift, binomial, expectPower, rankers, rates, z } from './error-rates.ts'

const usual = { confidence: 0.95, power: 0.8 }

describe('with the planned rows a decision is made as often as planned', () => {
  it('a rate against a limit', () => {
    const trials = rowsForProportion({ rate: 0.85, limit: 0.82 }, usual)
    const { decided = 0 } = rates(
      `power, recall 0.85 against 0.82, ${trials} positives`,
      (random) => {
        const count = { successes: binomial(random, trials, 0.85), trials }
        return { decided: (boundMetric({ method: 'proportion', ...count }, z).lower ?? 0) >= 0.82 }
      },
    )
    expectPower(decided)
  })

  it('paired accuracy at a margin', () => {
    const rows = rowsForPairedProportion(0.06, 0.02, usual)
    const { decided = 0 } = rates(`power, paired accuracy, margin 0.02, ${rows} rows`, (random) => {
      let gained = 0
      let lost = 0
      for (let row = 0; row < rows; row++) {
        const u = random.next()
        if (u < 0.03) gained++
        else if (u < 0.06) lost++
      }
      const pair = {
        method: 'paired_proportion' as const,
        own: gained / rows,
        reference: lost / rows,
      }
      const bounds = boundPair({ ...pair, gained, lost, trials: rows }, z)
      return { decided: (bounds.lower ?? -1) > -0.02 }
    })
    expectPower(decided)
  })

  it('an AUC against a limit', () => {
    const auc = aucOfShift(1.2)
    const question = { auc, prevalence: 0.3, effect: 0.05, correlation: null, ...usual }
    const rows = rowsForAuc(question)
    const { decided = 0 } = rates(`power, ROC AUC 0.80 against 0.75, ${rows} rows`, (random) => {
      const { own } = rankers(random, { rows, prevalence: 0.3, shift: 1.2, shared: 0.6 })
      const bounds = boundMetric(measureMetric('roc_auc', own), z)
      return { decided: (bounds.lower ?? 0) > auc - 0.05 }
    })
    expectPower(decided)
  })

  it('two AUCs on the same rows', () => {
    const auc = aucOfShift(1.2)
    // Scores that share 0.8 of their variance within a class: the AUCs of such pairs correlate by about 0.78.
    const question = { auc, prevalence: 0.3, effect: 0.03, correlation: 0.78, ...usual }
    const rows = rowsForAuc(question)
    const { decided = 0 } = rates(`power, paired ROC AUC, margin 0.03, ${rows} rows`, (random) => {
      const { own, other } = rankers(random, { rows, prevalence: 0.3, shift: 1.2, shared: 0.8 })
      const bounds = boundPair(measurePair('roc_auc', own, other), z)
      return { decided: (bounds.lower ?? -1) > -0.03 }
    })
    expectPower(decided)
  })

  it('a mean of losses', () => {
    // |N(0, 1)| has mean √(2/π) and variance 1 − 2/π.
    const truth = Math.sqrt(2 / Math.PI)
    const rows = rowsForMean(Math.sqrt(1 - 2 / Math.PI), 0.05, usual)
    const { decided = 0 } = rates(
      `power, mean absolute error 0.80 against 0.85, ${rows} rows`,
      (random) => {
        const scores = Float64Array.from({ length: rows }, () => random.normal())
        const scored: RegressionScored = {
          task: 'regression',
          labels: new Float64Array(rows),
          scores,
        }
        const bounds = boundMetric(measureMetric('mae', scored), z)
        return { decided: (bounds.upper ?? 9) < truth + 0.05 }
      },
    )
    expectPower(decided)
  })
})
