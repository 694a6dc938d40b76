// What a project's own tests said, as a verdict and a sentence.
import { describe, expect, test } from 'vitest'
import type { TestCounts } from '../../readiness/test-report.ts'
import { hasProblems } from '../check-spec.ts'
import { testsFamily } from '../families/tests.ts'
import { gateDefaults } from '../judge-gates.ts'
import { parseCheck } from '../language/parse-check.ts'

function specOf(options: Readonly<Record<string, unknown>>) {
  const spec = parseCheck('tests pass', options)
  if (hasProblems(spec) || spec.kind !== 'tests') throw new Error(JSON.stringify(spec))
  return spec
}

function judged(exitCode: number, report: Partial<TestCounts> | null, output = '') {
  const counts = { suites: 1, tests: 0, failures: 0, errors: 0, skipped: 0, failed: [] }
  const statistics = {
    method: 'tests' as const,
    exitCode,
    report: report === null ? null : { ...counts, ...report },
    output,
  }
  const { verdict, because } = testsFamily.judge(
    specOf({ run: 'pytest' }),
    statistics,
    gateDefaults,
  )
  return `${verdict}: ${because}`
}

describe('tests pass', () => {
  test.each([
    [0, { tests: 3, skipped: 1 }, 'pass: 2 tests passed, 1 skipped'],
    [0, { tests: 3, suites: 2 }, 'pass: 3 tests passed in 2 suites'],
    [5, { tests: 0 }, 'insufficient: pytest ran no test, so nothing was tested (it ended with 5)'],
    [0, { tests: 0 }, 'insufficient: pytest ran no test, so nothing was tested'],
    [
      0,
      { tests: 2, skipped: 2 },
      'insufficient: pytest skipped all 2 tests, so nothing was tested',
    ],
    [
      1,
      { tests: 3 },
      'error: the report counts 3 tests and no failure, but pytest ended with 1: see its output',
    ],
    [
      0,
      {
        tests: 9,
        failures: 4,
        errors: 1,
        failed: ['a', 'b', 'c', 'd'].map((name) => ({ name, says: 'no' })),
      },
      'fail: 5 of 9 tests failed: a: no · b: no · c: no (and 2 more)',
    ],
  ])('exit code %i and %j', (exitCode, report, sentence) => {
    expect(judged(exitCode, report)).toBe(sentence)
  })

  test('without a report goes by the exit code and the last line', () => {
    expect(judged(0, null)).toBe('pass: pytest ended with 0')
    expect(judged(3, null, 'many\nlines\nbroken\n')).toBe('fail: pytest ended with 3: broken')
  })

  test.each([
    [{}, 'the tests need the command to run'],
    [{ run: 'x', junit: '../r.xml' }, 'junit must be a path inside the project, got "../r.xml"'],
    [{ run: 'x', junit: '/r.xml' }, 'junit must be a path inside the project, got "/r.xml"'],
    [{ run: 'x', inputs: ['..'] }, 'inputs must be paths inside the project, got ".."'],
    [{ run: 'x', timeout: 'soon' }, 'timeout must be a duration such as 30s, got "soon"'],
    [{ run: 'x', shell: 'y' }, 'shell is not an option of this check'],
  ])('%j is explained', (options, message) => {
    const parsed = parseCheck('tests pass', options)
    expect(hasProblems(parsed) && parsed.problems[0]?.message).toBe(message)
  })

  test('has its defaults', () => {
    expect(specOf({ run: ' pytest -q ', junit: './out/r.xml' })).toMatchObject({
      id: 'tests(pytest -q)',
      command: 'pytest -q',
      junit: 'out/r.xml',
      timeoutMs: 600_000,
      inputs: [],
      environment: null,
    })
  })
})
