import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { noncentralityBounds, noncentralLowerTail } from '../../statistics/chi-square.ts'
import { aucOfGroups } from '../leakage/leakage-auc.ts'
import {
  cramersV,
  jensenShannonDistance,
  kolmogorovSmirnov,
  largestDifference,
  type Pair,
  stabilityIndex,
  stretchesOf,
  totalVariation,
  wassersteinOf,
} from './drift-scores.ts'

interface Counts {
  readonly reference: readonly number[]
  readonly live: readonly number[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/golden/verify/drift.json', import.meta.url), 'utf8'),
) as {
  readonly histograms: readonly (Counts &
    Record<'psi' | 'js_distance' | 'tvd' | 'linf' | 'ks' | 'cramers_v', number>)[]
  readonly wasserstein: readonly (Counts & { edges: readonly number[]; distance: number })[]
  readonly noncentral: readonly {
    x: number
    degrees: number
    noncentrality: number
    cdf: number
  }[]
  readonly areas: readonly { x: readonly number[]; y: readonly number[]; auc: number }[]
}

const pairs = ({ reference, live }: Counts): Pair[] =>
  reference.map((count, at) => ({ reference: count, live: live[at] ?? 0 }))

describe('scores agree with SciPy', () => {
  for (const [at, one] of golden.histograms.entries())
    it(`histogram ${at} of ${one.reference.length} bins`, () => {
      const bins = pairs(one)
      expect(stabilityIndex(bins)).toBeCloseTo(one.psi, 12)
      expect(jensenShannonDistance(bins)).toBeCloseTo(one.js_distance, 7)
      expect(totalVariation(bins)).toBeCloseTo(one.tvd, 12)
      expect(largestDifference(bins)).toBeCloseTo(one.linf, 12)
      expect(kolmogorovSmirnov(bins)).toBeCloseTo(one.ks, 9)
      expect(cramersV(bins)).toBeCloseTo(one.cramers_v, 7)
    })
  for (const [at, { edges, reference, live, distance }] of golden.wasserstein.entries())
    it(`Wasserstein distance ${at}`, () => {
      const bins = pairs({ reference, live }).map((pair, bin) => ({
        ...{ label: '', from: edges[bin] ?? 0, to: edges[bin + 1] ?? 0 },
        ...pair,
      }))
      const column = {
        name: 'x',
        kind: 'numeric' as const,
        bins,
        referenceMissing: 0,
        liveMissing: 0,
      }
      const stretches = stretchesOf({ column, low: edges[0] ?? 0, high: edges.at(-1) ?? 0 })
      expect(wassersteinOf(stretches)).toBeCloseTo(distance, 6)
    })
  it('the non-central chi-square law, by its mixture and by its approximation', () => {
    for (const { x, degrees, noncentrality, cdf } of golden.noncentral)
      expect(noncentralLowerTail(x, degrees, noncentrality)).toBeCloseTo(cdf, 9)
    // Beyond 5000 an approximation takes over; it must not jump.
    const [below, above] = [4999.9, 5000.1].map((l) => noncentralLowerTail(5100, 19, l))
    expect(Math.abs((below ?? 0) - (above ?? 1))).toBeLessThan(2e-3)
  })
  it('the area under the curve, ties counted one half', () => {
    for (const { x, y, auc } of golden.areas) {
      const levels = [...new Set(x)].sort((a, b) => a - b)
      const groups = levels.map((level) => {
        const own = y.filter((_, at) => x[at] === level)
        const positives = own.filter((one) => one === 1).length
        return { positives, negatives: own.length - positives }
      })
      expect(aucOfGroups(groups)?.auc).toBeCloseTo(auc, 11)
    }
  })
})

describe('bounds of a noncentrality', () => {
  it('are where the tail has the probability asked for', () => {
    const { lower, upper } = noncentralityBounds(60, 19, { lower: 0.05, upper: 0.05 })
    expect(1 - noncentralLowerTail(60, 19, lower)).toBeCloseTo(0.05, 6)
    expect(noncentralLowerTail(60, 19, upper)).toBeCloseTo(0.05, 6)
  })
  it('are nothing for a statistic that chance alone would exceed', () => {
    expect(noncentralityBounds(5, 19, { lower: 0.05, upper: 0.05 })).toEqual({ lower: 0, upper: 0 })
  })
})
