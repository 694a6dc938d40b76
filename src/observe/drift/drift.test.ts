// Drift numbers agree with SciPy, keep their promised false-alarm rate, and find shifts that matter.
// Golden values: test/golden/observe/make_drift.py (versions inside drift.json).
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type RandomStream, randomStream } from '../../foundation/random.ts'
import type { ComparedColumn } from '../../verify/data/drift/drift-column.ts'
import { percent, rangeLabel } from '../../verify/data/drift/drift-movers.ts'
import { jensenShannonDistance, stabilityIndex } from '../../verify/data/drift/drift-scores.ts'
import { chiSquareUpperTail } from '../../verify/statistics/chi-square.ts'
import { driftOf } from './column-drift.ts'
import { adjustedPValues } from './false-discovery.ts'
import { judgeColumns } from './judge-columns.ts'

interface Golden {
  readonly cases: readonly {
    readonly name: string
    readonly reference: readonly number[]
    readonly live: readonly number[]
    readonly psi: number
    readonly psiNoise: number
    readonly pValue: number
    readonly jsDistance: number
    readonly lInfinity: number
  }[]
  readonly chiSquareUpperTail: readonly { x: number; degrees: number; p: number }[]
  readonly benjaminiHochberg: { readonly pValues: number[]; readonly adjusted: number[] }
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/observe/drift.json', import.meta.url), 'utf8'),
)

function column(reference: readonly number[], live: readonly number[]): ComparedColumn {
  const bins = reference.map((count, at) => ({
    label: `bin ${at}`,
    reference: count,
    live: live[at] ?? 0,
  }))
  return { name: 'x', kind: 'category', bins, referenceMissing: 0, liveMissing: 0 }
}

const zeros = (count: number) => Array.from({ length: count }, () => 0)

describe('golden values of SciPy', () => {
  test.each(golden.cases)('$name', (given) => {
    const drift = driftOf(column(given.reference, given.live))
    for (const name of ['psi', 'psiNoise', 'jsDistance', 'lInfinity'] as const) {
      expect(drift[name]).toBeCloseTo(given[name], 12)
    }
    expect(drift.pValue / given.pValue).toBeCloseTo(1, 9)
  })

  test('chi-square upper tail', () => {
    for (const { x, degrees, p } of golden.chiSquareUpperTail) {
      const ours = chiSquareUpperTail(x, degrees)
      if (p < 1e-290) expect(ours).toBeLessThan(1e-280)
      else expect(ours / p).toBeCloseTo(1, 9)
    }
  })

  test('Benjamini-Hochberg', () => {
    const { pValues, adjusted } = golden.benjaminiHochberg
    for (const [at, value] of adjustedPValues(pValues).entries()) {
      expect(value).toBeCloseTo(adjusted[at] ?? -1, 12)
    }
    const backwards = adjustedPValues([...pValues].reverse()).reverse()
    for (const [at, value] of backwards.entries()) expect(value).toBeCloseTo(adjusted[at] ?? -1, 12)
    expect(adjustedPValues([])).toEqual([])
  })
})

describe('properties', () => {
  const counts = fc.array(fc.tuple(fc.nat(5000), fc.nat(5000)), { minLength: 1, maxLength: 30 })

  test('every number is finite and in its range, whatever the counts', () => {
    fc.assert(
      fc.property(counts, fc.nat(100), fc.nat(100), (pairs, referenceMissing, liveMissing) => {
        const given = column(
          pairs.map(([a]) => a),
          pairs.map(([, b]) => b),
        )
        const drift = driftOf({ ...given, referenceMissing, liveMissing })
        expect(drift.psi).toBeGreaterThanOrEqual(0)
        expect(Number.isFinite(drift.psi)).toBe(true)
        expect(drift.pValue).toBeGreaterThanOrEqual(0)
        expect(drift.pValue).toBeLessThanOrEqual(1)
        expect(drift.jsDistance).toBeLessThanOrEqual(1 + 1e-12)
        expect(drift.lInfinity).toBeLessThanOrEqual(1)
      }),
      { numRuns: 200 },
    )
  })

  test('both distances are symmetric, zero for equal counts, and blind to the order of bins', () => {
    fc.assert(
      fc.property(counts, (pairs) => {
        const bins = pairs.map(([reference, live]) => ({ reference, live }))
        const swapped = pairs.map(([live, reference]) => ({ reference, live }))
        const equal = pairs.map(([reference]) => ({ reference, live: reference }))
        for (const distance of [stabilityIndex, jensenShannonDistance]) {
          expect(distance(bins)).toBeCloseTo(distance(swapped), 9)
          expect(distance(bins)).toBeCloseTo(distance([...bins].reverse()), 9)
          expect(distance(equal)).toBeCloseTo(0, 9)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('no rows on one side is no knowledge, not an error and not a finding', () => {
    const drift = driftOf(column([100, 100], [0, 0]))
    expect(drift).toMatchObject({ psi: 0, pValue: 1, liveRows: 0, movers: [] })
    const criteria = { minRows: 10, psi: 0.1, falseDiscovery: 0.05 }
    expect(judgeColumns([drift], criteria)[0]?.verdict).toBe('insufficient')
  })
})

describe('a column that loses its values or gains new ones', () => {
  test('values that go missing are drift', () => {
    const drift = driftOf({ ...column([500, 500], [5, 5]), liveMissing: 490 })
    expect(drift.missingChange).toBeCloseTo(0.98)
    expect(drift.pValue).toBeLessThan(1e-12)
    expect(drift.movers[0]?.sentence).toBe('x (missing): 0 % → 98 %')
  })

  test('categories the reference never saw are counted', () => {
    const given = column([500, 500], [250, 250])
    const unseen = { label: '(new)', reference: 0, live: 100, unseen: true }
    const drift = driftOf({ ...given, bins: [...given.bins, unseen] })
    expect(drift.unseenShare).toBeCloseTo(1 / 6)
    expect(drift.movers[0]?.sentence).toBe('x (new): 0 % → 17 %')
  })

  test('neighbouring numeric bins are told as one range', () => {
    const shares: [number, number, number][] = [
      [20, 40, 900],
      [40, 60, 600],
      [60, 75, 60],
      [75, 90, 40],
    ]
    const live = [300, 400, 400, 400]
    const bins = shares.map(([from, to, reference], at) => ({
      label: rangeLabel(from, to),
      from,
      to,
      reference,
      live: live[at] ?? 0,
    }))
    const age: ComparedColumn = {
      name: 'age',
      kind: 'numeric',
      bins,
      referenceMissing: 0,
      liveMissing: 0,
    }
    expect(driftOf(age).movers.map(({ sentence }) => sentence)).toEqual([
      'age 60–90: 6 % → 53 %',
      'age 20–60: 94 % → 47 %',
    ])
    expect([rangeLabel(null, 20), rangeLabel(90, null), rangeLabel(0, 0)]).toEqual([
      'below 20',
      '90 or more',
      '0',
    ])
    expect([percent(0.004), percent(0), percent(0.314)]).toEqual(['0.4 %', '0 %', '31 %'])
  })
})

describe('calibration, on seeded streams', () => {
  const edges = [-1.2816, -0.8416, -0.5244, -0.2533, 0, 0.2533, 0.5244, 0.8416, 1.2816]

  function histogram(rows: number, shift: number, stream: RandomStream): number[] {
    const counts = zeros(edges.length + 1)
    for (let row = 0; row < rows; row++) {
      const value = stream.normal() + shift
      const found = edges.findIndex((edge) => value < edge)
      const at = found < 0 ? edges.length : found
      counts[at] = (counts[at] ?? 0) + 1
    }
    return counts
  }

  function rejected(live: { rows: number; shift: number; draws: number }, level: number): number {
    const stream = randomStream(7, `calibration ${live.rows} ${live.shift}`)
    let count = 0
    for (let draw = 0; draw < live.draws; draw++) {
      const drift = driftOf(
        column(histogram(2000, 0, stream), histogram(live.rows, live.shift, stream)),
      )
      if (drift.pValue <= level) count++
    }
    return count / live.draws
  }

  test.each([50, 100, 500])(
    '%i stable rows raise a false alarm in about 5 %% of windows',
    (rows) => {
      const rate = rejected({ rows, shift: 0, draws: 400 }, 0.05)
      expect(rate).toBeGreaterThan(0.015)
      expect(rate).toBeLessThan(0.085)
    },
  )

  test('a shift of a quarter of a standard deviation is found in 1000 rows', () => {
    expect(rejected({ rows: 1000, shift: 0.25, draws: 100 }, 0.01)).toBeGreaterThan(0.95)
  })

  test('twenty stable columns together: the window is rarely called drifted', () => {
    const stream = randomStream(7, 'family')
    let falseWindows = 0
    for (let window = 0; window < 60; window++) {
      const columns = Array.from({ length: 20 }, () =>
        driftOf(column(histogram(1000, 0, stream), histogram(300, 0, stream))),
      )
      const judged = judgeColumns(columns, { minRows: 100, psi: 0, falseDiscovery: 0.05 })
      if (judged.some(({ verdict }) => verdict === 'drifted')) falseWindows++
    }
    expect(falseWindows / 60).toBeLessThan(0.13)
  })

  test('many rare categories do not break the law', () => {
    const stream = randomStream(7, 'rare')
    const draw = (rows: number) => {
      const counts = zeros(200)
      for (let row = 0; row < rows; row++) {
        const at = Math.floor(200 * stream.next() ** 4)
        counts[at] = (counts[at] ?? 0) + 1
      }
      return counts
    }
    let alarms = 0
    for (let run = 0; run < 300; run++) {
      if (driftOf(column(draw(5000), draw(300))).pValue <= 0.05) alarms++
    }
    expect(alarms / 300).toBeLessThan(0.1)
  })

  test('a difference that is certain but small does not count as drift', () => {
    const huge = column([500_000, 500_000], [252_000, 248_000])
    const criteria = { minRows: 100, psi: 0.1, falseDiscovery: 0.05 }
    const [judged] = judgeColumns([driftOf(huge)], criteria)
    expect(judged).toMatchObject({ verdict: 'stable' })
    expect(judged?.pValue).toBeLessThan(0.001)
  })
})
