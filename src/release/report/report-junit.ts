// A gate report as JUnit XML, so that any CI shows it: a suite per gate, a test case per check.
// Source: the schema of the Ant JUnit task as GitLab, Jenkins and GitHub Actions read it.
import type { Verdict } from '../../verify/statistics/verdict.ts'
import { type GateReportRequest, type ReportedCheck, titleOf } from './gate-report.ts'

export function junitReport(request: GateReportRequest): string {
  const suites = request.document.gates.map((gate) => ({
    name: gate.name,
    checks: gate.checks.map((check) => ({ ...check, gate: gate.name })),
  }))
  const all = suites.flatMap((suite) => suite.checks)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(titleOf(request))}" ${counts(all)}>`,
    ...suites.flatMap(({ name, checks }) => [
      `  <testsuite name="${xml(name)}" ${counts(checks)} timestamp="${xml(request.run.finishedAt)}">`,
      ...checks.map(testCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

/** Doubt is a failure to whoever knows only pass and fail: it must not be merged over. */
const elements: Readonly<Record<Verdict, 'failure' | 'error' | 'skipped' | null>> = {
  ...{ pass: null, warn: null, waived: null },
  ...{ fail: 'failure', insufficient: 'failure', error: 'error', skipped: 'skipped' },
}

function counts(checks: readonly ReportedCheck[]): string {
  const count = (element: string) =>
    checks.filter(({ verdict }) => elements[verdict] === element).length
  return `tests="${checks.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`
}

function testCase({ gate, id, written, verdict, because, position }: ReportedCheck): string {
  const place = position === null ? '' : ` file="lockstep.yaml" line="${position.line}"`
  const open = `    <testcase classname="${xml(`${gate}.${id}`)}" name="${xml(written)}"${place}`
  const element = elements[verdict]
  if (element === 'skipped') return `${open}><skipped message="${xml(because)}"/></testcase>`
  if (element !== null) {
    return `${open}><${element} type="${verdict}" message="${xml(because)}">${xml(because)}</${element}></testcase>`
  }
  return verdict === 'pass'
    ? `${open}/>`
    : `${open}><system-out>${xml(`${verdict}: ${because}`)}</system-out></testcase>`
}

/** Also without the control characters that XML 1.0 has no way to write. */
function xml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
