// Stories of explaining and planning: the numbers behind a verdict, and how long a verdict takes.
import { expect, test } from 'vitest'
import { production } from '../sample-delivery.ts'
import { analyseRollout } from './analyse-rollout.ts'
import { explainAnalysis } from './explain-analysis.ts'
import { planRollout, requestsForPass } from './plan-rollout.ts'
import { noEvidence, type RolloutEvidence } from './rollout-evidence.ts'

const spec = production.analysis
const canary = (candidate: [number, number], stable: [number, number]): RolloutEvidence => ({
  ...noEvidence,
  segments: [
    {
      candidateBp: 1000,
      candidate: { requests: candidate[0], errors: candidate[1] },
      stable: { requests: stable[0], errors: stable[1] },
    },
  ],
})

test('an explanation recomputes the verdict and says what is missing and for how long', () => {
  const { analysis, needs, sentences } = explainAnalysis(canary([50, 0], [450, 0]), spec, 10)
  expect(analysis.verdict).toBe('insufficient')
  expect(needs.requests).toBe((requestsForPass(spec, 0) ?? 0) - 50)
  expect(needs.etaMs).toBe((needs.requests ?? 0) * 100)
  expect(sentences[0]).toContain('50 candidate answers of the 100')
  expect(sentences.at(-1)).toContain('more candidate answers')
})

test('an explanation of harm carries the e-value against its threshold, and is plain JSON', () => {
  const explained = explainAnalysis(canary([300, 12], [2700, 8]), spec)
  expect(explained.analysis.verdict).toBe('fail')
  expect(explained.eValues.harm).toBeGreaterThan(explained.eValues.harmAt)
  expect(explained.ratio.lower).toBeGreaterThan(1)
  expect(JSON.parse(JSON.stringify(explained))).toEqual(explained)
})

test('no error anywhere: the ratio is unbounded above, and nothing is infinite in the answer', () => {
  const explained = explainAnalysis(canary([300, 0], [2700, 0]), spec)
  expect(explained.ratio).toEqual({ lower: 0, upper: null })
  expect(explained.analysis.verdict).toBe('pass')
})

test('two fifths of alpha for errors: an e-value of 50 at alpha 0.05', () => {
  const { relative, integrity } = analyseRollout(noEvidence, spec)
  expect(Math.exp(relative.threshold)).toBeCloseTo(50)
  expect(Math.exp(integrity.threshold)).toBeCloseTo(1000)
})

test('the plan says how long each step takes at the present traffic, and when it cannot be judged', () => {
  const plan = planRollout(production, 200, 0.01)
  expect(plan.steps.map((step) => step.kind)).toEqual(['canary', 'canary', 'bake'])
  expect(plan.canConclude).toBe(true)
  expect(plan.steps[0]?.seconds).toBeGreaterThan(5)
  expect(plan.steps[0]?.secondsToSeeTriple).toBeGreaterThan(0)
  expect(planRollout(production, 0, 0.01)).toMatchObject({ canConclude: false, totalSeconds: null })
  expect(planRollout(production, 200, 0.06).steps[0]?.because).toContain('not below the limit')
  expect(planRollout(production, 0.5, 0.01)).toMatchObject({ canConclude: false })
})
