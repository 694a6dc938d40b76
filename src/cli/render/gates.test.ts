// Gates in a terminal: what to act on first, nothing wider than a page, and short where there is nothing to do.
import { describe, expect, test } from 'vitest'
import type {
  CheckDetailView,
  GateChecksView,
  JudgedCheckView,
  WeakSlicesView,
} from '../../api/contract/gate-routes.ts'
import type { CheckView, GateView } from '../../api/contract/views.ts'
import { checkDetail } from './gate-check.ts'
import { checksReport, gateLines, showCommand, worstCheck } from './gates.ts'
import { createPaint } from './paint.ts'
import { visibleWidth, wrapped } from './text.ts'
import { weakSliceLines } from './weak-slices.ts'

const paint = createPaint(false)
const long = 'the gap is 0.18 (95 % bounds 0.15 to 0.21), allowed ≤ 0.100: '.repeat(4).trim()

function check(verdict: CheckView['verdict'], more: Partial<CheckView> = {}): CheckView {
  return {
    ...{ id: `quality.${verdict}`, text: 'roc_auc >= 0.9', verdict, because: `was ${verdict}` },
    ...{ estimate: 0.9, lower: 0.8, upper: 0.95 },
    ...more,
  }
}

function gate(name: string, checks: readonly CheckView[]): GateView {
  return { name, verdict: checks[0]?.verdict ?? 'pass', checks }
}

describe('after a run', () => {
  test('a gate that passed is one line; many of them are one line together', () => {
    const passed = gate('data', [check('pass'), check('skipped')])
    expect(gateLines([passed], paint)).toEqual(['✓ pass  gate data  2 checks, 1 skipped'])
    const many = Array.from({ length: 9 }, () => passed)
    expect(gateLines(many, paint)).toEqual(['✓ pass  9 gates  18 checks'])
  })

  test('failed gates come first, and in them what failed, then what is not known, then counts', () => {
    const mixed = gate('quality', [check('fail'), check('pass'), check('insufficient')])
    expect(gateLines([gate('data', [check('pass')]), mixed], paint)).toEqual([
      '✗ fail  gate quality',
      '    ✗ fail  roc_auc >= 0.9',
      '      because was fail',
      '    ? insufficient  roc_auc >= 0.9',
      '      because was insufficient',
      '    ✓ pass  1 check',
      '✓ pass  gate data  1 check',
    ])
  })

  test('long reasons are wrapped', () => {
    const lines = gateLines([gate('fairness', [check('fail', { because: long })])], paint, 80)
    expect(Math.max(...lines.map(visibleWidth))).toBeLessThanOrEqual(80)
  })
})

function judged(
  verdict: CheckView['verdict'],
  more: Partial<JudgedCheckView> = {},
): JudgedCheckView {
  return {
    ...{ gate: 'quality', id: `quality.${verdict}`, written: 'roc_auc >= 0.90', verdict },
    ...{ text: 'roc_auc >= 0.9', because: `was ${verdict}`, method: 'DeLong', estimate: 0.9 },
    ...{ lower: 0.8, upper: 0.95, limit: 0.9, n: 1200, neededRows: null, beside: [], line: 7 },
    waiver: null,
    ...more,
  }
}

function report(checks: readonly JudgedCheckView[]): GateChecksView {
  return {
    ...{ run: 12, release: null, verdict: checks[0]?.verdict ?? 'skipped', attempts: null, checks },
    outcome: 'The run failed: no release was made.',
  }
}

describe('the report', () => {
  test('lists what to act on, with its line and what would decide it, and counts the rest', () => {
    const waiver = { by: 'olga', because: 'known', until: '2026-12-31', of: 'fail' as const }
    const lines = checksReport(
      report([
        judged('insufficient', { neededRows: 12_000 }),
        judged('fail', { beside: ['Fairlearn: 0.2'] }),
        judged('waived', { waiver }),
        ...[judged('pass'), judged('pass'), judged('skipped')],
      ]),
      paint,
    )
    expect(lines).toEqual([
      'gates of run 12  ? insufficient',
      'The run failed: no release was made.',
      '✗ fail  roc_auc >= 0.90',
      '    was fail',
      '    Fairlearn: 0.2',
      '    quality, lockstep.yaml:7',
      '? insufficient  roc_auc >= 0.90',
      '    was insufficient',
      '    about 12,000 rows would decide it',
      '    quality, lockstep.yaml:7',
      '! waived  roc_auc >= 0.90',
      '    was waived',
      '    waived by olga until 2026-12-31: known (was fail)',
      '    quality, lockstep.yaml:7',
      '✓ pass  2 checks',
      '- skipped  1 check',
      'next: lockstep gate show quality.fail 12',
    ])
  })

  test('is short when nothing is to be done, and never wider than asked', () => {
    expect(checksReport(report([judged('pass')]), paint)).toHaveLength(3)
    const wide = judged('fail', { written: `{"gap(tpr) <= 0.1": {by: [${long}]}}`, because: long })
    const lines = checksReport(report([wide]), paint, 100)
    expect(Math.max(...lines.map(visibleWidth))).toBeLessThanOrEqual(100)
  })

  test('after a refused run the worst check is the one to look at', () => {
    const mixed = [gate('data', [check('insufficient')]), gate('quality', [check('fail')])]
    expect(worstCheck(mixed)?.id).toBe('quality.fail')
    expect(worstCheck([gate('data', [check('pass')])])).toBeUndefined()
    expect(showCommand("tests.it's", 3)).toBe("next: lockstep gate show 'tests.it'\\''s' 3")
  })

  test('an id that a shell would read otherwise is quoted', () => {
    const lines = checksReport(report([judged('fail', { id: 'fairness.gap(tpr).sex' })]), paint)
    expect(lines.at(-1)).toBe("next: lockstep gate show 'fairness.gap(tpr).sex' 12")
  })
})

test('one check shows its normal form, settings, groups, statistics and whether it replays', () => {
  const detail: CheckDetailView = {
    ...judged('fail'),
    ...{ run: 12, spec: { kind: 'metric' }, replay: { agrees: true, because: '' } },
    settings: { confidence: 0.95, power: 0.8, minSupport: 30, onInsufficient: 'approve' },
    statistics: {
      method: 'groups',
      panels: [{ n: 612, counts: Array.from({ length: 20 }, () => 1) }],
    },
    denominators: [
      { name: 'Female', n: 612, estimate: 0.44, lower: 0.4, upper: 0.48, verdict: null },
    ],
  }
  const text = checkDetail(detail, paint).join('\n')
  expect(text).toMatch(/normal form +roc_auc >= 0\.9\n/)
  expect(text).toMatch(/settings +confidence 0\.95, power 0\.8, min_support 30/)
  expect(text).toMatch(/replay +follows from its statistics/)
  expect(text).toMatch(/Female +612 +0\.44 +0\.4 to 0\.48/)
  expect(text).toMatch(/panels\[0\]\.n +612/)
  expect(text).toContain('20 in all')
  const differs = { ...detail, replay: { agrees: false, because: 'pass instead of fail' } }
  expect(checkDetail(differs, paint).join('\n')).toContain('DIFFERS: pass instead of fail')
})

describe('weak slices', () => {
  const found: WeakSlicesView = {
    ...{ run: 3, metric: { name: 'recall', words: 'true-positive rate', better: 'higher' } },
    ...{ rows: 4000, overall: 0.48, isStored: true, minSupport: 30, falseDiscovery: 0.05 },
    ...{ searched: 120, searchRows: 2010, confirmRows: 1990, skipped: [] },
    slices: [true, false].map((isConfirmed, at) => ({
      ...{ name: `education="${'very '.repeat(30)}long" x age >= 50`, rows: 200, n: 90 - at },
      ...{ estimate: 0.2, lower: 0.1, upper: 0.3, outside: 0.5, p: 0.00001, adjusted: 0.0002 },
      isConfirmed,
    })),
    declaration: 'slices: ["age >= 50"]',
  }

  test('are told as hypotheses, with what to write down to have them watched', () => {
    const lines = weakSliceLines(found, paint)
    const text = lines.join('\n')
    expect(text).toContain('✗ weak')
    expect(text).toContain('· open')
    expect(text.replaceAll('\n', ' ')).toContain(
      '1 of 2 hypotheses was confirmed on rows the search had not seen; at most 5 % of the confirmed',
    )
    expect(lines).toContain('  slices: ["age >= 50"]')
    const shown = lines.filter((line) => !line.includes('slices: ['))
    expect(Math.max(...shown.map(visibleWidth))).toBeLessThanOrEqual(100)
  })

  test('none found is said plainly', () => {
    const none = weakSliceLines({ ...found, slices: [], declaration: null }, paint).join(' ')
    expect(none).toContain('No slice of at least 30 rows is worse than the rest')
    expect(none).not.toContain('hypotheses')
  })
})

test('text is wrapped at words; a word that is too long stays whole', () => {
  expect(wrapped('one two  three', 7)).toEqual(['one two', 'three'])
  expect(wrapped('abcdefghij k', 4)).toEqual(['abcdefghij', 'k'])
  expect(wrapped('', 4)).toEqual([])
})
