// The ML Test Score: points are earned by records, and the weakest section is the score.
import { expect, test } from 'vitest'
import { parseProject } from '../../../project/parse-project.ts'
import { smallProject } from '../../../project/sample-project.ts'
import { gateDefaults, judgeGate } from '../judge-gates.ts'
import { mlTestScore, type ScoreRecords } from './ml-test-score.ts'

const { spec } = parseProject(smallProject)
if (!spec) throw new Error('the sample project does not parse')

const nothing: ScoreRecords = {
  ...{ spec: { ...spec, monitors: [], triggers: [] }, document: null, inputs: ['age', 'hours'] },
  ...{ release: null, rollouts: { completed: 0, rolledBack: 0 }, medianLeadTimeMs: null },
}

function judged(text: string, options = {}) {
  return judgeGate({
    ...{ name: 'data', defaults: gateDefaults },
    checks: [{ text, options, position: null }],
    measure: () => ({ method: 'skipped', because: 'for this test' }),
  }).checks.map((check) => ({ ...check, verdict: 'pass' as const }))
}

test('there are 28 items, seven in each section, and nothing on record earns next to nothing', () => {
  const { items, sections, score } = mlTestScore(nothing)
  expect(items).toHaveLength(28)
  for (const section of ['data', 'model', 'infrastructure', 'monitoring'])
    expect(items.filter((item) => item.section === section)).toHaveLength(7)
  expect(sections).toMatchObject({ data: 0, model: 0, monitoring: 0 })
  expect(score).toBe(0)
})

test('checks that held earn points; the score is that of the weakest section', () => {
  const checks = [
    ...judged('age between 0 and 90'),
    ...judged('roc_auc > baseline(prior)'),
    ...judged('gap(tpr) <= 0.10', { by: 'sex' }),
    ...judged('parity <= 1e-5'),
  ]
  const gates = [{ name: 'all', verdict: 'pass' as const, checks }]
  const document = {
    ...{ version: 2 as const, verdict: 'pass' as const, gates, datasets: [] },
    ...{ judged: null, figures: null },
  }
  const { items, sections, score } = mlTestScore({ ...nothing, document })
  const points = (title: string) => items.find((item) => item.title === title)?.points
  expect(points('feature expectations are captured in a schema')).toBe(0.5)
  expect(points('a simpler model is not better')).toBe(1)
  expect(points('the model is tested for inclusion')).toBe(1)
  expect(points('training and serving compute the same values')).toBe(1)
  expect(score).toBe(Math.min(...Object.values(sections)))
})

test('a check that was waived or only warns earns nothing: it did not hold', () => {
  for (const verdict of ['waived', 'warn', 'skipped'] as const) {
    const checks = judged('roc_auc > baseline(prior)').map((check) => ({ ...check, verdict }))
    const gates = [{ name: 'all', verdict, checks }]
    const document = {
      version: 2 as const,
      verdict,
      gates,
      datasets: [],
      judged: null,
      figures: null,
    }
    const { items } = mlTestScore({ ...nothing, document })
    const item = items.find(({ title }) => title === 'a simpler model is not better')
    expect([verdict, item?.points]).toEqual([verdict, 0])
  }
})
