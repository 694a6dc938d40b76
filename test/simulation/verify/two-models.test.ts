// A candidate exactly as good as the margin allows: it is let through, and refused, in at most 5 % of holdouts and a point.
import { describe, it } from 'vitest'
import { boundPair } from '../../../src/verify/metrics/metric-bounds.ts'
import { measurePair } from '../../../src/verify/metrics/paired-statistics.ts'
import type { RegressionScored } from '../../../src/verify/metrics/scored.ts'
import { fewestForMean } from '../../../src/verify/metrics/skewed-mean.ts'
import { mcnemarMidP } from '../../../src/verify/statistics/mcnemar.ts'
import { atLimit, aucOfShift, expectHonest, nominal, rankers, rates, z } from './error-rates.ts'

describe('the difference of two models on the same rows', () => {
  for (const [rows, gained, lost] of [
    [142, 0.02, 0.05],
    [400, 0.02, 0.02],
    [300, 0, 0.02],
    [2000, 0.005, 0.01],
  ] as const) {
    it(`a rate on ${rows} rows, ${100 * gained} % gained and ${100 * lost} % lost: corrected Tango`, () => {
      const name = `accuracy against the champion, corrected Tango, ${rows} rows, ${gained} gained, ${lost} lost`
      const decide = (random: Random) =>
        atLimit(boundPair(draw(random, rows, gained, gained + lost), z), gained - lost)
      expectHonest(rates(name, decide, 40_000))
    })
  }

  it('two equal models: the mid-p of McNemar', () => {
    expectHonest(
      rates('accuracy, superiority, McNemar mid-p, 300 rows', (random) => {
        const { better, worse } = mcnemarMidP(draw(random, 300, 0.04, 0.08))
        return { better: better <= nominal, worse: worse <= nominal }
      }),
    )
  })

  it('an AUC: DeLong, at a margin', () => {
    const margin = aucOfShift(1.1) - aucOfShift(1.2)
    expectHonest(
      rates('ROC AUC against the champion, DeLong, 80 of 400 positive', (random) => {
        const given = { rows: 400, prevalence: 0.2, shift: 1.1, otherShift: 1.2, shared: 0.7 }
        const { own, other } = rankers(random, given)
        return atLimit(boundPair(measurePair('roc_auc', own, other), z), margin)
      }),
    )
  })

  it('a relative limit: own − 0.95 × champion', () => {
    const limit = aucOfShift(1.1) - 0.95 * aucOfShift(1.2)
    expectHonest(
      rates('ROC AUC against the champion times 0.95, DeLong', (random) => {
        const given = { rows: 400, prevalence: 0.2, shift: 1.1, otherShift: 1.2, shared: 0.7 }
        const { own, other } = rankers(random, given)
        const pair = measurePair('roc_auc', own, other, { factor: 0.95 })
        return atLimit(boundPair(pair, z), limit)
      }),
    )
  })

  it.each([fewestForMean, 100, 200])('a mean of skewed losses of %i rows', (rows) => {
    const decide = (random: Random) => {
      const { own, other } = regressions(random, rows, () => 0)
      return atLimit(boundPair(measurePair('mse', own, other), z), 1.44 - 1)
    }
    expectHonest(rates(`mean squared error against the champion, ${rows} rows`, decide, 20_000))
  })
})

describe('rows that belong together', () => {
  it('a loss by day: linearised', () => {
    expectHonest(
      rates('mean squared error against the champion, 40 days of 10 rows', (random) => {
        const luck = Float64Array.from({ length: 40 }, () => random.normal())
        const { own, other } = regressions(random, 400, (row) => luck[Math.floor(row / 10)] ?? 0)
        const blocks = Uint32Array.from(own.scores, (_, row) => Math.floor(row / 10))
        return atLimit(boundPair(measurePair('mse', { ...own, blocks }, other), z), 0.44)
      }),
    )
  })
})

type Random = Parameters<typeof rankers>[0]

/** Gained below `gained`, lost up to `differing`. */
function draw(random: Random, trials: number, gained: number, differing: number) {
  let up = 0
  let down = 0
  for (let row = 0; row < trials; row++) {
    const u = random.next()
    if (u < gained) up++
    else if (u < differing) down++
  }
  const shares = { own: up / trials, reference: down / trials }
  return { method: 'paired_proportion' as const, ...shares, gained: up, lost: down, trials }
}

/** Errors of variance 1.44 and 1; `luck` moves both on some rows without changing their mean square. */
function regressions(random: Random, rows: number, luck: (row: number) => number) {
  const labels = new Float64Array(rows)
  const other = Float64Array.from(labels, (_, row) => {
    const shared = luck(row)
    return shared === 0 ? random.normal() : 0.6 * shared + 0.8 * random.normal()
  })
  const own = Float64Array.from(other, (score, row) => {
    const fresh = 0.3 * random.normal()
    return Math.sqrt(1.44 - 0.09) * score + fresh + 0 * row
  })
  const shape = { task: 'regression' as const, labels }
  const scored: { own: RegressionScored; other: RegressionScored } = {
    own: { ...shape, scores: own },
    other: { ...shape, scores: other },
  }
  return scored
}
