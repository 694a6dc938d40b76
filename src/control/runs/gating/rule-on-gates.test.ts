// Data that nobody could judge ends no run before its model was looked at, and makes no release afterwards.
import { expect, test } from 'vitest'
import { parseProject } from '../../../project/parse-project.ts'
import { smallProject } from '../../../project/sample-project.ts'
import { reportOf } from '../../../verify/gates/gate-report.ts'
import { gateDefaults, judgeGate } from '../../../verify/gates/judge-gates.ts'
import { isBlocked, ruleOnGates } from './rule-on-gates.ts'

/** Doubt may only warn; of the checks of one gate, `missing` has no values to look at. */
function rule(...lines: readonly string[]) {
  const { spec } = parseProject(smallProject)
  if (spec === null) throw new Error('the small project parses')
  const gate = judgeGate({
    name: 'data',
    checks: lines.map((text) => ({ text, options: {}, position: null })),
    defaults: { ...gateDefaults, onInsufficient: 'warn' },
    measure: ({ text }) =>
      text.startsWith('rows')
        ? { method: 'rows', rows: 200 }
        : { method: 'share', count: 0, of: 0, seen: [] },
  })
  return ruleOnGates({ spec, reports: [reportOf([gate])], authors: [], now: 0 })
}

test('doubt about all of the data leaves the word to the gates of the model', () => {
  const early = rule('missing(age) <= 1%')
  expect(early.gates[0]?.verdict).toBe('warn')
  expect(isBlocked(early)).toBe(false)
  expect(early.clearance).toMatchObject({
    ...{ by: 'nobody', because: expect.stringContaining('no gate decided anything') },
  })
})

test('a no about the data ends the run, and one check that holds is an answer', () => {
  expect(isBlocked(rule('missing(age) <= 1%', 'rows >= 1000'))).toBe(true)
  const held = rule('missing(age) <= 1%', 'rows >= 100')
  expect([isBlocked(held), held.clearance.by]).toEqual([false, 'gates'])
})
