// The recipe question over few seeds, and the same question asked again and again: errors stay where they are promised.
import { describe, expect, it } from 'vitest'
import type { RandomStream } from '../../../src/foundation/random.ts'
import { hasProblems, type RecipeCheckSpec } from '../../../src/verify/gates/check-spec.ts'
import { gateDefaults } from '../../../src/verify/gates/judge-gates.ts'
import { judgeRecipe } from '../../../src/verify/gates/judging/judge-recipe.ts'
import { parseCheck } from '../../../src/verify/gates/language/parse-check.ts'
import { boundMetric } from '../../../src/verify/metrics/metric-bounds.ts'
import {
  type AttemptPolicy,
  confidenceForAttempt,
} from '../../../src/verify/statistics/attempts.ts'
import { normalQuantile } from '../../../src/verify/statistics/special-functions.ts'
import { binomial, expectHonest, nominal, rates } from './error-rates.ts'

function check(line: string, options: Readonly<Record<string, unknown>> = {}): RecipeCheckSpec {
  const parsed = parseCheck(line, options)
  if (hasProblems(parsed) || parsed.kind !== 'recipe') throw new Error(JSON.stringify(parsed))
  return parsed
}

const replicates = (values: readonly number[], first = 1) =>
  values.map((value, at) => ({ replicate: `train@seed-${first + at}`, value }))

function decide(
  spec: RecipeCheckSpec,
  own: readonly number[],
  reference?: readonly number[],
  first = 1,
) {
  const other = reference ? { reference: replicates(reference, first), release: '1' } : {}
  const { verdict } = judgeRecipe(
    spec,
    { method: 'recipe', own: replicates(own), ...other },
    gateDefaults,
  )
  return { passes: verdict === 'pass', fails: verdict === 'fail' }
}

const seeds = (random: RandomStream, count: number, mean: number, sd: number) =>
  Array.from({ length: count }, () => mean + sd * random.normal())

describe('a recipe exactly at its limit', () => {
  it('its mean over five seeds', () => {
    const spec = check('mean(train:auc) >= 0.9')
    expectHonest(
      rates('mean of 5 seeds at its limit, t', (random) =>
        decide(spec, seeds(random, 5, 0.9, 0.01)),
      ),
    )
  })
  it('its spread over five seeds', () => {
    const spec = check('spread(train:auc) <= 0.01')
    expectHonest(
      rates('spread of 5 seeds at its limit, chi-square', (random) =>
        decide(spec, seeds(random, 5, 0.9, 0.01)),
      ),
    )
  })
  it('against another recipe with the same seeds', () => {
    const spec = check('mean(train:auc) >= champion')
    expectHonest(
      rates('two equal recipes, 5 shared seeds, paired t', (random) => {
        const luck = seeds(random, 5, 0.9, 0.01)
        const of = () => luck.map((one) => one + 0.004 * random.normal())
        return decide(spec, of(), of())
      }),
    )
  })
  it('against another recipe with other seeds and another spread', () => {
    const spec = check('mean(train:auc) >= champion')
    expectHonest(
      rates('two equal recipes, 5 and 8 other seeds, Welch', (random) =>
        decide(spec, seeds(random, 5, 0.9, 0.02), seeds(random, 8, 0.9, 0.005), 50),
      ),
    )
  })
})

describe('random splits whose training rows overlap', () => {
  const corrected = check('mean(cv:error) <= champion', { resampled: 0.25 })
  const plain = check('mean(cv:error) <= champion')
  it('are judged with the correction of Nadeau and Bengio, without which a fifth of equal recipes would differ', () => {
    const shares = rates('two equal recipes, 10 random 80/20 splits of 100 rows', (random) => {
      const { own, other } = overlappingSplits(random, 100, 10)
      const { passes, fails } = decide(corrected, own, other)
      const naive = decide(plain, own, other)
      return { passes, fails, 'wrong without the correction': naive.passes || naive.fails }
    })
    const { 'wrong without the correction': naive, ...honest } = shares
    expectHonest(honest)
    expect(naive).toBeGreaterThan(0.15)
  })
})

describe('a gate asked twenty times on fresh luck', () => {
  const passesAt = (random: RandomStream, attempt: number, policy: AttemptPolicy) => {
    const confidence = confidenceForAttempt(1 - nominal, { attempt, policy })
    const count = { successes: binomial(random, 500, 0.8), trials: 500 }
    const { lower = 0 } = boundMetric(
      { method: 'proportion', ...count },
      normalQuantile(confidence),
    )
    return lower >= 0.8
  }
  it('lets a model at its limit through once in half of all projects; spending keeps all tries together at 5 %', () => {
    const tries = Array.from({ length: 20 }, (_, at) => at + 1)
    const { spent = 1, shown = 0 } = rates('a model at its limit, 20 tries', (random) => ({
      spent: tries.some((attempt) => passesAt(random, attempt, 'spend')),
      shown: tries.some((attempt) => passesAt(random, attempt, 'count')),
    }))
    expectHonest({ spent })
    expect(shown).toBeGreaterThan(0.4)
  })
})

/** Two learners of equal expected error: each predicts the mean of one of two exchangeable halves of the training rows' values. */
function overlappingSplits(random: RandomStream, rows: number, splits: number) {
  const x = Array.from({ length: rows }, () => random.normal())
  const y = Array.from({ length: rows }, () => random.normal())
  const target = Array.from({ length: rows }, () => random.normal())
  const own: number[] = []
  const other: number[] = []
  for (let split = 0; split < splits; split++) {
    const order = shuffled(random, rows)
    const test = order.slice(0, rows / 5)
    const train = order.slice(rows / 5)
    own.push(errorOf(x, target, train, test))
    other.push(errorOf(y, target, train, test))
  }
  return { own, other }
}

/** Squared error on the test rows of a line through the origin, fitted on the training rows. */
function errorOf(
  x: readonly number[],
  y: readonly number[],
  train: readonly number[],
  test: readonly number[],
): number {
  let top = 0
  let bottom = 0
  for (const row of train) {
    top += (x[row] ?? 0) * (y[row] ?? 0)
    bottom += (x[row] ?? 0) ** 2
  }
  const slope = top / bottom
  let sum = 0
  for (const row of test) sum += ((y[row] ?? 0) - slope * (x[row] ?? 0)) ** 2
  return sum / test.length
}

function shuffled(random: RandomStream, count: number): readonly number[] {
  const order = Array.from({ length: count }, (_, at) => at)
  for (let at = count - 1; at > 0; at--) {
    const other = random.below(at + 1)
    const held = order[at] ?? 0
    order[at] = order[other] ?? 0
    order[other] = held
  }
  return order
}
