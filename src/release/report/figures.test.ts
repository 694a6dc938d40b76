// The pictures of a gate report: what drifted on the reference's own bins, the columns that were checked, models of every task,
// and a page that stays small whatever it is given.
import { describe, expect, test } from 'vitest'
import { scoredRows } from '../card/sample-card.ts'
import { sampleCheck, specOf } from '../card/sample-checks.ts'
import { multiclassRows, rankingRows, regressionRows, sampleGroups } from '../card/sample-tasks.ts'
import { driftBars } from './drift-bars.ts'
import type { GateReportRequest } from './gate-report.ts'
import { gateReportPage } from './report-page.ts'
import { dataCheck, driftCheck, driftOf, profileOf } from './sample-drift.ts'
import { factsOf, reportWith } from './sample-report.ts'

const hostile = '<script>alert(1)</script>'

/** As of a data gate with one dataset. */
function dataReport(request: GateReportRequest, columns: readonly string[]): GateReportRequest {
  const gates = request.document.gates.map((gate) => ({ ...gate, name: 'data' }))
  const dataset = { name: 'people', version: 'sha256:00' as const, rows: 4025 }
  const datasets = [{ ...dataset, profile: profileOf(columns) }]
  return { ...request, document: { ...request.document, gates, datasets } }
}

describe('drift', () => {
  test('every row of both sides is in one bar, however few bars there are', () => {
    for (const { compared } of driftOf(['age', 'colour', 'height']).columns) {
      const { axis, named } = driftBars(compared)
      expect(axis.length).toBeLessThanOrEqual(24)
      for (const side of ['reference', 'live'] as const)
        expect([...axis, ...named].reduce((sum, bar) => sum + bar[side], 0)).toBeCloseTo(1, 9)
    }
  })

  test('of a thousand categories the commonest are drawn and the rest counted', () => {
    const bins = Array.from({ length: 1000 }, (_, at) => ({
      ...{ label: `c${at}`, reference: 1000 - at, live: at },
    }))
    const { named } = driftBars({
      ...{ name: 'city', kind: 'category', bins, referenceMissing: 0, liveMissing: 0 },
    })
    expect(named).toHaveLength(12)
    expect(named.at(-1)?.label).toBe('989 others')
  })

  test('shows the columns beyond the limit, the worst first, and says how many it leaves out', () => {
    const names = Array.from({ length: 9 }, (_, at) => `column ${at}`)
    const page = gateReportPage(reportWith([driftCheck(names, 0.07)]))
    const titles = [...page.matchAll(/<figcaption>(column \d)/g)].map(([, name]) => name)
    expect(titles).toEqual(names.slice(0, 5))
    expect(page).toContain('4 columns that moved less are not drawn')
    expect(page).toContain('4,025 rows against 4,010 of release 3')
  })

  test('names of columns and categories stay text', () => {
    const page = gateReportPage(reportWith([driftCheck([hostile, `b${hostile}`])]))
    expect(page).not.toContain('<script>')
    expect(page).not.toContain('<i>blue')
    expect(page).toContain('&lt;i&gt;blue')
  })
})

test('a checked column stands with its distribution and its checks', () => {
  const checks = [dataCheck('missing(age) <= 1%'), dataCheck('age between 0 and 90')]
  const page = gateReportPage(dataReport(reportWith(checks), ['age', 'size']))
  const section = page.slice(
    page.indexOf('id="data"'),
    page.indexOf('</section>', page.indexOf('id="data"')),
  )
  expect(section).toContain('Distribution of age')
  expect(section).not.toContain('Distribution of size')
  expect(section.match(/class="check"/g)).toHaveLength(2)
})

test('beside a calibration error stands what chance alone would show', () => {
  const ece = sampleCheck('pass', { spec: specOf('ece@15u <= 0.02') })
  const { groups, ...rows } = scoredRows(500)
  const page = gateReportPage(reportWith([ece], factsOf(rows, groups, [ece])))
  expect(page).toMatch(/a perfectly calibrated model would show 0\.0\d+ on these rows/)
})

test('what another tool prints stands beside the check', () => {
  const check = sampleCheck('fail', { compat: `Fairlearn: 0.2 ${hostile}` })
  const page = gateReportPage(reportWith([check]))
  expect(page).toContain('Fairlearn: 0.2')
  expect(page).not.toContain('<script>')
})

describe('models of every task', () => {
  test('each has its figures and its groups', () => {
    const pageOf = (scored: Parameters<typeof factsOf>[0]) =>
      gateReportPage(reportWith([], factsOf(scored, sampleGroups(scored.labels.length))))
    expect(pageOf(multiclassRows(300))).toContain('aria-label="Confusion matrix"')
    expect(pageOf(multiclassRows(300))).not.toContain('<b>goat')
    expect(pageOf(regressionRows(300))).toContain('Predicted against true')
    expect(pageOf(rankingRows(30))).toContain('Queries by reciprocal rank')
    for (const rows of [multiclassRows(300), regressionRows(300), rankingRows(30)])
      expect(pageOf(rows)).toContain('By region')
  })

  test('groups of two classes show counts, Theil and disparity', () => {
    const page = gateReportPage(reportWith([]))
    expect(page).toContain('Predicted positive')
    expect(page).toContain('Theil index')
    expect(page).toContain('Demographic disparity')
  })
})

test('300 columns and 500 checks stay below a megabyte', () => {
  const names = Array.from({ length: 300 }, (_, at) => `a_column_with_quite_a_long_name_${at}`)
  const groups = Array.from({ length: 60 }, (_, at) => ({
    ...{ name: `group ${at}`, n: 100, estimate: 0.3, lower: 0.2, upper: 0.4 },
  }))
  const long = 'x'.repeat(5000)
  const checks = [
    ...[driftCheck(names), driftCheck(names)],
    ...names.map((name) => ({ ...dataCheck(`missing(${name}) <= 1%`), because: long })),
    ...names.slice(0, 198).map((name) => ({
      ...dataCheck(`unique(${name})`),
      ...{ verdict: 'fail' as const, denominators: groups },
    })),
  ]
  const page = gateReportPage(dataReport(reportWith(checks), names))
  expect(checks).toHaveLength(500)
  expect(Buffer.byteLength(page)).toBeLessThan(1_000_000)
  expect(page).toContain('250 more are listed in the JSON report')
})
