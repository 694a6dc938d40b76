// What becomes of a model: cleared by its gates, left to a person, or refused.
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../statistics/verdict.ts'
import type { OnInsufficient } from './check-spec.ts'
import { clearanceOf, type GatedCheck } from './clearance.ts'

const check = (verdict: Verdict, onInsufficient: OnInsufficient = 'approve'): GatedCheck => ({
  ...{ gate: 'quality', verdict, onInsufficient },
  because: `it was ${verdict}`,
  isUndecided: false,
})

describe('after the gates', () => {
  test('passes, warnings and waivers clear a model; skipped checks do not matter', () => {
    const checks = [check('pass'), check('warn'), check('waived'), check('skipped')]
    expect(clearanceOf(checks)).toEqual({ by: 'gates' })
  })

  test('what stays undecided goes to a person', () => {
    expect(clearanceOf([check('pass'), check('insufficient')])).toEqual({
      by: 'person',
      undecided: 'gate quality: it was insufficient',
    })
  })

  test('doubt blocks where that is declared, and a no outranks every doubt', () => {
    expect(clearanceOf([check('insufficient', 'block')])).toMatchObject({
      ...{ by: 'nobody', isError: false },
    })
    expect(clearanceOf([check('insufficient'), check('fail')])).toMatchObject({
      ...{ by: 'nobody', because: 'gate quality: it was fail' },
    })
  })

  test('an error alone is an error; beside a no it is a no', () => {
    expect(clearanceOf([check('error'), check('pass')])).toMatchObject({ isError: true })
    expect(clearanceOf([check('error'), check('fail')])).toMatchObject({ isError: false })
  })

  test('doubt that only warns clears nothing alone, and nothing is lost beside a check that holds', () => {
    const doubt = { ...check('warn', 'warn'), isUndecided: true }
    expect(clearanceOf([doubt, doubt, check('skipped')])).toMatchObject({
      ...{ by: 'nobody', isError: false, because: expect.stringContaining('decided anything') },
    })
    expect(clearanceOf([doubt, check('pass')])).toEqual({ by: 'gates' })
    expect(clearanceOf([doubt, check('insufficient')])).toMatchObject({ by: 'person' })
    expect(clearanceOf([doubt, check('fail')])).toMatchObject({
      because: 'gate quality: it was fail',
    })
  })

  test('a gate that decided nothing clears nothing', () => {
    expect(clearanceOf([])).toMatchObject({ by: 'nobody' })
    expect(clearanceOf([check('skipped')])).toMatchObject({ by: 'nobody' })
  })
})
