// `evaluate:` as people write it: what follows from what, and what does not go together.
import { describe, expect, it } from 'vitest'
import { parseProject } from './parse-project.ts'
import { renderProblems } from './problems.ts'
import type { EvaluateSpec } from './project-spec.ts'

function text(evaluate: string): string {
  return `version: 1
project: small
model: {name: small, artifact: model.onnx}
data:
  holdout: {path: holdout.csv}
  train: {path: train.csv}
pipeline:
  fit: {run: "python fit.py", outputs: [model.onnx, claimed.parquet]}
evaluate: {data: holdout, label: y${evaluate && `, ${evaluate}`}}
environments:
  staging: {port: 8081, delivery: automatic}
`
}

function evaluateOf(evaluate: string): EvaluateSpec {
  const { spec, problems } = parseProject(text(evaluate))
  if (!spec) throw new Error(renderProblems('lockstep.yaml', text(evaluate), problems))
  return spec.evaluate
}

function problemsOf(evaluate: string): string[] {
  return parseProject(text(evaluate)).problems.map(
    ({ message, hint }) => `${message}${hint ? ` (${hint})` : ''}`,
  )
}

describe('what the model predicts', () => {
  it.each([
    ['', 'binary'],
    ['classes: [no, yes]', 'binary'],
    ['classes: [cat, dog, horse]', 'multiclass'],
    ['query: session', 'ranking'],
    ['task: regression', 'regression'],
    ['task: multiclass, classes: [no, yes]', 'multiclass'],
  ])('with {%s} is %s', (evaluate, task) => {
    expect(evaluateOf(evaluate).task).toBe(task)
  })

  it('everything else has its default or its unit', () => {
    expect(evaluateOf('')).toEqual({
      ...{ data: 'holdout', task: 'binary', label: 'y', classes: null, threshold: 0.5, groups: [] },
      ...{ slices: [], score: null, weights: null, clusterBy: null, time: null, blockMs: null },
      ...{ maturedMs: null, query: null, predictions: null, train: null, anchor: null },
    })
    expect(
      evaluateOf(
        'time: at, block: 1d, matured: 2h, classes: [1, 2, 3], predictions: claimed.parquet',
      ),
    ).toMatchObject({
      ...{ blockMs: 86_400_000, maturedMs: 7_200_000, classes: ['1', '2', '3'] },
      predictions: { file: 'claimed.parquet', key: null, columns: null },
    })
  })
})

describe('what does not go together is told', () => {
  it.each([
    ['task: ranking', 'a ranking needs the column that says which query a row belongs to'],
    ['task: binary, query: q', 'a binary task has no queries (use task: ranking)'],
    ['task: regression, classes: [a, b]', 'a regression has no classes'],
    ['task: binary, classes: [a, b, c]', 'a binary task has two classes; found 3'],
    ['classes: [a, b, a]', "the class 'a' is listed twice"],
    ['groups: [sex, sex]', "the column 'sex' is listed twice"],
    ['weights: y', "the column 'y' is already the label"],
    ['block: 1d', 'block needs the column that says when a row happened (add time: <column>)'],
    ['matured: 1d', 'matured needs the column that says when a row happened'],
    ['time: t, block: 0s', 'block must be longer than nothing'],
    ['time: t, block: 1d, cluster_by: who', 'rows are drawn by block of time or by cluster_by'],
    ['query: q, cluster_by: who', 'the bounds of a ranking are over its queries'],
    ['train: trian', "there is no dataset or step output 'trian'"],
    ['predictions: claimed.csv', "there is no dataset or step output 'claimed.csv'"],
    ['predictions: {file: claimed.parquet, columns: [a, b]}', 'a binary prediction is one column'],
    ['threshold: 0.4, task: regression', 'only two classes have a threshold'],
    ['slice: [a]', "unknown key 'slice'"],
  ])('{%s}', (evaluate, sentence) => {
    expect(problemsOf(evaluate).join('\n')).toContain(sentence)
  })
})
