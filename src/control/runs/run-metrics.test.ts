import { describe, expect, test } from 'vitest'
import { compareMetrics, summariseMetrics } from './run-metrics.ts'

describe('the metrics of a run', () => {
  const seed = (auc: number) => ({ declaredAs: 'train', metrics: { auc } })

  test('replicates are one line: mean, deviation, number', () => {
    expect(summariseMetrics([seed(0.9), seed(0.92), seed(0.94)])).toEqual([
      {
        ...{ step: 'train', name: 'auc', n: 3 },
        mean: expect.closeTo(0.92, 9),
        sd: expect.closeTo(0.02, 9),
      },
    ])
  })

  test('one value has no deviation', () => {
    expect(summariseMetrics([seed(0.9)])[0]).toMatchObject({ mean: 0.9, sd: null, n: 1 })
  })

  test('each is compared with the newest earlier run that has it', () => {
    const earlier = [
      { number: 3, steps: [{ declaredAs: 'train', metrics: {} }] },
      { number: 2, steps: [seed(0.8)] },
      { number: 1, steps: [seed(0.7)] },
    ]
    expect(compareMetrics([seed(0.9)], earlier)[0]?.before).toEqual({
      ...{ run: 2, mean: 0.8, sd: null, n: 1 },
    })
    expect(compareMetrics([seed(0.9)], [])[0]?.before).toBeNull()
  })
})
