import { describe, expect, test } from 'vitest'
import { buildDesignMatrix, featureLimit } from './design-matrix.ts'
import type { CategoryColumn, NumberColumn, TrainingTable } from './training-table.ts'

const number = (name: string, ...values: number[]): NumberColumn => ({
  kind: 'number',
  name,
  values: Float64Array.from(values),
})

function category(name: string, ...texts: string[]): CategoryColumn {
  const values = [...new Set(texts)].sort()
  return {
    kind: 'category',
    name,
    levels: values.map((value) => ({
      value,
      count: texts.filter((text) => text === value).length,
    })),
    codes: Int32Array.from(texts, (text) => values.indexOf(text)),
  }
}

const table = (...columns: (NumberColumn | CategoryColumn)[]): TrainingTable => ({
  rows: 3,
  label: Uint8Array.of(0, 1, 0),
  columns,
})

describe('the design matrix', () => {
  test('puts numbers before categories and keeps the columns in their order', () => {
    const design = buildDesignMatrix(
      table(category('city', 'b', 'a', 'b'), number('x', 1, 2, 3)),
      1,
    )
    expect(design.features).toEqual(['x', 'city=a', 'city=b'])
    expect(design.columns.map(({ name }) => name)).toEqual(['city', 'x'])
    expect([...design.codes]).toEqual([2, 1, 2])
  })

  test('standardises with the population deviation; a missing number becomes the mean', () => {
    const design = buildDesignMatrix(table(number('x', 1, Number.NaN, 3)), 1)
    const std = Math.sqrt(2 / 3)
    expect(design.columns[0]?.number).toEqual({ mean: 2, std, feature: 0 })
    expect([...design.numbers]).toEqual([-1 / std, 0, 1 / std])
  })

  test('leaves a constant number at zero, also where its mean would be rounded', () => {
    const design = buildDesignMatrix(table(number('x', 0.1, 0.1, 0.1)), 1)
    expect(design.columns[0]?.number).toEqual({ mean: 0.1, std: 1, feature: 0 })
    expect([...design.numbers]).toEqual([0, 0, 0])
  })

  test('gives rare levels no feature', () => {
    const design = buildDesignMatrix(table(category('city', 'b', 'a', 'b')), 2)
    expect(design.features).toEqual(['city=b'])
    expect([...design.codes]).toEqual([0, -1, 0])
    expect(design.columns[0]?.levels).toEqual([
      { value: 'a', feature: undefined },
      { value: 'b', feature: 0 },
    ])
  })

  test('refuses more features than the solver can factor, naming the widest columns', () => {
    const texts = Array.from({ length: featureLimit + 1 }, (_, index) => `v${index}`)
    expect(() => buildDesignMatrix(table(category('id', ...texts)), 1)).toThrow(
      `The columns make ${featureLimit + 1} features`,
    )
  })
})
