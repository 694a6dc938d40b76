// What a search for weak slices asks when nobody says.
import { describe, expect, test } from 'vitest'
import type { EvaluateSpec, ProjectSpec } from '../../project/project-spec.ts'
import { searchColumns, searchMetric } from './slice-question.ts'

type Asked = Pick<ProjectSpec, 'evaluate' | 'gates'>

function projectOf(lines: readonly string[], task: EvaluateSpec['task'] = 'binary'): Asked {
  const position = { line: 1, column: 1 }
  const checks = lines.map((text) => ({ text, options: {}, position }))
  return { evaluate: { ...evaluate, task }, gates: [{ name: 'quality', checks }] }
}

const evaluate: EvaluateSpec = {
  ...{ data: 'holdout.csv', task: 'binary', label: 'y', classes: null, threshold: 0.5 },
  ...{ groups: [], slices: [], score: null, weights: 'w', clusterBy: 'customer', time: null },
  ...{ blockMs: null, maturedMs: null, query: null, predictions: null, train: null, anchor: null },
}

describe('the metric', () => {
  test('is the one asked for, under any of its names', () => {
    expect(searchMetric(projectOf([]), 'tpr').name).toBe('recall')
  })

  test('is what the gates ask of every row, or the usual one of the task', () => {
    expect(searchMetric(projectOf(['roc_auc >= 0.9', 'precision >= 0.5']), null).name).toBe(
      'precision',
    )
    expect(searchMetric(projectOf(['roc_auc >= 0.9', 'nonsense']), null).name).toBe('accuracy')
    expect(searchMetric(projectOf(['rmse <= 4'], 'regression'), null).name).toBe('mae')
  })

  test('of another task is refused with what was probably meant', () => {
    expect(() => searchMetric(projectOf([]), 'recal')).toThrow(/recal is not a metric of a binary/)
  })
})

describe('the columns', () => {
  const values = ['a', 'b']
  const holdout = {
    columns: new Map(['y', 'w', 'customer', 'region'].map((name) => [name, values] as const)),
    inputs: [{ name: 'age', values: [1, 2] }],
  }

  test('are all but the label, the weights and the entities', () => {
    expect([...searchColumns(holdout, evaluate, null).keys()]).toEqual(['region', 'age'])
  })

  test('asked for by name must be there', () => {
    expect([...searchColumns(holdout, evaluate, ['age']).keys()]).toEqual(['age'])
    expect(() => searchColumns(holdout, evaluate, ['regoin'])).toThrow(/no column 'regoin'/)
  })
})
