import { describe, expect, it } from 'vitest'
import golden from '../../../test/golden/verify/fairness.json' with { type: 'json' }
import { metricNamed, type ProportionName } from '../metrics/binary-metrics.ts'
import { findGap, rateOf } from './gap.ts'
import { confusionByGroup, countsByGroup, rowsByGroup } from './group-counts.ts'

const scored = {
  labels: Uint8Array.from(golden.labels),
  scores: Float64Array.from(golden.scores),
  threshold: golden.threshold,
}
const question = { confidence: 0.95, minSupport: 1 }

describe('group rates and gaps agree with Fairlearn', () => {
  const confusions = confusionByGroup(scored, golden.groups)
  for (const [name, rates] of Object.entries(golden.byGroup)) {
    it(name, () => {
      const counts = countsByGroup(metricNamed(name) as ProportionName, confusions)
      expect(Object.fromEntries(counts.map((count) => [count.group, rateOf(count)]))).toEqual(rates)
      const { gap } = findGap(counts, question)
      const difference = golden.difference[name as keyof typeof golden.difference]
      expect(gap?.estimate).toBeCloseTo(difference, 12)
    })
  }
})

describe('the gap between groups', () => {
  const group = (name: string | null, successes: number, trials: number) => ({
    group: name,
    successes,
    trials,
  })

  it('of the census model that trains well is shown to be under 0.10', () => {
    const { gap } = findGap([group('Male', 1103, 2247), group('Female', 271, 612)], question)
    expect(gap?.estimate).toBeCloseTo(0.048, 3)
    expect(gap?.upper).toBeLessThan(0.1)
  })

  it('of the census model that neglects women is shown to be over 0.10', () => {
    const { gap } = findGap([group('Male', 1346, 2247), group('Female', 206, 612)], question)
    expect(gap?.estimate).toBeCloseTo(0.262, 3)
    expect(gap?.lower).toBeGreaterThan(0.21)
  })

  it('between small groups is not known: they are listed, not dropped', () => {
    const groups = [group('White', 900, 2600), group('Black', 60, 160), group('Other', 5, 20)]
    const { gap, unsupported } = findGap(groups, { confidence: 0.95, minSupport: 30 })
    expect(unsupported.map(({ group: name }) => name)).toEqual(['Other'])
    expect(gap?.upper).toBeGreaterThan(0.1)
    expect(gap?.lower).toBe(0)
  })

  it('needs two groups', () => {
    expect(findGap([group('all', 5, 100)], question).gap).toBeUndefined()
    expect(findGap([], question).gap).toBeUndefined()
  })

  it('counts a missing value as a group of its own', () => {
    const few = { labels: Uint8Array.of(1, 1, 0), scores: Float64Array.of(1, 0, 0), threshold: 0.5 }
    const [known, missing] = confusionByGroup(few, ['a', null, null])
    expect(known).toEqual({ group: 'a', tp: 1, fp: 0, fn: 0, tn: 0 })
    expect(missing).toEqual({ group: null, tp: 0, fp: 0, fn: 1, tn: 1 })
    expect([...rowsByGroup(['a', null, 'a']).values()].map((rows) => [...rows])).toEqual([
      [0, 2],
      [1],
    ])
  })
})
