import { describe, expect, it } from 'vitest'
import golden from '../../../test/golden/verify/classification.json' with { type: 'json' }
import { metricFor, type Task } from './metric.ts'
import type { BinaryScored, MulticlassScored, Scored } from './scored.ts'

interface Case {
  readonly name: string
  readonly labels: readonly number[]
  readonly scores: readonly number[]
  readonly weights?: readonly number[]
  readonly expected: Readonly<Record<string, number | null>>
  readonly compat: Readonly<Record<string, number | 'nan'>>
}

const weightsOf = ({ weights }: Case) => (weights ? { weights: Float64Array.from(weights) } : {})

const binary = (golden.binary as unknown as (Case & { threshold: number })[]).map((given) => {
  const scored: BinaryScored = {
    task: 'binary',
    labels: Uint8Array.from(given.labels),
    scores: Float64Array.from(given.scores),
    threshold: given.threshold,
    ...weightsOf(given),
  }
  return { given, scored }
})

const multiclass = (golden.multiclass as unknown as (Case & { classes: string[] })[]).map(
  (given) => {
    const scored: MulticlassScored = {
      task: 'multiclass',
      classes: given.classes,
      labels: Uint32Array.from(given.labels),
      scores: Float64Array.from(given.scores),
      ...weightsOf(given),
    }
    return { given, scored }
  },
)

describe('metrics of a binary model agree with scikit-learn and statsmodels', () => {
  for (const { given, scored } of binary) it(given.name, () => agree('binary', given, scored))
})

describe('metrics of a multiclass model agree with scikit-learn', () => {
  for (const { given, scored } of multiclass)
    it(given.name, () => agree('multiclass', given, scored))
})

function agree(task: Task, given: Case, scored: Scored): void {
  for (const [name, expected] of Object.entries(given.expected)) {
    const metric = metricFor(task, name)
    expect(metric?.name).toBe(name)
    if (metric === undefined) continue
    const value = metric.value(scored)
    if (expected === null) {
      expect(value, name).toBeUndefined()
      const compat = given.compat[name]
      if (compat === 'nan') expect(metric.compatValue?.(scored), name).toBeNaN()
      else if (compat !== undefined)
        expect(metric.compatValue?.(scored), name).toBeCloseTo(compat, 9)
      continue
    }
    const distance = Math.abs((value ?? Number.NaN) - expected) / Math.max(1, Math.abs(expected))
    expect(distance, `${name}: ${value} against ${expected}`).toBeLessThan(1e-9)
    // With no weights, what a proportion counts is what it values.
    if (metric.count !== undefined && scored.weights === undefined) {
      const { successes, trials } = metric.count(scored)
      expect(successes / trials, name).toBeCloseTo(expected, 12)
      expect(metric.support(scored), name).toBe(trials)
    }
  }
}
