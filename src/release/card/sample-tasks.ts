// Rows of models of every other task as tests need them: answers of a seeded stream, with two groups.
import { randomStream } from '../../foundation/random.ts'
import type {
  MulticlassScored,
  RankingScored,
  RegressionScored,
} from '../../verify/metrics/scored.ts'

export const animals = ['cat', 'dog', 'horse', '<b>goat</b>']

export function multiclassRows(rows: number, classes = animals): MulticlassScored {
  const random = randomStream('tasks', 'multiclass')
  const width = classes.length
  const labels = new Uint32Array(rows)
  const scores = new Float64Array(rows * width)
  for (let row = 0; row < rows; row++) {
    const truth = Math.floor(random.next() ** 2 * width)
    labels[row] = truth
    const odds = classes.map((_, at) => Math.exp(random.normal() + (at === truth ? 1.8 : 0)))
    const total = odds.reduce((sum, one) => sum + one, 0)
    for (const [at, one] of odds.entries()) scores[row * width + at] = one / total
  }
  return { task: 'multiclass', classes, labels, scores }
}

export function regressionRows(rows: number): RegressionScored {
  const random = randomStream('tasks', 'regression')
  const labels = new Float64Array(rows)
  const scores = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const size = 20 + 300 * random.next() ** 2
    labels[row] = size + random.normal() * size * 0.15
    scores[row] = size + 4
  }
  return { task: 'regression', labels, scores }
}

export function rankingRows(queries: number, items = 12): RankingScored {
  const random = randomStream('tasks', 'ranking')
  const rows = queries * items
  const labels = new Float64Array(rows)
  const scores = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    labels[row] = random.next() < 0.15 ? 1 : 0
    scores[row] = random.normal() + (labels[row] ?? 0)
  }
  const queryOf = Uint32Array.from({ length: rows }, (_, row) => Math.floor(row / items))
  return { task: 'ranking', labels, scores, queries: queryOf }
}

export function sampleGroups(rows: number): ReadonlyMap<string, readonly (string | null)[]> {
  const names = ['north', 'south', null]
  return new Map([['region', Array.from({ length: rows }, (_, row) => names[row % 3] ?? null)]])
}
