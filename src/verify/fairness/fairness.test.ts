import { describe, expect, it } from 'vitest'
import type { BinaryScored } from '../metrics/scored.ts'
import { boundGroups } from './bound-groups.ts'
import { confusionByGroup, type GroupName, rowsByGroup } from './group-counts.ts'
import { panelsOf } from './group-panels.ts'
import type { Aggregate, FairnessStatistics } from './group-statistics.ts'
import { rowsToDecide } from './rows-to-decide.ts'

/** Successes and trials by name. */
type Counts = Readonly<Record<string, readonly [number, number]>>

function statisticsOf(counts: Counts): FairnessStatistics {
  const group = (name: string, successes: number, trials: number) => ({
    ...{ group: name, isMissing: false, n: trials, values: [{ successes, trials }] },
  })
  const groups = Object.entries(counts).map(([name, [successes, trials]]) =>
    group(name, successes, trials),
  )
  const sum = (at: 0 | 1) => Object.values(counts).reduce((total, count) => total + count[at], 0)
  const overall = group('all', sum(0), sum(1))
  return { method: 'groups', panels: [{ by: 'sex', stratum: null, groups, overall }] }
}

function bound(counts: Counts, aggregate: Aggregate = 'gap', minSupport = 1) {
  const reference = aggregate.endsWith('_to') ? (Object.keys(counts)[0] ?? null) : null
  const question = { aggregate, reference, minSupport, confidence: 0.95 }
  return boundGroups(statisticsOf(counts), question)
}

describe('the gap between groups', () => {
  it('of the census model that trains well is shown to be under 0.10', () => {
    const gap = bound({ Male: [1103, 2247], Female: [271, 612] })
    expect(gap?.estimate).toBeCloseTo(0.048, 3)
    expect(gap?.upper).toBeLessThan(0.1)
  })

  it('of the census model that neglects women is shown to be over 0.10', () => {
    const gap = bound({ Male: [1346, 2247], Female: [206, 612] })
    expect(gap?.estimate).toBeCloseTo(0.262, 3)
    expect(gap?.lower).toBeGreaterThan(0.21)
  })

  it('is not known of small groups', () => {
    const gap = bound({ White: [900, 2600], Black: [60, 160], Other: [5, 20] }, 'gap', 30)
    expect(gap?.comparisons).toHaveLength(1)
    expect(gap?.upper).toBeGreaterThan(0.1)
    expect(gap?.lower).toBe(0)
  })

  it('needs two groups', () => {
    expect(bound({ all: [5, 100] })).toBeUndefined()
    expect(bound({})).toBeUndefined()
  })

  it('is not widened towards the limit by further groups, only away from it', () => {
    const two = bound({ a: [400, 1000], b: [300, 1000] })
    const five = bound({ a: [400, 1000], b: [300, 1000], c: [350, 1000], d: [350, 1000] })
    expect(five?.upper).toBeCloseTo(two?.upper ?? 0, 12)
    expect(five?.lower).toBeLessThan(two?.lower ?? 0)
  })
})

describe('other ways to compare', () => {
  it('a ratio of nobody to somebody is 0, of nobody to nobody is unknown', () => {
    expect(bound({ a: [0, 100], b: [30, 100] }, 'ratio')).toMatchObject({ estimate: 0, lower: 0 })
    const none = bound({ a: [0, 100], b: [0, 100] }, 'ratio')
    expect(none).toMatchObject({ lower: 0, upper: 1 })
    expect(none?.estimate).toBeUndefined()
  })

  it('a ratio has bounds where a group always succeeds', () => {
    const ratio = bound({ a: [100, 100], b: [90, 100] }, 'ratio')
    expect(ratio?.estimate).toBeCloseTo(0.9, 12)
    expect(ratio?.lower).toBeLessThan(0.88)
    expect(ratio?.upper).toBeGreaterThan(0.92)
  })

  it('to all rows is the difference to the others, less the own part', () => {
    const whole = bound({ a: [400, 1000], b: [300, 1000] }, 'gap_to_overall')
    const pair = bound({ a: [400, 1000], b: [300, 1000] })
    expect(whole?.estimate).toBeCloseTo(0.05, 12)
    expect(whole?.upper).toBeCloseTo((pair?.upper ?? 0) / 2, 12)
    const ratio = bound({ a: [400, 1000], b: [300, 1000] }, 'ratio_to_overall')
    expect(ratio?.estimate).toBeCloseTo(0.3 / 0.35, 12)
  })

  it('with a reference group leaves the other pairs out', () => {
    const to = bound({ a: [400, 1000], b: [300, 1000], c: [500, 1000] }, 'gap_to')
    expect(to?.estimate).toBeCloseTo(0.1, 12)
    expect(to?.comparisons.map(({ group, other }) => [group, other])).toEqual([
      [1, 0],
      [2, 0],
    ])
  })

  it('the lowest and the highest group have bounds of their own', () => {
    expect(bound({ a: [400, 1000], b: [300, 1000] }, 'group_min')?.estimate).toBe(0.3)
    expect(bound({ a: [400, 1000], b: [300, 1000] }, 'group_max')?.estimate).toBe(0.4)
  })
})

describe('rows that would decide', () => {
  const question = { limit: 0.1, confidence: 0.95, power: 0.8, comparisons: 1 } as const
  const needed = (counts: Counts) => {
    const found = bound(counts)
    if (found === undefined) throw new Error('nothing was compared')
    const asked = { ...question, aggregate: 'gap' } as const
    return rowsToDecide(statisticsOf(counts), found.worst, asked)
  }

  it('are asked of the smaller group, where that is enough', () => {
    const rows = needed({ Male: [2000, 5000], Female: [38, 100] })
    expect(rows).toMatchObject([{ group: 1, has: 100 }])
    expect(rows?.[0]?.needs).toBeGreaterThan(200)
  })

  it('and decide it, four times in five', () => {
    const [row] = needed({ Male: [20_000, 50_000], Female: [38, 100] }) ?? []
    const more = row?.needs ?? 0
    const found = bound({ Male: [20_000, 50_000], Female: [Math.round(0.38 * more), more] })
    expect(found?.upper).toBeLessThan(0.1)
  })

  it('are asked of both groups where both are small', () => {
    expect(needed({ Male: [40, 100], Female: [33, 90] })).toHaveLength(2)
  })
})

describe('groups of rows', () => {
  const columns: Readonly<Record<string, readonly GroupName[]>> = {
    sex: ['f', 'm', 'f', null],
    region: ['n', 'n', 's', 'n'],
  }
  const panels = (by: readonly string[], intersect: boolean, given: readonly string[] = []) => {
    const found = panelsOf(
      { by, intersect, given },
      (column) => columns[column] ?? 'no such column',
    )
    if (typeof found === 'string') return found
    return found.map(({ by: name, stratum, groups }) => [
      stratum === null ? name : `${name} in ${stratum}`,
      Object.fromEntries(groups.map(({ group, rows }) => [group, [...rows]])),
    ])
  }

  it('follow one column after the other, a missing value being a group of its own', () => {
    expect(panels(['sex', 'region'], false)).toEqual([
      ['sex', { f: [0, 2], m: [1], '(missing)': [3] }],
      ['region', { n: [0, 1, 3], s: [2] }],
    ])
  })

  it('are refused where there are more, over all strata, than can be recorded', () => {
    const many = (every: number) => Array.from({ length: 400 }, (_, row) => `v${row % every}`)
    const of = (column: string) => many(column === 'plan' ? 20 : 300)
    const question = { by: ['plan'], intersect: false, given: ['shop'] }
    expect(panelsOf(question, of)).toMatch(/^300 strata of shop with 20 groups each are more than/)
  })

  it('or all combinations, those without rows too', () => {
    expect(panels(['sex', 'region'], true)).toEqual([
      [
        'sex x region',
        {
          'f x n': [0],
          'f x s': [2],
          'm x n': [1],
          'm x s': [],
          '(missing) x n': [3],
          '(missing) x s': [],
        },
      ],
    ])
  })

  it('in every stratum', () => {
    expect(panels(['sex'], false, ['region'])).toEqual([
      ['sex in region=n', { f: [0], m: [1], '(missing)': [3] }],
      ['sex in region=s', { f: [2], m: [], '(missing)': [] }],
    ])
  })

  it('are not made of columns that are not there', () => {
    expect(panels(['age'], false)).toBe('no such column')
  })

  it('have four counts each', () => {
    const few: BinaryScored = {
      task: 'binary',
      labels: Uint8Array.of(1, 1, 0),
      scores: Float64Array.of(1, 0, 0),
      threshold: 0.5,
    }
    const [known, missing] = confusionByGroup(few, ['a', null, null])
    expect(known).toEqual({ group: 'a', tp: 1, fp: 0, fn: 0, tn: 0 })
    expect(missing).toEqual({ group: null, tp: 0, fp: 0, fn: 1, tn: 1 })
    expect([...rowsByGroup(['a', null, 'a']).values()].map((rows) => [...rows])).toEqual([
      [0, 2],
      [1],
    ])
  })
})
