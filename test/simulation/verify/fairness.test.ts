// Coverage of the intervals between groups, in 2,000 seeded holdouts each: where all groups are equal, where one is not, and
// what the plain percentile bootstrap does in the same place.
import { describe, expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import { boundGroups } from '../../../src/verify/fairness/bound-groups.ts'
import type { Aggregate, MeasuredPanel } from '../../../src/verify/fairness/group-statistics.ts'
import { measureGroups } from '../../../src/verify/fairness/measure-groups.ts'
import { metricFor } from '../../../src/verify/metrics/metric.ts'
import type { Scored } from '../../../src/verify/metrics/scored.ts'

const runs = 2000
const many = (groups: number, size: number) => Array.from({ length: groups }, () => size)

function shareOf(holds: (random: RandomStream) => boolean, name: string): number {
  const random = randomStream(20_261_124, name)
  let count = 0
  for (let run = 0; run < runs; run++) if (holds(random)) count++
  return count / runs
}

function panelOf(
  random: RandomStream,
  sizes: readonly number[],
  rates: readonly number[],
): MeasuredPanel {
  const groups = sizes.map((trials, at) => {
    let successes = 0
    for (let row = 0; row < trials; row++) if (random.next() < (rates[at] ?? 0)) successes++
    return { group: `g${at}`, isMissing: false, n: trials, values: [{ successes, trials }] }
  })
  const n = sizes.reduce((sum, size) => sum + size, 0)
  const successes = groups.reduce((sum, { values }) => sum + (values[0]?.successes ?? 0), 0)
  const overall = { group: 'all', isMissing: false, n, values: [{ successes, trials: n }] }
  return { by: 'group', stratum: null, groups, overall }
}

function bounds(panel: MeasuredPanel, aggregate: Aggregate) {
  const reference = aggregate.endsWith('_to') ? 'g0' : null
  const asked = { aggregate, reference, minSupport: 1, confidence: 0.95 }
  const found = boundGroups({ method: 'groups', panels: [panel] }, asked)
  if (found === undefined) throw new Error('nothing was compared')
  return found
}

const designs: readonly (readonly [string, readonly number[], number])[] = [
  ['2 groups of 30', many(2, 30), 0.3],
  ['3 groups of 100', many(3, 100), 0.3],
  ['30, 300 and 1,000 rows, rare', [30, 300, 1000], 0.1],
  ['5 groups of 100', many(5, 100), 0.3],
  ['10 groups, three of 30', [...many(3, 30), ...many(7, 300)], 0.3],
  ['10 groups of 1,000', many(10, 1000), 0.1],
]
const aggregates: readonly Aggregate[] = [
  'gap',
  'ratio',
  'gap_to_overall',
  'ratio_to_overall',
  'gap_to',
  'ratio_to',
]

describe('equal groups: the interval holds equality in at least 94 % of holdouts', () => {
  for (const [name, sizes, rate] of designs) {
    it.each(aggregates)(`%s, ${name}`, (aggregate) => {
      const truth = aggregate.startsWith('ratio') ? 1 : 0
      const rates = sizes.map(() => rate)
      const covered = shareOf((random) => {
        const { lower, upper } = bounds(panelOf(random, sizes, rates), aggregate)
        return lower <= truth && truth <= upper
      }, name)
      expect(covered).toBeGreaterThanOrEqual(0.94)
    })
  }
})

describe('unequal groups', () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ['2 groups', [300, 300], [0.4, 0.3]],
    ['5 groups, one lower', many(5, 200), [0.4, 0.4, 0.4, 0.4, 0.3]],
    [
      '10 groups on a ladder',
      many(10, 300),
      [0.3, 0.32, 0.34, 0.36, 0.38, 0.4, 0.42, 0.44, 0.46, 0.48],
    ],
  ])(
    '%s: the interval holds the true gap, and a gap at the limit rarely passes',
    (name, sizes, rates) => {
      const truth = Math.max(...rates) - Math.min(...rates)
      let passed = 0
      const covered = shareOf((random) => {
        const { lower, upper } = bounds(panelOf(random, sizes, rates), 'gap')
        if (upper < truth) passed++
        return lower <= truth && truth <= upper
      }, name)
      expect(covered).toBeGreaterThanOrEqual(0.94)
      expect(passed / runs).toBeLessThanOrEqual(0.06)
    },
  )

  it('many groups pass where they should: half of 5 equal groups of 1,000 are shown within 0.1', () => {
    const passes = shareOf(
      (random) => bounds(panelOf(random, many(5, 1000), many(5, 0.3)), 'gap').upper <= 0.1,
      'power',
    )
    expect(passes).toBeGreaterThan(0.5)
  })
})

describe('metrics that are no shares: studentised max-|T|', () => {
  it.each<['log_loss' | 'roc_auc' | 'mae', readonly number[], number]>([
    ['log_loss', [40, 40], 200],
    ['log_loss', many(10, 30), 100],
    ['roc_auc', many(2, 60), 200],
    ['roc_auc', many(5, 60), 100],
    ['mae', [30, 300], 200],
    ['mae', many(5, 30), 200],
  ])('%s in groups of %j covers equality', (name, sizes, replicates) => {
    const metric = metricFor(name === 'mae' ? 'regression' : 'binary', name)
    if (metric === undefined) throw new Error(name)
    const panel = layOut(sizes)
    const asked = { aggregate: 'gap', reference: null, minSupport: 30, confidence: 0.95 } as const
    const covered = shareOf((random) => {
      const scored =
        name === 'mae' ? errors(random, panel.rows.length) : answers(random, panel.rows.length)
      const found = measureGroups({
        scored,
        metrics: [metric],
        panels: [panel],
        ...asked,
        replicates,
      })
      return boundGroups(found, asked)?.lower === 0
    }, `${name} ${sizes.length}`)
    expect(covered).toBeGreaterThanOrEqual(0.94)
  })
})

describe('rows that belong together', () => {
  it('cover equality when resampled by entity; taken as independent they do not', () => {
    const metric = metricFor('binary', 'selection_rate')
    if (metric === undefined) throw new Error('no metric')
    const panel = layOut([400, 400])
    const clusters = Uint32Array.from(panel.rows, (row) => Math.floor(row / 10))
    const asked = { aggregate: 'gap', reference: null, minSupport: 30, confidence: 0.95 } as const
    let naive = 0
    const covered = shareOf((random) => {
      const person = Float64Array.from({ length: 80 }, () => 1.2 * random.normal())
      const scores = Float64Array.from(clusters, (own) => (person[own] ?? 0) + random.normal())
      const labels = new Uint8Array(scores.length)
      const scored: Scored = { task: 'binary', labels, scores, threshold: 0, clusters }
      const isCovered = (of: Scored) => {
        const ask = { scored: of, metrics: [metric], panels: [panel], ...asked, replicates: 200 }
        return boundGroups(measureGroups(ask), asked)?.lower === 0
      }
      if (isCovered({ task: 'binary', labels, scores, threshold: 0 })) naive++
      return isCovered(scored)
    }, 'entities')
    expect(covered).toBeGreaterThanOrEqual(0.94)
    expect(naive / runs).toBeLessThan(0.8)
  })
})

describe('the percentile bootstrap of max − min', () => {
  it.each([3, 5, 10])('never holds the equality of %i groups of 100', (groups) => {
    const rows = groups * 100
    const covered = shareOf((random) => {
      const selected = Uint8Array.from({ length: rows }, () => (random.next() < 0.3 ? 1 : 0))
      const gaps = Float64Array.from({ length: 100 }, () => {
        const counts = new Uint16Array(groups)
        const sizes = new Uint16Array(groups)
        for (let draw = 0; draw < rows; draw++) {
          const row = random.below(rows)
          const group = row % groups
          sizes[group] = (sizes[group] ?? 0) + 1
          counts[group] = (counts[group] ?? 0) + (selected[row] ?? 0)
        }
        const rates = Array.from(counts, (count, group) => count / (sizes[group] ?? 1))
        return Math.max(...rates) - Math.min(...rates)
      }).sort()
      return (gaps[2] ?? 1) <= 0
    }, `percentile ${groups}`)
    expect(covered).toBeLessThanOrEqual(0.001)
  })
})

function layOut(sizes: readonly number[]) {
  let from = 0
  const groups = sizes.map((size, at) => {
    const rows = Uint32Array.from({ length: size }, (_, row) => from + row)
    from += size
    return { group: `g${at}`, isMissing: false, rows }
  })
  return {
    by: 'group',
    stratum: null,
    groups,
    rows: Uint32Array.from({ length: from }, (_, row) => row),
  }
}

/** Half of the rows are positive, so that 60 rows have 30 of each class. */
function answers(random: RandomStream, rows: number): Scored {
  const labels = Uint8Array.from({ length: rows }, (_, row) => row % 2)
  const scores = Float64Array.from(
    labels,
    (label) => 1 / (1 + Math.exp(-random.normal() - 1.5 * label + 0.7)),
  )
  return { task: 'binary', labels, scores, threshold: 0.5 }
}

function errors(random: RandomStream, rows: number): Scored {
  return {
    task: 'regression',
    labels: new Float64Array(rows),
    scores: Float64Array.from({ length: rows }, () => random.normal()),
  }
}
