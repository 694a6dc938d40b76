import { describe, expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../foundation/random.ts'
import { type Metric, metricFor } from '../metrics/metric.ts'
import type { Scored } from '../metrics/scored.ts'
import { findSlices } from './find-slices.ts'
import { splitHalves } from './split-halves.ts'
import { hypergeometricTail } from './weakness-test.ts'

const rows = 8000

function features(random: RandomStream) {
  const pick = (choices: readonly string[]) =>
    Array.from({ length: rows }, () => choices[random.below(choices.length)] ?? '')
  return new Map<string, ArrayLike<unknown>>([
    ['plan', pick(['basic', 'pro', 'team'])],
    ['region', pick(['north', 'south', 'east', 'west'])],
    ['tenure', Float64Array.from({ length: rows }, () => Math.floor(60 * random.next()))],
    ['id', Array.from({ length: rows }, (_, row) => `customer ${row}`)],
  ])
}

/** Labels of team customers in the south are guessed no better than a coin. */
function planted(): { scored: Scored; columns: ReadonlyMap<string, ArrayLike<unknown>> } {
  const random = randomStream('planted', 'test')
  const columns = features(random)
  const labels = Uint8Array.from({ length: rows }, () => (random.next() < 0.4 ? 1 : 0))
  const scores = Float64Array.from(labels, (label, row) => {
    const isWeak = columns.get('plan')?.[row] === 'team' && columns.get('region')?.[row] === 'south'
    return 1 / (1 + Math.exp(-(random.normal() + (isWeak ? 0.3 : 2.5) * label - 1.2)))
  })
  return { scored: { task: 'binary', labels, scores, threshold: 0.5 }, columns }
}

function metric(name: string): Metric {
  const found = metricFor('binary', name) ?? metricFor('regression', name)
  if (found === undefined) throw new Error(name)
  return found
}

const asked = { seed: 'search', minSupport: 30, falseDiscovery: 0.05, confidence: 0.95 }

describe('a search for weak slices', () => {
  const { scored, columns } = planted()
  it.each(['accuracy', 'recall', 'log_loss', 'roc_auc', 'f1'])(
    'finds where the model was made weak: %s',
    (name) => {
      const found = findSlices({ scored, columns, metric: metric(name), ...asked })
      const [worst, ...others] = found.slices
      expect(worst?.name).toBe('plan=team x region=south')
      expect(worst).toMatchObject({ isConfirmed: true })
      expect(worst?.p).toBeLessThan(1e-4)
      expect(worst?.rows).toBeGreaterThan(200)
      const { lower = 0, upper = 0, outside = 0 } = worst ?? {}
      expect(outside < lower || outside > upper).toBe(true)
      expect(others.filter(({ isConfirmed }) => isConfirmed).length).toBeLessThanOrEqual(4)
    },
  )

  it('says what it cannot look into', () => {
    const found = findSlices({ scored, columns, metric: metric('accuracy'), ...asked })
    expect(found.skipped).toEqual([{ column: 'id', because: 'it has 8000 values' }])
    expect(found.searchRows + found.confirmRows).toBe(rows)
    expect(found.searched).toBeGreaterThan(40)
  })

  it('gives the same answer again', () => {
    const once = () => findSlices({ scored, columns, metric: metric('recall'), ...asked })
    expect(once()).toEqual(once())
  })

  it('works on the errors of a regression model, also in a numeric feature', () => {
    const random = randomStream('regression', 'test')
    const own = features(random)
    const labels = Float64Array.from({ length: rows }, () => random.normal())
    const scores = labels.map(
      (label, row) => label + random.normal() * (Number(own.get('tenure')?.[row]) < 10 ? 1.5 : 0.5),
    )
    const regression: Scored = { task: 'regression', labels, scores }
    const found = findSlices({ scored: regression, columns: own, metric: metric('mae'), ...asked })
    expect(found.slices[0]).toMatchObject({
      isConfirmed: true,
      name: expect.stringMatching(/^tenure < 1[456]/),
    })
  })

  it('finds nothing in an empty holdout', () => {
    const empty: Scored = {
      ...{ task: 'binary', threshold: 0.5 },
      ...{ labels: new Uint8Array(), scores: new Float64Array() },
    }
    const found = findSlices({
      scored: empty,
      columns: new Map(),
      metric: metric('recall'),
      ...asked,
    })
    expect(found.slices).toEqual([])
  })
})

describe('the halves', () => {
  it('are about equal, keep entities together and do not move when rows are added', () => {
    const keys = Array.from({ length: 2000 }, (_, row) => `c${row >> 1}`)
    const { first, second } = splitHalves(keys, 2000, 'a')
    expect(Math.abs(first.length - 1000)).toBeLessThan(100)
    const half = new Set(first)
    expect(keys.every((_, row) => half.has(row) === half.has(row ^ 1))).toBe(true)
    const fewer = splitHalves(keys.slice(0, 100), 100, 'a')
    expect([...fewer.first]).toEqual([...first].filter((row) => row < 100))
    expect(second.length + first.length).toBe(2000)
  })
})

it("Fisher's one-sided p agrees with SciPy", () => {
  // scipy.stats.hypergeom.sf(found - 1, all, bad, drawn), SciPy 1.17.1
  expect(hypergeometricTail(8, 10, 20, 100)).toBeCloseTo(2.378274964037914e-5, 15)
  expect(hypergeometricTail(30, 200, 500, 10_000)).toBeCloseTo(5.708804770054603e-8, 17)
})
