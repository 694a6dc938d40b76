// Gate reports: what a person must act on stands first, every form can be read by its tool, and no name breaks out of it.
import { describe, expect, test } from 'vitest'
import { sampleCheck } from '../card/sample-checks.ts'
import { checksWorstFirst, tally } from './gate-report.ts'
import { junitReport } from './report-junit.ts'
import { markdownReport } from './report-markdown.ts'
import { gateReportPage } from './report-page.ts'
import { sarifReport } from './report-sarif.ts'
import { reportWith, sampleReport } from './sample-report.ts'

const all = sampleReport()
const hostile = '<script>alert(1)</script> | `x` ]]> "q" \u0000\u202e'

describe('every form', () => {
  test('has what did not hold first', () => {
    expect(checksWorstFirst(all.document).map(({ verdict }) => verdict)).toEqual([
      ...['fail', 'error', 'insufficient', 'warn', 'waived', 'pass', 'skipped'],
    ])
    expect(tally(all.document)).toBe(
      '1 fail, 1 error, 1 insufficient, 1 warn, 1 waived, 1 pass, 1 skipped',
    )
  })

  test('of Markdown is a table of what needs a person, and folds away the rest', () => {
    const text = markdownReport(all)
    expect(text).toContain('| ❌ fail | `roc_auc >= 0.90` | quality | ROC AUC was fail |')
    expect(text.indexOf('❌ fail')).toBeLessThan(text.indexOf('❔ insufficient'))
    expect(text).toContain('<details><summary>2 that need nothing</summary>')
  })

  test('of JUnit counts doubt as a failure and names the line of lockstep.yaml', () => {
    const text = junitReport(all)
    expect(text).toContain('tests="7" failures="2" errors="1" skipped="1"')
    expect(text).toContain('file="lockstep.yaml" line="7"')
    expect(text).toContain('<failure type="insufficient" message="ROC AUC was insufficient">')
  })

  test('of SARIF has a result per check that is not fine, at its line', () => {
    const sarif = sarifReport(all) as unknown as {
      runs: { results: { level: string; locations: unknown[] }[]; tool: object }[]
    }
    expect(sarif.runs[0]?.results.map(({ level }) => level)).toEqual([
      ...['error', 'error', 'warning', 'warning', 'warning'],
    ])
    expect(JSON.stringify(sarif.runs[0]?.results[0]?.locations)).toContain('"startLine":7')
  })

  test('of SARIF also has what a scan found inside the artifact', () => {
    const findings = [
      {
        ...{ rule: 'pickle.import' as const, severity: 'critical' as const, subject: 'os.system' },
        place: { file: 'model/weights.pkl', member: 'data.pkl', offset: 12 },
        ...{ what: 'it imports os.system', next: 'Do not load it' },
      },
    ]
    const counts = { critical: 1, high: 0, medium: 0, low: 0 }
    const scan = sampleCheck('fail', {
      statistics: {
        ...{ method: 'scan', files: 1, members: 1, opcodes: 9, bytes: 99, counts, findings },
        unread: [],
      },
    })
    const text = JSON.stringify(sarifReport(reportWith([scan])))
    expect(text).toContain('"ruleId":"pickle.import"')
    expect(text).toContain('"uri":"model/weights.pkl"')
    expect(text).toContain('"byteOffset":12')
  })

  test('of HTML is one small page without a script or a request', () => {
    const page = gateReportPage(all)
    expect(page.length).toBeLessThan(1_000_000)
    expect(page).not.toMatch(/<script|src=|href="http|@import|url\(/)
    expect(page).toContain('0.91, from 0.88 to 0.94, limit 0.9')
  })
})

describe('names from data', () => {
  const bad = reportWith([sampleCheck('fail', { written: hostile, because: hostile })])

  test('stay text in every form', () => {
    expect(gateReportPage(bad)).not.toContain('<script>alert')
    expect(junitReport(bad)).not.toContain('<script')
    expect(junitReport(bad)).not.toContain('\u0000')
    const line = markdownReport(bad)
      .split('\n')
      .find((one) => one.includes('fail |'))
    expect(line?.replaceAll('\\|', '').split('|')).toHaveLength(6)
    expect(line).not.toContain('<script>')
  })
})

test('a group plot shows each group with its own interval', () => {
  expect(gateReportPage(all)).toContain('Female: 0.44 of 612; Male: 0.49 of 2247')
})
