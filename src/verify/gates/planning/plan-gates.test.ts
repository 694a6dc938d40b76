// Planning: which checks a holdout can decide, before anything is trained and after something was judged.
import { describe, expect, test } from 'vitest'
import type { GateDefaults } from '../../../project/gate-spec.ts'
import { rowsForProportion } from '../../statistics/power.ts'
import { type HoldoutCounts, planGates } from './plan-gates.ts'

const defaults: GateDefaults = {
  ...{ confidence: 0.95, power: 0.8, minSupport: 30 },
  ...{ onInsufficient: 'approve', attempts: 'count' },
}

function plan(text: string, holdout: HoldoutCounts | null, options = {}) {
  const gates = [{ name: 'gate', checks: [{ text, options, position: null }] }]
  const [planned] = planGates({ gates, defaults, task: 'binary', holdout, earlier: null })
  if (planned === undefined) throw new Error('nothing was planned')
  return planned
}

const holdout = (rows: number, positives: number, women = 0): HoldoutCounts => ({
  ...{ rows, positives },
  groups: new Map([
    [
      'sex',
      [
        { name: 'Female', rows: women * 10, positives: women },
        { name: 'Male', rows: rows - women * 10, positives: positives - women },
      ],
    ],
  ]),
})

describe('a gate that was never judged', () => {
  test('is planned for two equal models: a margin smaller than the noise cannot be decided', () => {
    const few = plan('roc_auc >= champion - 0.005', holdout(1000, 50))
    expect(few.outlook).toBe('cannot_decide')
    expect(few.neededRows).toBeGreaterThan(50)
    expect(plan('roc_auc >= champion - 0.005', holdout(400_000, 40_000)).outlook).toBe('decides')
  })

  test('without a margin is never decided between equal models', () => {
    const planned = plan('accuracy >= champion', holdout(1000, 500))
    expect(planned.outlook).toBe('cannot_decide')
    expect(planned.because).toContain('allow a margin')
  })

  test('of a rate says how far from the limit it can see', () => {
    const { detectable } = plan('recall >= 0.8', holdout(10_000, 400))
    const rows = rowsForProportion({ rate: 0.8, limit: 0.8 - (detectable ?? 0) }, defaults)
    expect(rows).toBeGreaterThan(300)
    expect(rows).toBeLessThan(500)
  })

  test('between groups is planned on the smallest of them, by the denominator of the rate', () => {
    const few = plan('gap(tpr) <= 0.05', holdout(20_000, 2000, 60), { by: 'sex' })
    expect(few.outlook).toBe('cannot_decide')
    expect(few.because).toContain('Female with 60')
    const many = plan('gap(tpr) <= 0.2', holdout(20_000, 2000, 600), { by: 'sex' })
    expect(many.outlook).toBe('decides')
    const none = plan('gap(tpr) <= 0.2', holdout(20_000, 2000, 12), { by: 'sex' })
    expect(none.because).toContain('fewer than two groups of sex have 30')
  })

  test('that counts or measures is always decided, and nothing is known without a holdout', () => {
    expect(plan('size < 50MB', null).outlook).toBe('exact')
    expect(plan('roc_auc >= 0.9', null)).toMatchObject({ outlook: 'unknown' })
    expect(plan('roc_uac >= 0.9', null)).toMatchObject({ outlook: 'unknown' })
  })
})
