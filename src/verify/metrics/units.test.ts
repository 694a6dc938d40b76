import { describe, expect, it } from 'vitest'
import golden from '../../../test/golden/verify/statistics.json' with { type: 'json' }
import { randomStream } from '../../foundation/random.ts'
import { accelerationOf, resample } from './bootstrap.ts'
import { delong, delongPair } from './delong.ts'
import { boundMetric, boundPair } from './metric-bounds.ts'
import { measureMetric } from './metric-statistics.ts'
import { measurePair } from './paired-statistics.ts'
import { meanOf } from './row-means.ts'
import { type BinaryScored, selectRows } from './scored.ts'
import { unitsOf } from './units.ts'

const z = 1.645

function model(rows: number, entities: number): { own: BinaryScored; other: BinaryScored } {
  const random = randomStream('units', String(rows))
  const labels = Uint8Array.from({ length: rows }, () => (random.next() < 0.3 ? 1 : 0))
  const scores = () =>
    Float64Array.from(labels, (label) => Math.round(20 * (label + random.normal())) / 20)
  const clusters = Uint32Array.from(labels, (_, row) => 1000 + 7 * (row % entities))
  const shape = { task: 'binary' as const, labels, threshold: 0.5 }
  return { own: { ...shape, scores: scores(), clusters }, other: { ...shape, scores: scores() } }
}

const reversed = (scored: BinaryScored) =>
  selectRows(
    scored,
    Uint32Array.from(scored.labels, (_, row) => scored.labels.length - 1 - row),
  )

describe('rows that belong together', () => {
  const { own, other } = model(900, 60)
  it('give the same numbers in any order of rows', () => {
    for (const name of ['roc_auc', 'accuracy', 'log_loss', 'average_precision', 'mcc']) {
      const one = JSON.stringify(measureMetric(name, own))
      expect(JSON.stringify(measureMetric(name, reversed(own))), name).toBe(one)
      expect(measurePair(name, reversed(own), reversed(other)), name).toMatchObject({
        method: measurePair(name, own, other).method,
      })
    }
  })

  it('whose entities are rows in fact give what rows give', () => {
    const rows = { ...own, clusters: Uint32Array.from(own.labels, (_, row) => row) }
    const { clusters: _, ...plain } = own
    const byEntity = measureMetric('roc_auc', rows)
    const byRow = delong(own.labels, own.scores)
    expect(byEntity.method === 'delong' && byEntity.se).toBeCloseTo(byRow?.se ?? 0, 4)
    const pair = measurePair('roc_auc', rows, other)
    const pairByRow = delongPair(own.labels, own.scores, other.scores)
    expect(pair.method === 'paired_delong' && pair.se).toBeCloseTo(pairByRow?.se ?? 0, 4)
    const share = boundMetric(measureMetric('recall', rows), z)
    const shareByRow = boundMetric(measureMetric('recall', plain), z)
    expect(share.lower).toBeCloseTo(shareByRow.lower ?? 0, 2)
    const loss = boundPair(measurePair('brier', rows, other), z)
    const lossByRow = boundPair(measurePair('brier', plain, other), z)
    expect(loss.upper).toBeCloseTo(lossByRow.upper ?? 0, 3)
  })

  it('say how many entities stand behind a number', () => {
    const bounds = boundMetric(measureMetric('roc_auc', own), z)
    expect(bounds.method).toBe('DeLong, logit scale, by entities')
    expect(bounds.units).toEqual({ count: 60, words: 'entities' })
  })
})

describe('weighted rows', () => {
  it('that weigh a whole number are as many rows, in the estimate', () => {
    const { own } = model(300, 300)
    const { clusters: _, ...plain } = own
    const weights = Float64Array.from(own.labels, (_, row) => row % 4)
    const copies = selectRows(
      plain,
      Uint32Array.from([...own.labels].flatMap((_, row) => new Array<number>(row % 4).fill(row))),
    )
    for (const name of ['roc_auc', 'recall', 'brier', 'average_precision']) {
      const weighted = boundMetric(measureMetric(name, { ...plain, weights }), z)
      const counted = boundMetric(measureMetric(name, copies), z)
      expect(weighted.estimate, name).toBeCloseTo(counted.estimate ?? 0, 9)
      // Copies are no new evidence: the bounds of weighted rows are wider.
      const width = (one: typeof weighted) => (one.upper ?? 1) - (one.lower ?? 0)
      expect(width(weighted), name).toBeGreaterThan(width(counted))
    }
  })
})

describe('the bootstrap of a skewed mean', () => {
  const values = Float64Array.from(golden.bca.values)
  const units = unitsOf({ task: 'regression', labels: values, scores: values })
  const mean = meanOf(values)
  it('agrees with SciPy in its acceleration, and in its bounds up to the noise of resampling', () => {
    const estimate = mean(new Uint8Array(values.length).fill(1)) ?? 0
    const acceleration = accelerationOf(units, values.length, mean)
    expect(acceleration).toBeCloseTo(golden.bca.acceleration, 2)
    const found = resample({ units, rows: values.length, estimate }, mean)
    if (found === undefined) throw new Error('undefined')
    const shared = { method: 'bootstrap' as const, estimate, n: 60, range: [null, null] as const }
    const { lower = 0, upper = 0 } = boundMetric({ ...shared, acceleration, ...found }, z)
    const [low = 0, high = 0] = golden.bca.bca
    // Ours is widened for 60 units, by about 2 %.
    expect(Math.abs(lower - low)).toBeLessThan(0.02)
    expect(Math.abs(upper - high)).toBeLessThan(0.03)
  })
  it('ends early when the limit is far out of reach, and never changes the verdict by it', () => {
    const estimate = mean(new Uint8Array(values.length).fill(1)) ?? 0
    const plan = { units, rows: values.length, estimate }
    expect(resample({ ...plan, limit: 5 }, mean)?.replicates).toBe(200)
    expect(resample({ ...plan, limit: estimate + 0.1 }, mean)?.replicates).toBe(2000)
  })
})
