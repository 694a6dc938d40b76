import { expect, test } from 'vitest'
import { parseProject } from '../../../project/parse-project.ts'
import { checkProblems } from './check-problems.ts'

const project = (dataCheck: string, gates: string) => `version: 1
project: p
model: {name: m, artifact: m.onnx}
data:
  d:
    path: d.parquet
    checks:
      - ${dataCheck}
pipeline:
  train: {run: train, inputs: [d.parquet], outputs: [m.onnx]}
evaluate: {data: d, label: y, groups: [sex]}
gates:
  quality: ${gates}
environments:
  production: {port: 8080, delivery: manual}
`

const problemsOf = (dataCheck: string, gates: string) =>
  parseProject(project(dataCheck, gates), checkProblems).problems

test('checks that can be judged are no problem', () => {
  expect(
    problemsOf('rows >= 10', '[roc_auc >= 0.8, {gap(tpr) <= 0.1: {by: sex}}, errors = 0]'),
  ).toEqual([])
})

test('a line that does not parse is shown at the place of the wrong word', () => {
  const [problem] = problemsOf('rows >= 10', '[roc_aux >= 0.8]')
  expect(problem).toMatchObject({
    message: 'gates.quality: "roc_aux" is not a metric',
    position: { line: 13, column: 13, length: 7 },
    hint: expect.stringContaining('Did you mean roc_auc?'),
  })
})

test('a check of a model is no check of data, nor the other way round', () => {
  expect(problemsOf('roc_auc >= 0.8', '[rows >= 10]').map(({ message }) => message)).toEqual([
    'data.d.checks: "roc_auc >= 0.8" is a check of a model',
    'gates.quality: "rows >= 10" is a check of data',
  ])
})

test('groups must be those of the evaluation', () => {
  const gates = '[{gap(tpr) <= 0.1: {by: sexx}}, {roc_auc >= 0.8: {each: region}}]'
  expect(problemsOf('rows >= 10', gates).map(({ hint }) => hint)).toEqual([
    'did you mean sex?',
    'add region to evaluate.groups',
  ])
})

test('a waiver names one check: its id, its line, or either with the gate before it', () => {
  const waived = (check: string, gates = '[{recall >= 0.4: {each: sex}}, recall >= 0.4]') => {
    const waiver = `waivers: [{check: '${check}', until: 2030-01-01, by: olga, because: known}]\n`
    return parseProject(project('rows >= 10', gates) + waiver, checkProblems).problems
  }
  expect(waived('quality.recall')).toEqual([])
  expect(waived('recall >= 0.4 {each: sex}')).toEqual([])
  const twice = '[recall >= 0.4, recall >= 0.4]'
  const sentence = 'names 2 checks, and a waiver is for one'
  for (const check of ['recall >= 0.4', 'quality/recall >= 0.4'])
    expect(waived(check, twice)).toMatchObject([{ message: `waivers: '${check}' ${sentence}` }])
  expect(waived('scan clean', '[scan clean]')).toMatchObject([
    { message: expect.stringContaining('guards the integrity of a release') },
  ])
})

test('what guards integrity is never declared to be a warning', () => {
  expect(problemsOf('rows >= 10', '[{scan clean: {severity: warn}}]')).toMatchObject([
    { message: expect.stringContaining('severity: warn is not for a check of integrity') },
  ])
})
