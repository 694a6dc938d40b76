// The bootstrap where rows belong together: entities and days are drawn whole, and bounds are wrong as rarely as they say.
import { describe, it } from 'vitest'
import { boundPair } from '../../../src/verify/metrics/metric-bounds.ts'
import { measurePair } from '../../../src/verify/metrics/paired-statistics.ts'
import { atLimit, clustered, expectHonest, type rankers, rates, z } from './error-rates.ts'

const shift = 1.2

describe('rows that belong together', () => {
  it('an average precision by entity, of two models that are equally good', () => {
    expectHonest(
      rates(
        'average precision by entity, cluster bootstrap, 60 entities of 1 to 3 rows',
        (random) => {
          const own = clustered(random, 60, shift, 3)
          // By symmetry either answer could have been the other model's.
          const noise = () => own.scores.map((score) => score + 0.1 * random.normal())
          const pair = [
            { ...own, scores: noise() },
            { ...own, scores: noise() },
          ] as const
          return atLimit(boundPair(measurePair('average_precision', ...pair), z), 0)
        },
      ),
    )
  })
  it('a median by day: the block bootstrap', () => {
    expectHonest(
      rates(
        'median absolute error against the champion, block bootstrap, 40 days of 3 rows',
        (random) => {
          const luck = Float64Array.from({ length: 40 }, () => random.normal())
          const { own, other } = exchangeable(random, luck)
          const blocks = Uint32Array.from(own.scores, (_, row) => Math.floor(row / 3))
          return atLimit(boundPair(measurePair('medae', { ...own, blocks }, other), z), 0)
        },
      ),
    )
  })
})

type Random = Parameters<typeof rankers>[0]

/** Two models that are equally good by symmetry, with errors that go together within a day. */
function exchangeable(random: Random, luck: Float64Array) {
  const labels = new Float64Array(luck.length * 3)
  const scores = () =>
    Float64Array.from(labels, (_, row) => 0.7 * (luck[Math.floor(row / 3)] ?? 0) + random.normal())
  const shape = { task: 'regression' as const, labels }
  return { own: { ...shape, scores: scores() }, other: { ...shape, scores: scores() } }
}
