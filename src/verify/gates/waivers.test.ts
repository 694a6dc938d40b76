// Waivers: a named person, a reason and an end; never one's own work, never an error, never integrity.
import { describe, expect, test } from 'vitest'
import type { WaiverSpec } from '../../project/gate-spec.ts'
import type { MeasuredPanel } from '../fairness/group-statistics.ts'
import type { CheckResult } from './check-result.ts'
import { type GateReport, reportOf } from './gate-report.ts'
import { gateDefaults, judgeGate } from './judge-gates.ts'
import { replayReport } from './replay-check.ts'
import { applyWaivers, grantorsOf } from './waivers.ts'

const waiver: WaiverSpec = {
  ...{ check: 'data.missing(age)', by: 'alice', until: '2026-12-31', position: null },
  because: 'the census office repairs it in January',
}
const ask = { waivers: [waiver], today: '2026-11-24', authors: ['bob'] }

function judged(missing: number): GateReport {
  const checks = [{ text: 'missing(age) <= 1%', options: {}, position: null }]
  const measure = () => ({ method: 'unreadable' as const, because: 'no file' })
  const gate = judgeGate({ name: 'data', checks, defaults: gateDefaults, measure })
  const verdict = missing > 0.01 ? ('fail' as const) : ('pass' as const)
  const results = gate.checks.map((one): CheckResult => ({ ...one, verdict, because: 'too many' }))
  return reportOf([{ ...gate, verdict, checks: results }])
}

const first = (report: GateReport) => report.gates[0]?.checks[0]

describe('a waiver', () => {
  test('lets a failed check through, and says who answers for it until when', () => {
    const report = applyWaivers(judged(0.5), ask)
    expect(report.verdict).toBe('waived')
    expect(first(report)).toMatchObject({
      because:
        'too many (waived until 2026-12-31 by alice: the census office repairs it in January)',
      waiver: { by: 'alice', of: 'fail' },
    })
    expect(grantorsOf(report)).toEqual(['alice'])
  })

  test('that is not needed changes nothing', () => {
    expect(first(applyWaivers(judged(0), ask))?.verdict).toBe('pass')
  })

  test('ends: after its last day the check fails again, and says so', () => {
    const report = applyWaivers(judged(0.5), { ...ask, today: '2027-01-01' })
    expect(first(report)).toMatchObject({
      ...{ verdict: 'fail', because: 'too many (the waiver of alice ended on 2026-12-31)' },
    })
  })

  test('that ended counts no more, and one given again below it does', () => {
    const ended = { ...waiver, until: '2026-01-31' }
    const report = applyWaivers(judged(0.5), { ...ask, waivers: [ended, waiver] })
    expect(first(report)).toMatchObject({ verdict: 'waived', waiver: { until: '2026-12-31' } })
  })

  test('of an author does not count', () => {
    const report = applyWaivers(judged(0.5), { ...ask, authors: ['alice'] })
    expect(first(report)?.verdict).toBe('fail')
    expect(first(report)?.because).toContain('they wrote part of what is judged')
  })

  test('covers the check it names, in the gate it names', () => {
    const elsewhere = { ...waiver, check: 'data.other/data.missing(age)' }
    expect(applyWaivers(judged(0.5), { ...ask, waivers: [elsewhere] }).verdict).toBe('fail')
    const here = { ...waiver, check: 'data/data.missing(age)' }
    expect(applyWaivers(judged(0.5), { ...ask, waivers: [here] }).verdict).toBe('waived')
  })

  test('never covers an error', () => {
    const report = judgeGate({
      ...{ name: 'data', defaults: gateDefaults },
      checks: [{ text: 'missing(age) <= 1%', options: {}, position: null }],
      measure: () => ({ method: 'unreadable', because: 'no file' }),
    })
    expect(first(applyWaivers(reportOf([report]), ask))?.verdict).toBe('error')
  })
})

describe('a replay', () => {
  const group = (name: string, successes: number, trials: number) => ({
    ...{ group: name, isMissing: false, n: trials, values: [{ successes, trials }] },
  })
  const panel: MeasuredPanel = {
    ...{ by: 'sex', stratum: null, overall: group('all', 1374, 2859) },
    groups: [group('Female', 271, 612), group('Male', 1103, 2247)],
  }
  const report = reportOf([
    judgeGate({
      ...{ name: 'fairness', defaults: gateDefaults },
      checks: [{ text: 'gap(tpr) <= 0.10', options: { by: 'sex' }, position: null }],
      measure: () => ({ method: 'groups', panels: [panel] }),
    }),
  ])
  const tampered = (change: Partial<CheckResult>) =>
    reportOf(
      report.gates.map((gate) => ({
        ...gate,
        verdict: change.verdict ?? gate.verdict,
        checks: gate.checks.map((check) => ({ ...check, ...change })),
      })),
    )

  test('of what was recorded agrees, also after JSON', () => {
    const kept = JSON.parse(JSON.stringify(report)) as GateReport
    expect(replayReport(kept)).toMatchObject([{ agrees: true, verdict: 'pass' }])
  })

  test('finds a verdict or a number that does not follow from the statistics', () => {
    expect(replayReport(tampered({ verdict: 'fail' }))).toMatchObject([{ agrees: false }])
    const [moved] = replayReport(tampered({ upper: 0.01 }))
    expect(moved?.agrees).toBe(false)
    expect(moved?.because).toMatch(/upper 0\.\d+ instead of 0\.01/)
  })

  test('of a waived check replays what was waived', () => {
    const applied = { by: 'alice', because: 'known', until: '2026-12-31', of: 'pass' as const }
    const waived = tampered({ verdict: 'waived', waiver: applied })
    expect(replayReport(waived)).toMatchObject([{ agrees: true, recorded: 'waived' }])
  })

  test('finds a gate whose verdict is not that of its checks', () => {
    const [gate] = report.gates
    if (gate === undefined) throw new Error('there is a gate')
    const forged = { verdict: 'warn' as const, gates: [{ ...gate, verdict: 'warn' as const }] }
    expect(replayReport(forged)).toMatchObject([
      { agrees: true },
      { gate: 'fairness', id: 'gate verdict', recorded: 'warn', verdict: 'pass', agrees: false },
    ])
    expect(replayReport({ ...report, verdict: 'warn' })).toMatchObject([
      { agrees: true },
      { gate: 'all gates', id: 'gate verdict', recorded: 'warn', verdict: 'pass', agrees: false },
    ])
  })

  test('of a line that its options broke stays an error', () => {
    const gate = judgeGate({
      ...{ name: 'quality', defaults: gateDefaults },
      checks: [{ text: 'roc_auc >= 0.9', options: { severty: 'warn' }, position: null }],
      measure: () => ({ method: 'unreadable', because: 'never asked' }),
    })
    const kept = JSON.parse(JSON.stringify(reportOf([gate]))) as GateReport
    expect(replayReport(kept)).toMatchObject([{ agrees: true, verdict: 'error' }])
  })

  test('of a line that never parsed stays an error', () => {
    const gate = judgeGate({
      ...{ name: 'quality', defaults: gateDefaults },
      checks: [{ text: 'roc_uac >= 0.9', options: {}, position: null }],
      measure: () => ({ method: 'unreadable', because: 'never asked' }),
    })
    expect(replayReport(reportOf([gate]))).toMatchObject([{ agrees: true, verdict: 'error' }])
  })
})
