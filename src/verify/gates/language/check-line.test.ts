import { expect, it } from 'vitest'
import { splitComparison } from './check-line.ts'

it.each([
  ['precision@recall=0.9 >= 0.5', 'precision@recall=0.9', '>=', '0.5'],
  ['cost@fp=1, fn=5 <= 0.2', 'cost@fp=1, fn=5', '<=', '0.2'],
  ['recall@k=10%>=champion - 0.02', 'recall@k=10%', '>=', 'champion - 0.02'],
  ['ece@15u <= 0.03', 'ece@15u', '<=', '0.03'],
  ['confusion[cat->dog] <= 1%', 'confusion[cat->dog]', '<=', '1%'],
  ['"mail@home" = 3', '"mail@home"', '=', '3'],
])('of %s the signs inside the metric compare nothing', (line, left, op, right) => {
  const found = splitComparison(line)
  expect([found?.left.text, found?.op, found?.right.text]).toEqual([left, op, right])
})
