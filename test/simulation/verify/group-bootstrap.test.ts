// The bootstrap where rows belong together: entities and days are drawn whole, and bounds are wrong as rarely as they say.
import { describe, it } from 'vitest'
import { boundMetric, boundPair } from '../../../src/verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../../src/verify/metrics/metric-statistics.ts'
import { measurePair } from '../../../src/verify/metrics/paired-statistics.ts'
import {
  atLimit,
  aucOfShift,
  clustered,
  expectHonest,
  type rankers,
  rates,
  z,
} from './error-rates.ts'

const shift = 1.2

describe('rows that belong together', () => {
  it('an AUC by entity: the bootstrap', () => {
    expectHonest(
      rates('ROC AUC by entity, cluster bootstrap, 100 entities of 1 to 5 rows', (random) => {
        const found = measureMetric('roc_auc', clustered(random, 100, shift, 5))
        return atLimit(boundMetric(found, z), aucOfShift(shift))
      }),
    )
  })
  it('a median by day: the block bootstrap', () => {
    expectHonest(
      rates(
        'median absolute error against the champion, block bootstrap, 40 days of 5 rows',
        (random) => {
          const luck = Float64Array.from({ length: 40 }, () => random.normal())
          const { own, other } = exchangeable(random, luck)
          const blocks = Uint32Array.from(own.scores, (_, row) => Math.floor(row / 5))
          return atLimit(boundPair(measurePair('medae', { ...own, blocks }, other), z), 0)
        },
      ),
    )
  })
})

type Random = Parameters<typeof rankers>[0]

/** Two models that are equally good by symmetry, with errors that go together within a day. */
function exchangeable(random: Random, luck: Float64Array) {
  const labels = new Float64Array(luck.length * 5)
  const scores = () =>
    Float64Array.from(labels, (_, row) => 0.7 * (luck[Math.floor(row / 5)] ?? 0) + random.normal())
  const shape = { task: 'regression' as const, labels }
  return { own: { ...shape, scores: scores() }, other: { ...shape, scores: scores() } }
}
