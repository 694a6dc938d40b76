import { describe, expect, it } from 'vitest'
import golden from '../../../test/golden/verify/binary.json' with { type: 'json' }
import { randomStream } from '../../foundation/random.ts'
import { resample } from './bootstrap.ts'
import { rocAucOf } from './curves.ts'
import { delong, delongPair } from './delong.ts'
import { metricFor } from './metric.ts'
import { boundMetric, boundPair } from './metric-bounds.ts'
import { measureMetric } from './metric-statistics.ts'
import { measurePair } from './paired-statistics.ts'
import type { BinaryScored } from './scored.ts'
import { unitsOf } from './units.ts'

const scoredOf = (of: { labels: number[]; scores: number[]; threshold: number }): BinaryScored => ({
  task: 'binary',
  labels: Uint8Array.from(of.labels),
  scores: Float64Array.from(of.scores),
  threshold: of.threshold,
})

describe('metrics agree with scikit-learn to 1e-9', () => {
  for (const given of golden.cases) {
    it(given.name, () => {
      for (const [name, expected] of Object.entries(given.expected)) {
        const metric = metricFor('binary', name)
        expect(metric, name).toBeDefined()
        const value = metric?.value(scoredOf(given))
        if (expected === null) expect(value, name).toBeUndefined()
        else expect(Math.abs((value ?? Number.NaN) - expected), name).toBeLessThan(1e-9)
      }
    })
  }
})

describe('DeLong agrees with its definition', () => {
  for (const given of golden.cases) {
    if (given.other === undefined || given.delong === undefined) continue
    const [auc = 0, other = 0, se = 0, otherSe = 0, pairSe = 0] = given.delong
    it(given.name, () => {
      const { labels, scores } = scoredOf(given)
      const reference = Float64Array.from(given.other ?? [])
      const own = delong(labels, scores)
      const pair = delongPair(labels, scores, reference)
      expect(own?.auc).toBeCloseTo(auc, 12)
      expect(own?.se).toBeCloseTo(se, 12)
      expect(delong(labels, reference)?.se).toBeCloseTo(otherSe, 12)
      expect(pair?.reference).toBeCloseTo(other, 12)
      expect(pair?.se).toBeCloseTo(pairSe, 9)
    })
  }
})

function makeRows(rows: number, seed: number): { own: BinaryScored; worse: BinaryScored } {
  const random = randomStream(seed, 'rows')
  const labels = Uint8Array.from({ length: rows }, () => (random.next() < 0.1 ? 1 : 0))
  const logits = Float64Array.from(labels, (label) => random.normal() + 2 * label - 2.5)
  const squash = (x: number) => 1 / (1 + Math.exp(-x))
  return {
    own: { task: 'binary', labels, scores: logits.map(squash), threshold: 0.3 },
    worse: {
      task: 'binary',
      labels,
      scores: logits.map((x) => squash(x + 1.5 * random.normal())),
      threshold: 0.3,
    },
  }
}

const everyMetric: string[] = [
  'roc_auc',
  'average_precision',
  'log_loss',
  'brier',
  'ece@15u',
  'f1',
  'balanced_accuracy',
  'accuracy',
  'precision',
  'recall',
  'specificity',
  'fpr',
  'fnr',
  'npv',
  'selection_rate',
]

describe('bounds', () => {
  const { own, worse } = makeRows(4000, 1)
  it('enclose the estimate for every metric and narrow with more rows', () => {
    const more = makeRows(16_000, 2).own
    for (const name of everyMetric) {
      const some = boundMetric(measureMetric(name, own), 1.645)
      const many = boundMetric(measureMetric(name, more), 1.645)
      const { estimate = Number.NaN, lower = Number.NaN, upper = Number.NaN } = some
      expect(lower, name).toBeLessThan(estimate)
      expect(upper, name).toBeGreaterThan(estimate)
      expect((many.upper ?? 1) - (many.lower ?? 0), name).toBeLessThan(upper - lower)
      expect(estimate, name).toBeCloseTo(metricFor('binary', name)?.value(own) ?? Number.NaN, 12)
    }
  })

  it('pairing finds a worse model, and nothing between a model and itself', () => {
    for (const name of everyMetric) {
      const same = boundPair(measurePair(name, own, own), 1.645)
      expect(same.estimate, name).toBe(0)
      expect(same.lower, name).toBeLessThanOrEqual(0)
      expect(same.upper, name).toBeGreaterThanOrEqual(0)
      const { estimate = Number.NaN } = boundPair(measurePair(name, own, worse), 1.645)
      const difference =
        (metricFor('binary', name)?.value(own) ?? 0) -
        (metricFor('binary', name)?.value(worse) ?? 0)
      expect(estimate, name).toBeCloseTo(difference, 11)
    }
    expect(boundPair(measurePair('roc_auc', own, worse), 1.645).lower).toBeGreaterThan(0)
    expect(boundPair(measurePair('average_precision', own, worse), 1.645).lower).toBeGreaterThan(0)
  })

  it('the bootstrap repeats, and agrees with DeLong where both are known', () => {
    expect(measureMetric('ece@15u', own)).toEqual(measureMetric('ece@15u', own))
    const rows = own.labels.length
    const spread = resample({ units: unitsOf(own), rows, estimate: 0.9 }, rocAucOf(own))
    expect((spread?.se ?? 0) / (delong(own.labels, own.scores)?.se ?? 1)).toBeCloseTo(1, 0.7)
  })

  it('a perfect model on few rows is not certain', () => {
    const labels = Uint8Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    const scores = Float64Array.from(labels, (label) => label)
    const { estimate, lower } = boundMetric(
      measureMetric('roc_auc', { task: 'binary', labels, scores, threshold: 0.5 }),
      1.645,
    )
    expect(estimate).toBe(1)
    expect(lower).toBeLessThan(0.7)
  })

  it('one class has no AUC, no rows have nothing, and the reason says so', () => {
    const scored: BinaryScored = {
      task: 'binary',
      labels: Uint8Array.of(0, 0, 0),
      scores: Float64Array.of(0.1, 0.2, 0.3),
      threshold: 0.5,
    }
    const bounds = boundMetric(measureMetric('roc_auc', scored), 1.645)
    expect(bounds.estimate).toBeUndefined()
    expect(bounds.because).toContain('0 positives and 3 negatives')
    const empty: BinaryScored = {
      task: 'binary',
      labels: new Uint8Array(),
      scores: new Float64Array(),
      threshold: 0.5,
    }
    for (const name of everyMetric) {
      expect(boundMetric(measureMetric(name, empty), 1.645).estimate, name).toBeUndefined()
    }
  })
})
