// A question that was open where a release was made is still open where it arrives.
import { expect, test } from 'vitest'
import { type GateReport, reportOf } from '../../verify/gates/gate-report.ts'
import type { Verdict } from '../../verify/statistics/verdict.ts'
import { sampleCheck } from '../card/sample-checks.ts'
import { manifest } from '../sample-release.ts'
import { receivedClearance } from './received-clearance.ts'

const because = 'ROC AUC is 0.91, the bounds do not decide it'
const reading = (report: GateReport) => async () => Buffer.from(JSON.stringify(report))
const received = (verdict: Verdict, read: () => Promise<Uint8Array>) =>
  receivedClearance({ ...manifest, gates: { ...manifest.gates, verdict } }, read)

function reportWith(verdict: Verdict, more: Parameters<typeof sampleCheck>[1] = {}): GateReport {
  const checks = [sampleCheck('pass'), sampleCheck(verdict, { because, ...more })]
  return reportOf([{ name: 'quality', verdict, checks }])
}

test('gates that decided everything leave nothing to people, and their evidence need not be read', async () => {
  const unreadable = () => Promise.reject(new Error('it was read'))
  expect(await received('pass', unreadable)).toBeUndefined()
  expect(await received('warn', reading(reportWith('warn')))).toBeUndefined()
})

test('what stayed undecided stays with a person', async () => {
  expect(await received('insufficient', reading(reportWith('insufficient')))).toEqual({
    undecided: `gate quality: ${because}`,
    waivedBy: [],
  })
})

test('whoever granted a waiver is known, so that their approval does not count', async () => {
  const waiver = { by: 'omar', because: 'known', until: '2026-12-31', of: 'fail' as const }
  const report = reportWith('waived', { waiver })
  expect(await received('waived', reading(report))).toEqual({ undecided: null, waivedBy: ['omar'] })
})

test('evidence that is lost or broken is doubt, never a yes', async () => {
  for (const read of [() => Promise.reject(new Error('gone')), async () => Buffer.from('{')])
    expect((await received('insufficient', read))?.undecided).toEqual(expect.any(String))
})
