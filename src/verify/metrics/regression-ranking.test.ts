import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import ranking from '../../../test/golden/verify/ranking.json' with { type: 'json' }
import regression from '../../../test/golden/verify/regression.json' with { type: 'json' }
import { metricFor, metricNames } from './metric.ts'
import type { RankingScored, RegressionScored } from './scored.ts'

function regressionRows(labels: number[], scores: number[], weights?: number[] | null) {
  const rows: RegressionScored = {
    task: 'regression',
    labels: Float64Array.from(labels),
    scores: Float64Array.from(scores),
    ...(weights ? { weights: Float64Array.from(weights) } : {}),
  }
  return rows
}

function rankingRows(of: {
  queries: number[]
  labels: number[]
  scores: number[]
  weights?: number[]
}): RankingScored {
  return {
    task: 'ranking',
    queries: Uint32Array.from(of.queries),
    labels: Float64Array.from(of.labels),
    scores: Float64Array.from(of.scores),
    ...(of.weights ? { weights: Float64Array.from(of.weights) } : {}),
  }
}

function asRanking(rows: readonly { query: number; label: number; score: number }[]) {
  return rankingRows({
    queries: rows.map(({ query }) => query),
    labels: rows.map(({ label }) => label),
    scores: rows.map(({ score }) => score),
  })
}

describe('regression metrics agree with scikit-learn to 1e-9', () => {
  for (const given of regression.cases) {
    it(given.name, () => {
      const rows = regressionRows(given.labels, given.scores, given.weights)
      for (const [name, expected] of Object.entries(given.expected)) {
        const metric = metricFor('regression', name)
        if (!metric) throw new Error(`no metric ${name}`)
        // A share of a label of 0 is no number: we say so, and keep scikit-learn's for comparison.
        const value = metric.value(rows) ?? metric.compatValue?.(rows) ?? Number.NaN
        const size = Math.max(1, Math.abs(expected))
        expect(Math.abs(value - expected) / size, name).toBeLessThan(1e-9)
      }
    })
  }

  it('labels that do not vary leave R² undefined, with scikit-learn’s number beside it', () => {
    const { labels, perfect, wrong, r2 } = regression.constant
    for (const [at, scores] of [perfect, wrong].entries()) {
      const rows = regressionRows(labels, scores)
      for (const name of ['r2', 'explained_variance']) {
        const metric = metricFor('regression', name)
        expect(metric?.value(rows), name).toBeUndefined()
        if (name === 'r2') expect(metric?.compatValue?.(rows)).toBe(r2[at])
      }
    }
  })

  it('a label of 0 leaves MAPE undefined, but not WAPE and sMAPE', () => {
    const rows = regressionRows([0, 10, 20], [1, 11, 20])
    expect(metricFor('regression', 'mape')?.value(rows)).toBeUndefined()
    expect(metricFor('regression', 'mape')?.compatValue?.(rows)).toBeGreaterThan(1e14)
    expect(metricFor('regression', 'mape')?.needs).toMatch(/labels away from 0/)
    expect(metricFor('regression', 'wape')?.value(rows)).toBeCloseTo(2 / 30, 12)
    expect(metricFor('regression', 'smape')?.value(rows)).toBeCloseTo((2 + 2 / 21 + 0) / 3, 12)
  })

  it('rows outside the domain of a deviance are named', () => {
    const rows = regressionRows([1, -2], [1, 1])
    expect(metricFor('regression', 'poisson_deviance')?.fault(rows)).toBe(
      'the Poisson deviance takes labels from 0 and predictions above 0: row 1 of the holdout has the label -2',
    )
    const zero = regressionRows([1, 2], [1, 0])
    expect(metricFor('regression', 'gamma_deviance')?.fault(zero)).toMatch(/row 1 .* prediction 0$/)
    expect(metricFor('regression', 'msle')?.fault(regressionRows([0], [-1]))).toMatch(/−1/)
  })

  it('parameters have one normal form', () => {
    expect(metricFor('regression', 'pinball@90%')?.name).toBe('pinball@0.9')
    expect(metricFor('regression', 'within@0.50')?.name).toBe('within@0.5')
    expect(metricFor('regression', 'within@10%')?.name).toBe('within@10%')
    expect(metricFor('regression', 'pinball@1.5')).toBeUndefined()
    expect(metricFor('regression', 'r2_score')?.name).toBe('r2')
    expect(metricNames('regression')).toContain('bias_ratio')
  })
})

describe('ranking metrics agree with scikit-learn, or with every order of tied items', () => {
  const { queries, labels, scores, weights } = ranking
  for (const [name, expected] of Object.entries(ranking.expected)) {
    it(name, () => {
      const metric = metricFor('ranking', name)
      expect(metric?.name).toBe(name)
      expect(metric?.value(rankingRows({ queries, labels, scores }))).toBeCloseTo(expected, 9)
    })
  }

  for (const [name, expected] of Object.entries(ranking.weighted)) {
    it(`${name}, queries weighted`, () => {
      const rows = rankingRows({ queries, labels, scores, weights })
      expect(metricFor('ranking', name)?.value(rows)).toBeCloseTo(expected, 9)
    })
  }

  it('without anything relevant nothing is measured, and the denominator is queries', () => {
    const rows = rankingRows({ queries: [1, 1, 2], labels: [0, 0, 0], scores: [1, 2, 3] })
    const metric = metricFor('ranking', 'ndcg@10')
    expect(metric?.value(rows)).toBeUndefined()
    expect(metric?.compatValue?.(rows)).toBe(0)
    expect(metric?.support(rows)).toBe(2)
  })

  it('the order of rows decides nothing, and a weight of two is the query twice', () => {
    const row = fc.record({
      query: fc.integer({ min: 0, max: 4 }),
      label: fc.integer({ min: 0, max: 3 }),
      score: fc.integer({ min: 0, max: 4 }),
    })
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 30 }), fc.nat(29), (rows, turn) => {
        const turned = [...rows.slice(turn % rows.length), ...rows.slice(0, turn % rows.length)]
        const twice = [
          ...rows,
          ...rows.filter(({ query }) => query === 0).map((one) => ({ ...one, query: 9 })),
        ]
        for (const name of ['ndcg@3', 'map', 'mrr', 'hit@2', 'recall@3']) {
          const metric = metricFor('ranking', name)
          const value = metric?.value(asRanking(rows))
          expect(metric?.value(asRanking(turned)) ?? 0).toBeCloseTo(value ?? 0, 9)
          if (value === undefined) continue
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(1 + 1e-12)
          const weights = Float64Array.from(rows, ({ query }) => (query === 0 ? 2 : 1))
          const weighted = metric?.value({ ...asRanking(rows), weights })
          expect(weighted).toBeCloseTo(metric?.value(asRanking(twice)) ?? Number.NaN, 9)
        }
      }),
    )
  })

  it('a relevance below 0 is no relevance', () => {
    const rows = rankingRows({ queries: [1, 1], labels: [1, -1], scores: [1, 2] })
    expect(metricFor('ranking', 'ndcg')?.fault(rows)).toMatch(/row 1 .* relevance -1/)
    expect(metricFor('ranking', 'recall')).toBeUndefined()
    expect(metricFor('ranking', 'precision@0')).toBeUndefined()
  })
})
