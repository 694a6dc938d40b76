// The card of a model that gives amounts, classes or rankings: its numbers in place of curves.
import { expect, test } from 'vitest'
import { markdownCard } from './card-markdown.ts'
import { performanceSection } from './page-performance.ts'
import { sampleCard } from './sample-card.ts'
import { taskFacts } from './task-facts.ts'

const labels = Float64Array.from({ length: 200 }, (_, row) => 10 + (row % 17))
const scores = labels.map((label, row) => label + (row % 2 === 0 ? 1 : -0.5))
const houses = taskFacts({ task: 'regression', labels, scores })

test('an amount: means with their interval, what needs drawing rows as an estimate', () => {
  expect(houses).toMatchObject({ task: 'regression', rows: 200 })
  const [mae, rmse] = houses.metrics
  expect(mae).toMatchObject({ name: 'mae', estimate: 0.75, n: 200 })
  expect(mae?.lower).toBeLessThan(0.75)
  expect(rmse).toMatchObject({ name: 'rmse', lower: null, method: 'estimate only' })
})

test('every metric of every task is one there is', () => {
  const classes = ['a', 'b', 'c']
  const shares = Float64Array.from({ length: 90 }, (_, at) => (at % 3 === 0 ? 0.5 : 0.25))
  const answers = Uint32Array.from({ length: 30 }, (_, row) => row % 3)
  expect(
    taskFacts({ task: 'multiclass', classes, labels: answers, scores: shares }).metrics,
  ).toHaveLength(6)
  const queries = Uint32Array.from({ length: 200 }, (_, row) => Math.floor(row / 10))
  expect(taskFacts({ task: 'ranking', labels, scores, queries }).metrics).toHaveLength(5)
})

test('page and Markdown show them', () => {
  const card = sampleCard()
  const request = { ...card, facts: { ...card.facts, performance: null, otherTask: houses } }
  expect(performanceSection(request).html).toMatch(/A regression model, measured on 200 rows/)
  expect(markdownCard(request)).toMatch(/\| mean absolute error \| 0\.75/)
})
