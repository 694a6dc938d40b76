// Error rates of the fixed-sample decisions of gates: a check at its limit passes in at most 5 % of holdouts (and one point).
import { describe, expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import { boundMetric, boundPair } from '../../../src/verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../../src/verify/metrics/metric-statistics.ts'
import { measurePair } from '../../../src/verify/metrics/paired-statistics.ts'
import { normalCdf, normalQuantile } from '../../../src/verify/statistics/special-functions.ts'

const runs = 2000
const z = normalQuantile(0.95)
const ceiling = 0.06

function shareOf(seed: string, holds: (random: RandomStream) => boolean): number {
  const random = randomStream(seed, 'runs')
  let held = 0
  for (let run = 0; run < runs; run++) if (holds(random)) held++
  return held / runs
}

function binomial(random: RandomStream, trials: number, p: number): number {
  let successes = 0
  for (let trial = 0; trial < trials; trial++) if (random.next() < p) successes++
  return successes
}

describe('a metric exactly at its limit', () => {
  const shift = 1.2
  const rows = 400
  const draw = (random: RandomStream, noise: number) => {
    const labels = new Uint8Array(rows)
    const scores = new Float64Array(rows)
    const other = new Float64Array(rows)
    for (let row = 0; row < rows; row++) {
      labels[row] = random.next() < 0.2 ? 1 : 0
      const signal = shift * (labels[row] ?? 0) + 0.8 * random.normal()
      scores[row] = normalCdf(signal + noise * random.normal())
      other[row] = normalCdf(signal + noise * random.normal())
    }
    return {
      own: { task: 'binary' as const, labels, scores, threshold: 0.5 },
      other: { task: 'binary' as const, labels, scores: other, threshold: 0.5 },
    }
  }
  // Both models add noise 0.6 to a signal of spread 0.8: scores of spread 1 in each class, AUC = Φ(shift / √2).
  const auc = normalCdf(shift / Math.SQRT2)
  const sensitivity = normalCdf(shift)

  it('passes, and fails, in at most 5 % of holdouts', () => {
    const count = {
      auc: 0,
      aucFails: 0,
      recall: 0,
      recallFails: 0,
      champion: 0,
      fails: 0,
      accuracy: 0,
    }
    const random = randomStream('metric at limit', 'runs')
    for (let run = 0; run < runs; run++) {
      const { own, other } = draw(random, 0.6)
      const ofAuc = boundMetric(measureMetric('roc_auc', own), z)
      const ofRecall = boundMetric(measureMetric('recall', own), z)
      const ofPair = boundPair(measurePair('roc_auc', own, other), z)
      const ofAccuracy = boundPair(measurePair('accuracy', own, other), z)
      if ((ofAuc.lower ?? 0) >= auc) count.auc++
      if ((ofAuc.upper ?? 1) < auc) count.aucFails++
      if ((ofRecall.lower ?? 0) >= sensitivity) count.recall++
      if ((ofRecall.upper ?? 1) < sensitivity) count.recallFails++
      if ((ofPair.lower ?? 0) > 0) count.champion++
      if ((ofPair.upper ?? 0) < 0) count.fails++
      if ((ofAccuracy.lower ?? 0) > 0) count.accuracy++
    }
    for (const [decision, times] of Object.entries(count)) {
      expect(times / runs, decision).toBeLessThanOrEqual(ceiling)
    }
  })
})

describe('an equally good challenger', () => {
  it('is not blocked by twenty slices: some slice is called worse in at most 5 % of holdouts', () => {
    const slices = 20
    const corrected = normalQuantile(0.95 ** (1 / slices))
    const blocked = shareOf('slices', (random) => {
      for (let slice = 0; slice < slices; slice++) {
        const gained = binomial(random, 200, 0.03)
        const lost = binomial(random, 200, 0.03)
        const pair = {
          method: 'paired_proportion' as const,
          own: 0,
          reference: 0,
          gained,
          lost,
          trials: 200,
        }
        if ((boundPair(pair, corrected).upper ?? 0) < 0) return true
      }
      return false
    })
    expect(blocked).toBeLessThanOrEqual(ceiling)
  })
})
