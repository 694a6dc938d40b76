// The numbers behind a card: curves stay close to the rows, predictions come back as they were, differences are tested pair by pair.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRefusal } from '../../foundation/refusal.ts'
import { digest } from '../sample-release.ts'
import { compareMetrics } from './compare-metrics.ts'
import {
  calibrationBins,
  precisionRecallPoints,
  rocPoints,
  scoreHistogram,
  thinned,
} from './curve-points.ts'
import { performanceFacts } from './performance-facts.ts'
import { decodePredictions, encodePredictions } from './predictions.ts'
import { profileFacts } from './profile-facts.ts'
import { profile, sampleCard, scoredRows } from './sample-card.ts'

const scored = scoredRows(3000)

test('a curve of few points has nearly the area of the curve of all rows', () => {
  const roc = rocPoints(scored)
  const area = roc.slice(1).reduce((sum, [x, y], at) => {
    const [before, below] = roc[at] ?? [0, 0]
    return sum + (x - before) * ((y + below) / 2)
  }, 0)
  const auc = performanceFacts(scored).metrics.find(({ name }) => name === 'roc_auc')?.estimate
  expect(roc.length).toBeLessThanOrEqual(200)
  expect(area).toBeCloseTo(auc ?? 0, 3)
  expect(precisionRecallPoints(scored).at(-1)?.[0]).toBe(1)
})

test('thinning keeps both ends and leaves no gap wider than its step', () => {
  const point = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 300 }), (points) => {
      const kept = thinned(points, 50)
      expect(kept.length).toBeLessThanOrEqual(50)
      expect(kept[0]?.[0]).toBeCloseTo(points[0]?.[0] ?? 0, 4)
      expect(kept.at(-1)?.[1]).toBeCloseTo(points.at(-1)?.[1] ?? 0, 4)
    }),
  )
})

test('histogram and calibration count every row once', () => {
  const { positives, negatives } = scoreHistogram(scored)
  const total = [...positives, ...negatives].reduce((sum, count) => sum + count, 0)
  expect(total).toBe(3000)
  expect(calibrationBins(scored).reduce((sum, bin) => sum + bin.rows, 0)).toBe(3000)
})

test('one class only gives no curve and no AUC, and no error', () => {
  const facts = performanceFacts({ ...scored, labels: new Uint8Array(3000) })
  expect(facts.roc).toEqual([])
  expect(facts.metrics.find(({ name }) => name === 'roc_auc')?.estimate).toBeNull()
})

test('a profile becomes quantiles and shapes', () => {
  const [age, job] = profileFacts(profile).columns
  expect(age).toMatchObject({ name: 'age', missing: 2, quantiles: [2, 10, 15, 20, 36] })
  expect(job).toMatchObject({
    shares: [
      { value: 'cook', share: 0.9 },
      { value: 'clerk', share: 0.1 },
    ],
  })
})

test('predictions come back bit for bit, in four bytes where that is enough', () => {
  const score = fc.oneof(fc.float({ noNaN: true }), fc.double({ noNaN: true }))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(0, 1), score)), (rows) => {
      const given = {
        labels: Uint8Array.from(rows, ([label]) => label),
        scores: Float64Array.from(rows, ([, value]) => value),
      }
      expect(decodePredictions(encodePredictions(given))).toEqual(given)
    }),
  )
  expect(encodePredictions(scored).length).toBeLessThan(3000 * 5)
})

test('damaged predictions are refused, never guessed', () => {
  const bytes = encodePredictions(scored)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), (length) => {
      expect(isRefusal(decodePredictions(bytes.subarray(0, length)))).toBe(true)
    }),
    { numRuns: 50 },
  )
  expect(isRefusal(decodePredictions(Buffer.from('not gzip')))).toBe(true)
})

test('on the same rows a small gain is told from noise; on other rows nothing is claimed', () => {
  const release = (shift: number, holdout: string) => {
    const rows = scoredRows(3000, shift)
    const predictions = { digest: digest('p'), rows: 3000, holdout: digest(holdout) }
    return {
      facts: { ...sampleCard().facts, performance: performanceFacts(rows), predictions },
      predictions: rows,
    }
  }
  const { metrics, comparison } = compareMetrics(release(0, 'a'), release(0.3, 'a'))
  expect(comparison).toContain('paired on the same 3,000 holdout rows')
  expect(metrics.find(({ metric }) => metric === 'roc_auc')).toMatchObject({ verdict: 'better' })
  expect(metrics.find(({ metric }) => metric === 'log_loss')?.verdict).toBe('better')

  const same = compareMetrics(release(0, 'a'), release(0, 'a'))
  expect(
    same.metrics.filter(({ verdict }) => verdict !== 'equal' && verdict !== 'within_noise'),
  ).toEqual([])

  const other = compareMetrics(release(0, 'a'), release(0.3, 'b'))
  expect(other.comparison).toContain('different holdout rows, so differences cannot be tested')
  expect(new Set(other.metrics.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']))
})
