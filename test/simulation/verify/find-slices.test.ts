// A search among hundreds of slices of pure noise: how often it confirms something that is not there.
import { expect, it } from 'vitest'
import { randomStream } from '../../../src/foundation/random.ts'
import { findSlices } from '../../../src/verify/fairness/find-slices.ts'
import { metricFor } from '../../../src/verify/metrics/metric.ts'
import type { Scored } from '../../../src/verify/metrics/scored.ts'

const runs = 400
const rows = 1000

it.each(['accuracy', 'recall', 'log_loss'])('%s: nothing is invented in noise', (name) => {
  const metric = metricFor('binary', name)
  if (metric === undefined) throw new Error(name)
  const random = randomStream(20_261_124, name)
  let invented = 0
  let looked = 0
  for (let run = 0; run < runs; run++) {
    const labels = Uint8Array.from({ length: rows }, () => (random.next() < 0.4 ? 1 : 0))
    const scores = Float64Array.from(
      labels,
      (label) => 1 / (1 + Math.exp(-random.normal() - 1.5 * label + 1)),
    )
    const scored: Scored = { task: 'binary', labels, scores, threshold: 0.5 }
    const column = (values: number) =>
      Array.from({ length: rows }, () => `v${random.below(values)}`)
    const columns = new Map<string, ArrayLike<unknown>>([
      ['a', column(3)],
      ['b', column(4)],
      ['c', column(2)],
      ['d', Float64Array.from({ length: rows }, () => random.normal())],
      ['e', column(5)],
    ])
    const settings = { seed: String(run), minSupport: 30, falseDiscovery: 0.05, confidence: 0.95 }
    const found = findSlices({ scored, metric, columns, ...settings })
    looked += found.searched
    if (found.slices.some(({ isConfirmed }) => isConfirmed)) invented++
  }
  // All nulls are true: the false discovery rate is the share of runs with any.
  expect(invented / runs).toBeLessThanOrEqual(0.06)
  expect(looked / runs).toBeGreaterThan(20)
})
