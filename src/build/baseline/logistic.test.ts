import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { randomStream } from '../../foundation/random.ts'
import { aucOf } from './auc.ts'
import { solveSymmetric } from './cholesky.ts'
import { buildDesignMatrix } from './design-matrix.ts'
import { fitLogistic, scoresOf } from './logistic.ts'
import type { TrainingTable } from './training-table.ts'

/** Rows with one number and one of three colours; the answer depends on both. */
function colouredRows(seed: number, rows: number): TrainingTable {
  const random = randomStream(seed, 'rows')
  const colours = ['blue', 'green', 'red']
  const values = Float64Array.from({ length: rows }, () => random.normal() * 10 + 50)
  const codes = Int32Array.from({ length: rows }, () => random.below(3))
  const label = Uint8Array.from(values, (value, row) =>
    random.next() < 1 / (1 + Math.exp(-(value - 50) / 10 - ((codes[row] ?? 0) - 1))) ? 1 : 0,
  )
  label.set([0, 1])
  const levels = colours.map((value, code) => ({
    value,
    count: codes.filter((seen) => seen === code).length,
  }))
  return {
    rows,
    label,
    columns: [
      { kind: 'number', name: 'size', values },
      { kind: 'category', name: 'colour', levels, codes },
    ],
  }
}

const options = { C: 1, maxIterations: 50 }

describe('the fit', () => {
  test('is where the gradient vanishes, whatever the rows and the penalty', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 5, max: 200 }),
        fc.constantFrom(1e-4, 0.1, 1, 1e6),
        (seed, rows, C) => {
          const table = colouredRows(seed, rows)
          const design = buildDesignMatrix(table, 1)
          const fit = fitLogistic(design, table.label, { C, maxIterations: 200 })
          const scores = scoresOf(design, fit.coefficients, fit.intercept)
          // The intercept is not penalised, so the probabilities sum to the number of positives.
          const expected = scores.reduce((sum, score) => sum + 1 / (1 + Math.exp(-score)), 0)
          const positives = table.label.reduce((sum, answer) => sum + answer, 0)
          expect(fit.converged).toBe(true)
          expect(Math.abs(expected - positives)).toBeLessThan(1e-6 * rows)
          // One-hot columns add to one, so the penalty alone fixes their sum: to zero.
          const colours = fit.coefficients.slice(1)
          expect(Math.abs(colours.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-4)
        },
      ),
      { numRuns: 30 },
    )
  })

  test('is the same to the last bit every time', () => {
    const table = colouredRows(1, 300)
    const once = () => fitLogistic(buildDesignMatrix(table, 1), table.label, options)
    expect(once()).toEqual(once())
  })

  test('stays finite on rows that a line separates', () => {
    const table = colouredRows(2, 60)
    const label = Uint8Array.from((table.columns[0] as { values: Float64Array }).values, (value) =>
      value > 50 ? 1 : 0,
    )
    const fit = fitLogistic(buildDesignMatrix(table, 1), label, { C: 1000, maxIterations: 100 })
    expect(fit.converged).toBe(true)
    expect(fit.coefficients.every(Number.isFinite)).toBe(true)
  })

  test('says so when it was stopped before it converged', () => {
    const table = colouredRows(3, 300)
    const fit = fitLogistic(buildDesignMatrix(table, 1), table.label, { C: 1, maxIterations: 1 })
    expect(fit).toMatchObject({ iteration: 1, converged: false })
  })

  test('reports a falling loss on the way', () => {
    const table = colouredRows(4, 300)
    const losses: number[] = []
    const onProgress = ({ logLoss }: { logLoss: number }) => losses.push(logLoss)
    fitLogistic(buildDesignMatrix(table, 1), table.label, { ...options, onProgress })
    expect(losses.length).toBeGreaterThan(2)
    expect(losses[1]).toBeLessThan(losses[0] ?? 0)
  })
})

describe('solving by Cholesky', () => {
  test('gives the known answer of a small system', () => {
    // [[4, 2], [2, 3]] x = [10, 8] has the solution [1.75, 1.5].
    const x = solveSymmetric(Float64Array.of(4, 0, 2, 3), Float64Array.of(10, 8))
    expect(x[0]).toBeCloseTo(1.75, 12)
    expect(x[1]).toBeCloseTo(1.5, 12)
  })

  test('solves a singular system that has a solution, with the smallest ridge', () => {
    const x = solveSymmetric(Float64Array.of(1, 0, 1, 1), Float64Array.of(2, 2))
    expect((x[0] ?? 0) + (x[1] ?? 0)).toBeCloseTo(2, 6)
  })
})

describe('the area under the ROC curve', () => {
  test('is the share of pairs ranked rightly, ties counting half', () => {
    const row = fc.record({ score: fc.integer({ min: -3, max: 3 }), label: fc.constantFrom(0, 1) })
    const ends = [
      { score: 0, label: 0 },
      { score: 1, label: 1 },
    ]
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (drawn) => {
        const rows = [...ends, ...drawn]
        const pairs = rows
          .filter(({ label }) => label === 1)
          .flatMap((positive) =>
            rows
              .filter(({ label }) => label === 0)
              .map((negative) => 0.5 + Math.sign(positive.score - negative.score) / 2),
          )
        const share = pairs.reduce((sum, won) => sum + won, 0) / pairs.length
        const scores = Float64Array.from(rows, ({ score }) => score)
        const label = Uint8Array.from(rows, (one) => one.label)
        expect(aucOf(scores, label)).toBeCloseTo(share, 12)
      }),
    )
  })
})
