// The project's own tests as a check: `tests pass` with the command to run. The report it writes is read back; without one the
// exit code decides.
import { normalisedPath } from '../../readiness/report-path.ts'
import { type TestStatistics, testKey } from '../../readiness/test-report.ts'
import { formatCount } from '../../statistics/number-words.ts'
import type { CheckFamily } from '../check-family.ts'
import { insufficient, type Judgement, mismatched } from '../check-result.ts'
import type { TestsCheckSpec } from '../check-spec.ts'
import { unreadable } from '../gate-evidence.ts'
import { fail } from '../language/parse-parts.ts'

const defaultTimeoutMs = 10 * 60_000
const example = 'Write {"tests pass": {run: "pytest -q --junitxml=report.xml", junit: report.xml}}.'

export const testsFamily: CheckFamily<TestsCheckSpec> = {
  kind: 'tests',
  names: ['tests'],
  options: ['run', 'junit', 'timeout', 'inputs', 'environment'],
  forms: [
    {
      line: 'tests pass',
      options: { run: 'pytest -q --junitxml=report.xml', junit: 'report.xml', timeout: '5m' },
      says: 'a command of your own, with the packaged model in LOCKSTEP_MODEL and the holdout in LOCKSTEP_HOLDOUT',
    },
    { line: 'tests pass', options: { run: 'npm test' }, says: 'the same by its exit code' },
    {
      line: 'tests pass',
      options: { run: 'pytest -q tests', inputs: ['tests', 'src'], environment: 'train' },
      says: 'with these files of the project, in the language environment of a step',
    },
  ],
  parse({ whole }, read) {
    if (!/^tests\b/.test(whole.text)) return undefined
    if (!/^tests\s+pass$/.test(whole.text)) return fail(whole, 'tests pass or they do not', example)
    const command = read.text('run')
    if (command === null && !read.has('run'))
      return fail(whole, 'the tests need the command to run', example)
    const written = read.text('junit')
    const junit = written === null ? null : (normalisedPath(written) ?? null)
    if (written !== null && junit === null)
      read.complain(
        `junit must be a path inside the project, got ${JSON.stringify(written)}`,
        example,
      )
    const strange = read.texts('inputs').find((path) => normalisedPath(path) === undefined)
    if (strange !== undefined)
      read.complain(`inputs must be paths inside the project, got ${JSON.stringify(strange)}`)
    const name = (command ?? '').trim()
    return {
      kind: 'tests',
      id: `tests(${name.length > 60 ? `${name.slice(0, 57)}...` : name})`,
      text: 'tests pass',
      command: name,
      junit,
      timeoutMs: read.duration('timeout') ?? defaultTimeoutMs,
      inputs: [...new Set(read.texts('inputs'))].sort(),
      environment: read.text('environment'),
    }
  },
  measure(spec, { tests }) {
    const said = tests?.get(testKey(spec))
    if (said === undefined) return unreadable('the tests were not run')
    return typeof said === 'string' ? unreadable(said) : said
  },
  judge: (spec, statistics) =>
    statistics.method === 'tests' ? judgeTests(spec, statistics) : mismatched(spec),
}

function judgeTests(
  { command }: TestsCheckSpec,
  { exitCode, report, output }: TestStatistics,
): Judgement {
  const method = report === null ? 'exit code' : 'JUnit report'
  if (report === null) {
    if (exitCode === 0) return { verdict: 'pass', because: `${command} ended with 0`, method }
    const last = output.trimEnd().split('\n').at(-1)?.trim() ?? ''
    const said = last === '' ? '' : `: ${last.slice(0, 200)}`
    return {
      verdict: 'fail',
      because: `${command} ended with ${exitCode}${said}`,
      method,
      estimate: exitCode,
    }
  }
  const { tests, failures, errors, skipped, suites, failed } = report
  const bad = failures + errors
  const measured = {
    method,
    estimate: bad,
    limit: 0,
    n: tests,
    denominators: [
      { name: 'tests', n: tests },
      { name: 'failures', n: failures },
      { name: 'errors', n: errors },
      { name: 'skipped', n: skipped },
    ],
  }
  if (bad > 0) {
    const names = failed
      .slice(0, 3)
      .map(({ name, says }) => (says === '' ? name : `${name}: ${says}`))
    const more = bad > names.length ? ` (and ${formatCount(bad - names.length)} more)` : ''
    const because = `${formatCount(bad)} of ${formatCount(tests)} tests failed: ${names.join(' · ')}${more}`
    return { verdict: 'fail', because, ...measured }
  }
  if (tests - skipped <= 0) {
    const what = tests === 0 ? 'ran no test' : `skipped all ${formatCount(tests)} tests`
    return {
      ...insufficient(
        `${command} ${what}, so nothing was tested${exitCode === 0 ? '' : ` (it ended with ${exitCode})`}`,
        method,
      ),
      n: tests,
    }
  }
  if (exitCode !== 0) {
    const because = `the report counts ${formatCount(tests)} tests and no failure, but ${command} ended with ${exitCode}: see its output`
    return { verdict: 'error', because, ...measured }
  }
  const also = skipped === 0 ? '' : `, ${formatCount(skipped)} skipped`
  const inside = suites > 1 ? ` in ${formatCount(suites)} suites` : ''
  return {
    verdict: 'pass',
    because: `${formatCount(tests - skipped)} tests passed${inside}${also}`,
    ...measured,
  }
}
