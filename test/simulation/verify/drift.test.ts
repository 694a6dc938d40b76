// What drift checks promise, by simulation: without drift 50 columns together are hardly ever called drifted, whatever the number of
// rows; bounds contain the truth; and a drift beyond the limit is found when there are as many rows as the check asked for.
import { describe, expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import type {
  DriftCheck,
  DriftColumn,
  DriftMethod,
} from '../../../src/verify/data/drift/drift-check.ts'
import { scoreColumn } from '../../../src/verify/data/drift/drift-column-score.ts'
import { judgeDrift } from '../../../src/verify/data/drift/drift-judge.ts'

/** Counts of `rows` draws: one by one for few rows, by normal approximations of successive binomials for many. */
function multinomial(random: RandomStream, rows: number, shares: readonly number[]): number[] {
  const counts = shares.map(() => 0)
  if (rows <= 3000) {
    for (let row = 0; row < rows; row++) {
      let place = random.next()
      let bin = 0
      while (bin < shares.length - 1 && place >= (shares[bin] ?? 0)) place -= shares[bin++] ?? 0
      counts[bin] = (counts[bin] ?? 0) + 1
    }
    return counts
  }
  let left = rows
  let rest = 1
  return shares.map((share, bin) => {
    const p = bin === shares.length - 1 ? 1 : Math.min(1, share / rest)
    const drawn = Math.round(left * p + Math.sqrt(left * p * (1 - p)) * random.normal())
    const own = Math.max(0, Math.min(left, drawn))
    left -= own
    rest -= share
    return own
  })
}

function columnOf(
  name: string,
  reference: readonly number[],
  live: readonly number[],
): DriftColumn {
  const bins = reference.map((count, at) => ({
    ...{ label: `${at}`, from: at, to: at + 1 },
    ...{ reference: count, live: live[at] ?? 0 },
  }))
  const std = {
    reference: Math.sqrt(reference.length ** 2 / 12),
    live: Math.sqrt(reference.length ** 2 / 12),
  }
  return {
    compared: { name, kind: 'numeric', bins, referenceMissing: 0, liveMissing: 0 },
    axis: { low: 0, high: reference.length, std },
    isCut: false,
  }
}

const even = (bins: number) => Array.from({ length: bins }, () => 1 / bins)
const check = (method: DriftMethod, limit: number): DriftCheck => ({
  ...{ rule: 'drift', column: null, limit: { op: '<=', value: limit }, vs: 'champion' },
  ...{ method, bins: null, except: [] },
})

/** Share of looks at 50 columns without drift that end with fail, at the sharpest limit there is: 0. */
function falseAlarms(method: DriftMethod, rows: readonly [number, number], looks: number): number {
  const random = randomStream(rows.join(), `drift ${method}`)
  let alarms = 0
  for (let look = 0; look < looks; look++) {
    const columns = Array.from({ length: 50 }, (_, at) => {
      const shares = even([2, 5, 12, 20][at % 4] ?? 20)
      return columnOf(
        `c${at}`,
        multinomial(random, rows[0], shares),
        multinomial(random, rows[1], shares),
      )
    })
    const found = {
      method: 'drift' as const,
      reference: 'r',
      referenceRows: rows[0],
      rows: rows[1],
      columns,
      unknown: [],
    }
    if (judgeDrift(check(method, 0), found, 0.95).verdict === 'fail') alarms++
  }
  return alarms / looks
}

describe('50 columns without drift', () => {
  const sizes: readonly (readonly [number, number])[] = [
    [200, 200],
    [1000, 200],
    [2000, 2000],
    [100_000, 5000],
    [100_000, 100_000],
  ]
  const looks = 300
  // 5 % nominal and one point, and three standard errors of so many looks.
  const most = 0.06 + 3 * Math.sqrt((0.06 * 0.94) / looks)
  for (const [n, m] of sizes)
    it(`psi: ${m} rows against ${n}`, () => {
      expect(falseAlarms('psi', [n, m], looks)).toBeLessThanOrEqual(most)
    })
  for (const method of ['js_distance', 'chi2', 'tvd', 'linf', 'ks', 'wasserstein'] as const)
    it(`${method}: 200 rows against 1000`, () => {
      expect(falseAlarms(method, [1000, 200], 100)).toBeLessThanOrEqual(
        0.06 + 3 * Math.sqrt(0.06 / 100),
      )
    })
})

/** Even shares with the first fifth of the bins made heavier. */
function shifted(bins: number, by: number): number[] {
  const heavy = Math.max(1, Math.round(bins / 5))
  return even(bins).map((share, at) =>
    at < heavy ? share * (1 + by) : share * (1 - (by * heavy) / (bins - heavy)),
  )
}

describe('one-sided bounds at 95 %', () => {
  const methods: readonly DriftMethod[] = [
    'psi',
    'js_distance',
    'chi2',
    'tvd',
    'linf',
    'ks',
    'wasserstein',
  ]
  const tails = { lower: 0.05, upper: 0.05 }
  for (const method of methods)
    it(`${method} contains the truth, near and far from equality`, () => {
      for (const [by, rows] of [
        [0.3, 500],
        [1, 500],
        [2, 2000],
      ] as const) {
        const random = randomStream(`${by} ${rows}`, `coverage ${method}`)
        const shares = shifted(20, by)
        const scale = 1e9
        const whole = columnOf(
          'x',
          even(20).map((p) => p * scale),
          shares.map((p) => p * scale),
        )
        const truth = scoreColumn(whole, method, tails)
        if (typeof truth === 'string') throw new Error(truth)
        const looks = 400
        let above = 0
        let below = 0
        for (let look = 0; look < looks; look++) {
          const column = columnOf(
            'x',
            multinomial(random, rows, even(20)),
            multinomial(random, rows, shares),
          )
          const score = scoreColumn(column, method, tails)
          if (typeof score === 'string') throw new Error(score)
          if (score.lower > truth.estimate) above++
          if (score.upper < truth.estimate) below++
        }
        const most = 0.06 + 3 * Math.sqrt((0.06 * 0.94) / looks)
        expect([method, by, above / looks <= most, below / looks <= most]).toEqual([
          method,
          by,
          true,
          true,
        ])
      }
    })
})

describe('a drift beyond the limit', () => {
  it('of one in 50 columns is found from some thousand rows on', () => {
    const random = randomStream('power', 'drift')
    const power = (rows: number, by: number) => {
      let found = 0
      for (let look = 0; look < 60; look++) {
        const columns = Array.from({ length: 50 }, (_, at) =>
          columnOf(
            `c${at}`,
            multinomial(random, 100_000, even(20)),
            multinomial(random, rows, at === 0 ? shifted(20, by) : even(20)),
          ),
        )
        const statistics = {
          method: 'drift' as const,
          reference: 'r',
          referenceRows: 100_000,
          rows,
          columns,
          unknown: [],
        }
        if (judgeDrift(check('psi', 0.1), statistics, 0.95).verdict === 'fail') found++
      }
      return found / 60
    }
    // A fifth of the bins half as heavy again is a PSI of 0.05 (allowed); twice as heavy, one of 0.25.
    expect(power(5000, 0.5)).toBe(0)
    expect(power(2000, 1)).toBeGreaterThanOrEqual(0.9)
    expect(power(200, 1)).toBeLessThan(0.9)
  })
})
