// An earlier run is repeated by none whose inputs are the same, as long as what it was judged against is the same too.
import { describe, expect, test } from 'vitest'
import type { Digest } from '../../../foundation/digest.ts'
import { gateDefaults, judgeGate } from '../../../verify/gates/judge-gates.ts'
import { standsToday, type Today } from './standing-verdicts.ts'

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`
const today: Today = { date: '2026-11-24', champion: null, releaseId: 'rel_1' }

function judgedOn(line: string, champion: Digest | null = null) {
  const gate = judgeGate({
    ...{ name: 'quality', defaults: gateDefaults },
    checks: [{ text: line, options: {}, position: null }],
    measure: () => ({ method: 'unreadable', because: 'nothing is measured here' }),
  })
  const judged = {
    ...{ candidate: digest('a'), holdout: digest('b'), anchor: null, attempt: 1 },
    ...{ attempts: 'count' as const, confidence: 0.95, engine: '0.1.0' },
    champion: champion && { release: '7', digest: champion },
  }
  return { gates: [gate], judged }
}

describe('the verdicts of an earlier run', () => {
  const relative = 'roc_auc >= champion - 0.005'
  const other = { releaseId: 'rel_9', digest: digest('c') }

  test('stand while the same model serves', () => {
    expect(standsToday(judgedOn(relative), today)).toBe(true)
    const again = { ...today, champion: other }
    expect(standsToday(judgedOn(relative, other.digest), again)).toBe(true)
  })

  test('stand when what that run made serves now', () => {
    const own = { ...today, champion: { releaseId: 'rel_1', digest: digest('a') } }
    expect(standsToday(judgedOn(relative), own)).toBe(true)
  })

  test('are no longer known when a check names the champion and another one serves', () => {
    const now = { ...today, champion: other }
    expect(standsToday(judgedOn(relative), now)).toBe(false)
    expect(standsToday(judgedOn('drift(age) <= 0.1'), now)).toBe(false)
    expect(standsToday(judgedOn('compatible_with champion'), now)).toBe(false)
    expect(standsToday(judgedOn('roc_auc >= 0.8'), now)).toBe(true)
  })

  test('rest on a waiver until its last day', () => {
    const document = judgedOn('roc_auc >= 0.8')
    const waiver = { by: 'olga', because: 'known', of: 'fail' as const, until: '2026-11-24' }
    const waived = {
      ...document,
      gates: document.gates.map((gate) => ({
        ...gate,
        checks: gate.checks.map((check) => ({ ...check, verdict: 'waived' as const, waiver })),
      })),
    }
    expect(standsToday(waived, today)).toBe(true)
    expect(standsToday(waived, { ...today, date: '2026-11-25' })).toBe(false)
  })
})
