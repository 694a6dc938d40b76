// Reports as test runners write them, and as an attacker would.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRefusal } from '../../foundation/refusal.ts'
import { readJunit } from './read-junit.ts'

const pytest = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.05" timestamp="2026-01-01T00:00:00" hostname="h"><testcase classname="tests.test_a" name="test_ok" time="0.001" /><testcase classname="tests.test_a" name="test_bad" time="0.001"><failure message="assert 1 == 2&#10;  +  where 1 = f()">def test_bad():
&gt;       assert f() == 2
E       assert 1 == 2</failure></testcase><testcase classname="tests.test_a" name="test_skip" time="0.000"><skipped type="pytest.skip" message="why">x</skipped></testcase><testcase classname="tests.test_a" name="test_err" time="0.000"><error message="failed on setup with &quot;boom&quot;">trace</error></testcase></testsuite></testsuites>`

describe('a report', () => {
  test('of pytest', () => {
    expect(readJunit(pytest)).toEqual({
      suites: 1,
      tests: 4,
      failures: 1,
      errors: 1,
      skipped: 1,
      failed: [
        { name: 'tests.test_a::test_bad', says: 'assert 1 == 2' },
        { name: 'tests.test_a::test_err', says: 'failed on setup with "boom"' },
      ],
    })
  })

  test('of several suites, nested ones too, with CDATA and comments', () => {
    const report = readJunit(
      `<!-- made by hand --><testsuites><testsuite name="a" failures="1"><testsuite name="a1" failures="1"><testcase name="x"><failure><![CDATA[  first <line>\nsecond]]></failure></testcase></testsuite></testsuite><testsuite name="b"><testcase name='y'/></testsuite></testsuites>`,
    )
    expect(report).toMatchObject({
      suites: 3,
      tests: 2,
      failures: 1,
      failed: [{ name: 'x', says: 'first <line>' }],
    })
  })

  test('that counts more failures than it lists is believed', () => {
    expect(
      readJunit('<testsuite tests="9" failures="2"><testcase name="a"/></testsuite>'),
    ).toMatchObject({
      tests: 1,
      failures: 2,
    })
  })

  test('without any test says so', () => {
    expect(readJunit('<testsuites/>')).toMatchObject({ tests: 0 })
  })
})

describe('a hostile report', () => {
  test.each([
    [
      'entities',
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite name="&b;"/>',
      'junit.doctype',
    ],
    [
      'a file of the machine',
      '<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>',
      'junit.doctype',
    ],
    ['cut short', '<testsuites><testsuite><testcase name="a">', 'junit.broken'],
    ['crossed', '<testsuites><testsuite></testsuites></testsuite>', 'junit.broken'],
    ['HTML', '<html><body/></html>', 'junit.not_junit'],
    ['nothing', '', 'junit.not_junit'],
    ['deep', '<testsuite>'.repeat(500), 'junit.broken'],
    ['a comment without end', '<testsuite/><!-- ', 'junit.broken'],
  ])('%s is refused', (_, text, code) => {
    expect(readJunit(text)).toMatchObject({ refused: code })
  })

  test('an unknown entity stays what it is', () => {
    const report = readJunit(
      '<testsuite><testcase name="&xxe;"><failure message="&#x41;&#66;&xxe;"/></testcase></testsuite>',
    )
    expect(report).toMatchObject({ failed: [{ name: '&xxe;', says: 'AB&xxe;' }] })
  })

  test('any text is answered in time', () => {
    const piece = fc.constantFrom(
      '<testsuite',
      '<testcase name="',
      '>',
      '/>',
      '</testsuite>',
      '<failure',
      '"',
      "'",
      ' a="b"',
      '&lt;',
      '<![CDATA[',
      ']]>',
      '<!--',
      '\n',
      '=',
      'x',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => {
        const read = readJunit(pieces.join(''))
        expect(isRefusal(read) || read.tests >= 0).toBe(true)
      }),
      { numRuns: 2000 },
    )
    const long = `<testsuite ${'a="b" '.repeat(100_000)}/>`
    expect(isRefusal(readJunit(long))).toBe(true)
    expect(isRefusal(readJunit(`<testsuite ${' '.repeat(1_000_000)}`))).toBe(true)
  })
})
