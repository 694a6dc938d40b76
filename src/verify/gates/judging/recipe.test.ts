import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../check-result.ts'
import { hasProblems } from '../check-spec.ts'
import { familyOf } from '../families.ts'
import type { GateEvidenceInput } from '../gate-evidence.ts'
import { judgeCheck } from '../judge-check.ts'
import { gateDefaults } from '../judge-gates.ts'
import { parseCheck } from '../language/parse-check.ts'
import type { RecipeEvidence } from '../recipe-evidence.ts'

const samples = (values: readonly number[], first = 1) =>
  values.map((roc_auc, at) => ({
    step: 'train',
    replicate: `train@seed-${first + at}`,
    metrics: { roc_auc },
  }))

const steady = [0.912, 0.915, 0.913, 0.911, 0.914, 0.913]

function ask(
  line: string,
  recipe: RecipeEvidence | undefined,
  options: Readonly<Record<string, unknown>> = {},
): Omit<CheckResult, 'position' | 'written'> {
  const spec = parseCheck(line, options)
  if (hasProblems(spec) || spec.kind !== 'recipe') throw new Error(JSON.stringify(spec))
  const evidence: GateEvidenceInput = {
    holdout: {
      scored: {
        task: 'binary',
        labels: new Uint8Array(),
        scores: new Float64Array(),
        threshold: 0.5,
      },
      columns: new Map(),
    },
    baselines: new Map(),
    ...(recipe ? { recipe } : {}),
  }
  const statistics = familyOf('recipe').measure(spec, evidence, gateDefaults)
  return judgeCheck(spec, JSON.parse(JSON.stringify(statistics)), gateDefaults)
}

describe('given a recipe trained with six seeds', () => {
  const own = { own: samples(steady) }
  it('its spread and its mean are judged by their bounds', () => {
    expect(ask('spread(train:roc_auc) <= 0.01', own)).toMatchObject({
      verdict: 'pass',
      n: 6,
      id: 'training.spread(train:roc_auc)',
      because:
        'the spread (sd) of train:roc_auc over 6 seeds is 0.0014 (95 % bounds 0.00095 to 0.003), allowed ≤ 0.010',
    })
    expect(ask('spread(train:roc_auc) <= 0.0005', own).verdict).toBe('fail')
    expect(ask('spread(train:roc_auc) <= 0.002', own).verdict).toBe('insufficient')
    expect(ask('mean(train:roc_auc) >= 0.9', own).verdict).toBe('pass')
    expect(ask('mean(train:roc_auc) >= 0.95', own).verdict).toBe('fail')
    const near = ask('mean(train:roc_auc) >= 0.9125', own)
    expect(near.verdict).toBe('insufficient')
    expect(near.because).toMatch(/about \d+ seeds would decide it, there are 6$/)
  })

  it('seeds that changed nothing are no sample, however often they were tried', () => {
    const same = { own: samples([0.913, 0.913, 0.913, 0.913, 0.913]) }
    const lines = ['spread(train:roc_auc) <= 0.01', 'mean(train:roc_auc) >= 0.9']
    for (const line of lines) {
      expect(ask(line, same)).toMatchObject({
        verdict: 'insufficient',
        because: expect.stringContaining(
          'is 0.913 with each of 5 seeds: the seeds changed nothing: is the seed used?',
        ),
      })
    }
  })

  it('is compared seed by seed with the recipe of the champion, and by Welch where seeds differ', () => {
    // Two lucky and two unlucky seeds for both: the pairs differ by exactly two thousandths.
    const luck = [0.01, -0.01, 0.02, -0.02, 0.005]
    const mine = samples(luck.map((one, at) => 0.9 + one + 0.0001 * at))
    const theirs = luck.map((one) => 0.898 + one)
    const line = 'mean(train:roc_auc) >= champion'
    const paired = ask(line, { own: mine, champion: { release: '7', samples: samples(theirs) } })
    expect(paired).toMatchObject({ verdict: 'pass', method: 'paired t by seed' })
    expect(paired.because).toContain('of the recipe of release 7 0.899')
    const other = { release: '7', samples: samples(theirs, 50) }
    expect(ask(line, { own: mine, champion: other })).toMatchObject({
      verdict: 'insufficient',
      method: "Welch's t",
    })
    expect(ask(line, { own: mine }).verdict).toBe('skipped')
  })

  it('random splits that overlap are less sure than they look', () => {
    const champion = { release: '7', samples: samples(steady.map((one) => one - 0.0012)) }
    const noisy = {
      own: samples(steady.map((one, at) => one + (at % 2 === 0 ? 1 : -1) * 0.001)),
      champion,
    }
    const line = 'mean(train:roc_auc) >= champion'
    expect(ask(line, noisy).verdict).toBe('pass')
    const corrected = ask(line, noisy, { resampled: 0.25 })
    expect(corrected.verdict).toBe('insufficient')
    expect(corrected.method).toBe('Nadeau-Bengio corrected t, test/train 0.25')
  })

  it('fewer than five seeds say nothing about a spread, and one nothing about a mean', () => {
    const four = ask('spread(train:roc_auc) <= 0.01', { own: samples(steady.slice(0, 4)) })
    expect(four).toMatchObject({ verdict: 'insufficient', neededRows: 5 })
    expect(four.because).toContain('write seeds: [1, 2, 3, 4, 5] at the step')
    expect(ask('mean(train:roc_auc) >= 0.9', { own: samples([0.95]) }).verdict).toBe('insufficient')
  })

  it('a name that is not there is an error that says what is', () => {
    expect(ask('mean(trian:roc_auc) >= 0.9', own)).toMatchObject({
      verdict: 'error',
      because: 'no step trian wrote metrics in this run (did you mean train?)',
    })
    expect(ask('mean(train:roc_acu) >= 0.9', own).because).toContain('did you mean roc_auc?')
    expect(ask('mean(train:roc_auc) >= 0.9', undefined).verdict).toBe('error')
    const empty = { own: own.own, champion: { release: '3', samples: [] } }
    expect(ask('mean(train:roc_auc) >= champion', empty)).toMatchObject({
      verdict: 'insufficient',
      because: 'the run of release 3 wrote no train:roc_auc, so nothing can be compared with it',
    })
  })

  it('a line that cannot be meant is refused', () => {
    const problem = (line: string) => {
      const parsed = parseCheck(line)
      return hasProblems(parsed) ? parsed.problems[0]?.message : parsed.text
    }
    expect(problem('spread(train:auc) >= 0.01')).toBe('a spread is bounded from above')
    expect(problem('spread(train:auc) <= champion')).toBe('a spread is compared with a number')
    expect(problem('mean(train:auc) >= last')).toBe('"last" is nothing to compare with')
    expect(problem('mean(train:auc) >= champion − 1%')).toBe('mean(train:auc) >= champion - 0.01')
  })
})
