import { describe, expect, it } from 'vitest'
import golden from '../../../test/golden/verify/statistics.json' with { type: 'json' }
import {
  betaQuantile,
  chiSquareCdf,
  chiSquareQuantile,
  studentCdf,
  studentQuantile,
} from './distributions.ts'
import { mcnemarAsymptotic, mcnemarExact, mcnemarMidP } from './mcnemar.ts'
import {
  correctedResampledEstimate,
  meanEstimate,
  spreadBounds,
  summarise,
  tBounds,
  tUpperP,
  welchEstimate,
} from './mean-tests.ts'
import { benjaminiHochberg, benjaminiYekutieli, holm } from './multiplicity.ts'
import { pairedScoreBounds, pairedScoreUpperP } from './paired-score.ts'
import {
  detectable,
  plannedAucError,
  powerOf,
  rowsForAuc,
  rowsForMean,
  rowsForPairedProportion,
  rowsForProportion,
  rowsToDetect,
} from './power.ts'
import { clopperPearson } from './proportion-bounds.ts'
import { katzRatio, koopmanRatio } from './ratio-bounds.ts'
import { normalQuantile } from './special-functions.ts'

const z = normalQuantile(0.975)
const usual = { confidence: 0.95, power: 0.8 }

/** Rows end with the expected value. */
function worstError(rows: readonly (readonly number[])[], f: (...x: number[]) => number): number {
  const far = (got: number, want: number) => Math.abs(got - want) / Math.max(Math.abs(want), 1e-300)
  return Math.max(
    ...rows.map((row) => {
      const want = row.at(-1) ?? Number.NaN
      const got = f(...row.slice(0, -1))
      return want === 0 ? Math.abs(got) : far(got, want)
    }),
  )
}

const near = (got: readonly number[], want: readonly (number | undefined)[], within = 1e-9) => {
  for (const [at, value] of got.entries()) {
    expect(Math.abs(value - (want[at] ?? Number.NaN)) / Math.max(1, Math.abs(value))).toBeLessThan(
      within,
    )
  }
}
const pair = ({ lower, upper }: { lower: number; upper: number }) => [lower, upper]

describe('distributions agree with SciPy', () => {
  const known = golden.distributions
  it('Student, chi-square and beta, with their inverses', () => {
    expect(worstError(known.studentCdf, studentCdf)).toBeLessThan(1e-10)
    expect(worstError(known.studentQuantile, studentQuantile)).toBeLessThan(1e-9)
    expect(worstError(known.chiSquareCdf, chiSquareCdf)).toBeLessThan(1e-10)
    expect(worstError(known.chiSquareQuantile, chiSquareQuantile)).toBeLessThan(1e-9)
    expect(worstError(known.betaQuantile, betaQuantile)).toBeLessThan(1e-9)
  })
})

describe('two models on the same rows', () => {
  it("McNemar's three p-values agree with statsmodels", () => {
    for (const { gained, lost, ...want } of golden.paired.mcnemar) {
      const counts = { gained, lost }
      const got = [
        mcnemarExact(counts).twoSided,
        mcnemarMidP(counts).twoSided,
        mcnemarAsymptotic(counts).twoSided,
        mcnemarExact(counts).better,
      ]
      near(got, [want.exact, want.midP, want.asymptotic, want.exactBetter])
    }
  })
  it("Tango's interval maximises the likelihood where the difference is fixed", () => {
    for (const [gained = 0, lost = 0, trials = 0, level = 0, ...want] of golden.paired.tango) {
      // The reference finds its nuisance share numerically, to about seven digits.
      near(pair(pairedScoreBounds({ gained, lost, trials }, level)), want, 1e-6)
    }
  })
  it('gives the published interval of Fagerland, Lydersen & Laake (2014): −0.517 to −0.026', () => {
    const { lower, upper } = pairedScoreBounds({ gained: 1, lost: 7, trials: 21 }, z)
    expect([lower.toFixed(3), upper.toFixed(3)]).toEqual(['-0.517', '-0.026'])
  })
  it('knows nothing without rows, and little without a differing row', () => {
    expect(pairedScoreBounds({ gained: 0, lost: 0, trials: 0 }, z)).toEqual({ lower: -1, upper: 1 })
    const { lower, upper } = pairedScoreBounds({ gained: 0, lost: 0, trials: 100 }, z)
    expect(upper).toBeGreaterThan(0.02)
    expect(upper).toBeLessThan(0.05)
    expect(lower).toBeCloseTo(-upper, 12)
    expect(pairedScoreUpperP({ gained: 0, lost: 0, trials: 100 }, 0)).toBe(0.5)
  })
  it('stays inside −1 and 1 when every row differs the same way', () => {
    expect(pairedScoreBounds({ gained: 20, lost: 0, trials: 20 }, z).upper).toBe(1)
    const { lower, upper } = pairedScoreBounds({ gained: 0, lost: 20, trials: 20 }, z)
    expect(lower).toBe(-1)
    expect(upper).toBeLessThan(-0.6)
  })
})

describe('proportions and their ratios agree with statsmodels', () => {
  it('Clopper-Pearson', () => {
    for (const [successes = 0, trials = 0, ...want] of golden.proportions.clopperPearson) {
      near(pair(clopperPearson({ successes, trials }, 0.975)), want)
    }
  })
  it("Koopman's score and Katz's logarithm", () => {
    const of = (row: readonly number[]) => {
      const [a = 0, n = 0, b = 0, m = 0] = row
      return [
        { successes: a, trials: n },
        { successes: b, trials: m },
      ] as const
    }
    for (const row of golden.proportions.koopman)
      near(pair(koopmanRatio(...of(row), z)), row.slice(4), 1e-6)
    for (const row of golden.proportions.katz) {
      const bounds = katzRatio(...of(row), z)
      near(pair(bounds ?? { lower: Number.NaN, upper: Number.NaN }), row.slice(4))
    }
  })
  it('a group without successes has a ratio of 0 to something, or of something to infinity', () => {
    const none = { successes: 0, trials: 50 }
    const some = { successes: 20, trials: 50 }
    expect(koopmanRatio(none, some, z).lower).toBe(0)
    expect(koopmanRatio(none, some, z).upper).toBeLessThan(0.3)
    expect(koopmanRatio(some, none, z).upper).toBe(Infinity)
    expect(katzRatio(some, none, z)).toBeUndefined()
  })
})

describe('many tests at once agree with statsmodels', () => {
  it('Holm, Benjamini-Hochberg and Benjamini-Yekutieli, in the order given', () => {
    for (const { ps, ...want } of golden.families) {
      near(holm(ps), want.holm)
      near(benjaminiHochberg(ps), want.bh)
      near(benjaminiYekutieli(ps), want.by)
    }
  })
  it('an empty family rejects nothing', () => {
    expect(benjaminiHochberg([])).toEqual([])
  })
})

describe('means of seeds and folds agree with SciPy', () => {
  it('one sample, pairs, Welch, the corrected resampled t and the spread', () => {
    for (const { own, reference, ...want } of golden.means) {
      const one = summarise(own)
      const two = summarise(reference)
      const differences = summarise(own.map((value, at) => value - (reference[at] ?? 0)))
      const bounds = (estimate: ReturnType<typeof meanEstimate>) =>
        estimate === undefined ? [] : pair(tBounds(estimate, 0.95))
      near(bounds(meanEstimate(one)), want.single)
      near(bounds(meanEstimate(differences)), want.paired)
      near(bounds(welchEstimate(one, two)), want.welch)
      near([welchEstimate(one, two)?.df ?? 0], [want.welchDf])
      near(bounds(correctedResampledEstimate(differences, 0.25)), want.corrected)
      near(pair(spreadBounds(one, 0.95) ?? { lower: 0, upper: 0 }), want.spread)
    }
  })
  it('one value says nothing about its spread', () => {
    expect(meanEstimate(summarise([0.9]))).toBeUndefined()
    expect(spreadBounds(summarise([0.9]), 0.95)).toBeUndefined()
  })
  it('identical values are known exactly', () => {
    const same = meanEstimate(summarise([0.5, 0.5, 0.5]))
    expect(same && tBounds(same, 0.95)).toEqual({ lower: 0.5, upper: 0.5 })
    expect(same && tUpperP(same, 0.4)).toBe(0)
  })
})

describe('planning', () => {
  it('agrees with statsmodels, and with the table of the design notes', () => {
    for (const [sd = 0, effect = 0, rows = 0] of golden.planning.rows) {
      expect(Math.abs(rowsForMean(sd, effect, usual) - rows)).toBeLessThanOrEqual(1)
    }
    for (const [rate = 0, limit = 0, rows = 0] of golden.planning.rate) {
      expect(rowsForProportion({ rate, limit }, usual)).toBe(rows)
    }
    expect(rowsForPairedProportion(0.06, 0.01, usual)).toBe(3710)
    expect(rowsForPairedProportion(0.06, 0.005, usual)).toBe(14_839)
    expect(
      worstError(golden.planning.aucError, (auc, positives, negatives) =>
        plannedAucError({ auc: auc ?? 0, positives: positives ?? 0, negatives: negatives ?? 0 }),
      ),
    ).toBeLessThan(1e-12)
  })
  it('142 positives with a bound of −0.058 around −0.011 detect 0.071, and 800 would detect 0.03', () => {
    const se = (0.058 - 0.011) / normalQuantile(0.95)
    expect(detectable(se, usual)).toBeCloseTo(0.071, 3)
    expect(Math.abs(rowsToDetect({ n: 142, se }, 0.03, usual) - 800)).toBeLessThan(10)
    expect(powerOf(detectable(se, usual), se, 0.95)).toBeCloseTo(0.8, 10)
  })
  it('an AUC needs as many rows as its rarer class asks for', () => {
    const question = { auc: 0.85, effect: 0.02, correlation: null, ...usual }
    const even = rowsForAuc({ ...question, prevalence: 0.5 })
    const rare = rowsForAuc({ ...question, prevalence: 0.05 })
    expect(rare).toBeGreaterThan(3 * even)
    const paired = rowsForAuc({ ...question, prevalence: 0.5, correlation: 0.9 })
    expect(paired).toBeLessThan(even / 4)
    expect(rowsForAuc({ ...question, prevalence: 0.5, effect: 0 })).toBe(Infinity)
  })
})
