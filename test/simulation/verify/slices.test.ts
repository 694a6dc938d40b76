// What "every slice" means: looking for harm must not block an equal model, proving safety must not let a bad slice through.
import { describe, expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import type { MeasuredSlice } from '../../../src/verify/gates/check-result.ts'
import { hasProblems, type MetricCheckSpec } from '../../../src/verify/gates/check-spec.ts'
import { gateDefaults } from '../../../src/verify/gates/judge-gates.ts'
import { judgeSlices } from '../../../src/verify/gates/judging/judge-slices.ts'
import { parseCheck } from '../../../src/verify/gates/language/parse-check.ts'
import type { Verdict } from '../../../src/verify/statistics/verdict.ts'
import { expectHonest, nominal, rates, runs } from './error-rates.ts'

type Options = Readonly<Record<string, string>>

function check(line: string, options: Options): MetricCheckSpec {
  const parsed = parseCheck(line, options)
  if (hasProblems(parsed) || parsed.kind !== 'metric') throw new Error(JSON.stringify(parsed))
  return parsed
}

/** One model of which `gained` and `lost` rows differ from the champion. */
function slice(
  random: RandomStream,
  name: string,
  trials: number,
  [gained, lost]: [number, number],
) {
  let up = 0
  let down = 0
  for (let row = 0; row < trials; row++) {
    const u = random.next()
    if (u < gained) up++
    else if (u < gained + lost) down++
  }
  const shares = { own: up / trials, reference: down / trials }
  const statistics = {
    method: 'paired_proportion' as const,
    ...shares,
    gained: up,
    lost: down,
    trials,
  }
  return { group: name, statistics }
}

function verdictOf(spec: MetricCheckSpec, slices: readonly MeasuredSlice[]): Verdict {
  return judgeSlices(spec, { method: 'each', slices }, gateDefaults).verdict
}

const harm = { each: 'plan', mode: 'detect_harm' }

describe('an equally good model in many slices', () => {
  for (const [count, trials, share] of [
    [20, 200, 0.03],
    [50, 200, 0.03],
    [200, 500, 0.03],
    [20, 1000, 0.01],
  ] as const) {
    it(`is not blocked by looking for harm in ${count} slices of ${trials} rows`, () => {
      const margins = check('accuracy >= champion - 0.02', harm)
      const none = check('accuracy >= champion', harm)
      const decide = (random: RandomStream) => {
        const slices = Array.from({ length: count }, (_, at) =>
          slice(random, String(at), trials, [share, share]),
        )
        return {
          'blocked at no margin': verdictOf(none, slices) === 'fail',
          'blocked at a margin of 2 points': verdictOf(margins, slices) === 'fail',
          'some point is below the margin': slices.some(
            ({ statistics: { own, reference } }) => own - reference < -0.02,
          ),
        }
      }
      const name = `equal model, detect_harm, ${count} slices of ${trials}`
      const shares = rates(name, decide, count > 100 ? 1000 : runs)
      const { 'some point is below the margin': naive, ...honest } = shares
      expectHonest(honest)
      // What a gate on plain numbers would have blocked.
      if (trials < 1000) expect(naive).toBeGreaterThan(0.8)
    })
  }

  it('looking for harm finds a slice that loses ten points', () => {
    const spec = check('accuracy >= champion', harm)
    const { found = 0 } = rates(
      'one of 20 slices of 200 loses 10 points, detect_harm',
      (random) => {
        const slices = Array.from({ length: 20 }, (_, at) =>
          slice(random, String(at), 200, at === 0 ? [0.02, 0.12] : [0.03, 0.03]),
        )
        return { found: verdictOf(spec, slices) === 'fail' }
      },
    )
    expect(found).toBeGreaterThan(0.8)
  })
})

describe('one slice exactly at the margin, the others fine', () => {
  it('passes the proof of safety in at most 5 % of holdouts, and no correction is needed for that', () => {
    const spec = check('accuracy >= champion - 0.02', { each: 'plan' })
    expectHonest(
      rates('one of 5 slices of 400 exactly at the margin, prove_safety', (random) => {
        const slices = Array.from({ length: 5 }, (_, at) =>
          slice(random, String(at), 400, at === 0 ? [0.02, 0.04] : [0.06, 0.02]),
        )
        const verdict = verdictOf(spec, slices)
        return { passes: verdict === 'pass', fails: verdict === 'fail' }
      }),
    )
  })
})

describe('false discoveries', () => {
  it('among the slices called worse, at most 5 % are not', () => {
    const spec = check('accuracy >= champion', harm)
    const random = randomStream('false discoveries', 'simulation')
    let sum = 0
    const times = 1000
    for (let run = 0; run < times; run++) {
      const slices = Array.from({ length: 20 }, (_, at) =>
        slice(random, String(at), 300, at < 5 ? [0.01, 0.07] : [0.03, 0.03]),
      )
      const { denominators = [] } = judgeSlices(spec, { method: 'each', slices }, gateDefaults)
      const called = denominators.filter(({ verdict }) => verdict === 'fail')
      const wrong = called.filter(({ name }) => Number(name) >= 5)
      sum += called.length === 0 ? 0 : wrong.length / called.length
    }
    process.stdout.write(
      `false discoveries, 5 of 20 slices worse: ${((100 * sum) / times).toFixed(1)} %\n`,
    )
    expect(sum / times).toBeLessThanOrEqual(nominal)
  })
})
