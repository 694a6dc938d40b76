// The lines of data checks: every documented form is read, says the same when it is written again, and a slip is told at its place.
import { describe, expect, it } from 'vitest'
import { type CheckSpec, type DataCheckSpec, hasProblems } from '../check-spec.ts'
import { dataFamily } from '../families/data.ts'
import { parseCheck } from './parse-check.ts'
import type { CheckOptions } from './read-options.ts'

function data(text: string, options: CheckOptions = {}): DataCheckSpec {
  const parsed: CheckSpec | { problems: unknown } = parseCheck(text, options)
  if ('problems' in parsed) throw new Error(`${text}: ${JSON.stringify(parsed.problems)}`)
  if (parsed.kind !== 'data') throw new Error(`${text} was read as ${parsed.kind}`)
  return parsed
}

function problem(text: string, options: CheckOptions = {}) {
  const parsed = parseCheck(text, options)
  if (!hasProblems(parsed)) throw new Error(`${text} was read as ${JSON.stringify(parsed)}`)
  const [first] = parsed.problems
  if (first === undefined) throw new Error('no problem')
  return { at: text.slice(first.offset, first.offset + first.length), ...first }
}

describe('every documented form', () => {
  it.each(dataFamily.forms.map((form) => [form.line, form.options ?? {}] as const))(
    '%s is read, and means the same when written again',
    (line, options) => {
      const first = data(line, options)
      const again = data(first.text, options)
      expect(again).toEqual(first)
    },
  )
})

describe('what a line means', () => {
  const cases: [string, CheckOptions, object][] = [
    [
      'rows >= 0.7 * trailing_mean(7)',
      {},
      { rule: 'rows', limits: [], past: { op: '>=', factor: 0.7, of: 'trailing_mean', over: 7 } },
    ],
    [
      'rows <= 120% * champion',
      {},
      { rule: 'rows', limits: [], past: { op: '<=', factor: 1.2, of: 'champion', over: 1 } },
    ],
    [
      'columns in [a, b]',
      {},
      { rule: 'columns', columns: ['a', 'b'], isClosed: true, optional: ['a', 'b'] },
    ],
    [
      'columns ordered [a, b]',
      { optional: 'b' },
      { rule: 'columns', columns: ['a', 'b'], isClosed: true, isOrdered: true, optional: ['b'] },
    ],
    [
      'price is DECIMAL(18, 3)',
      {},
      { rule: 'physical_type', column: 'price', type: 'DECIMAL(18, 3)' },
    ],
    ['nan(x) = 0', {}, { rule: 'missing', column: 'x', only: 'nan', limit: { op: '=', value: 0 } }],
    [
      'missing(x) < 1%',
      { missing_values: ['N/A', -999] },
      {
        rule: 'missing',
        column: 'x',
        limit: { op: '<', value: 0.01 },
        missingValues: ['N/A', -999],
      },
    ],
    [
      '"is ok" between 0 and 1',
      { mostly: '99%' },
      {
        rule: 'range',
        column: 'is ok',
        limits: [
          { op: '>=', value: 0 },
          { op: '<=', value: 1 },
        ],
        mostly: 0.99,
      },
    ],
    [
      'day between 2026-01-01 and 2026-02-01',
      {},
      {
        rule: 'range',
        column: 'day',
        limits: [
          { op: '>=', value: '2026-01-01' },
          { op: '<=', value: '2026-02-01' },
        ],
        mostly: 1,
      },
    ],
    [
      '"rows" between 0 and 1',
      {},
      {
        rule: 'range',
        column: 'rows',
        limits: [
          { op: '>=', value: 0 },
          { op: '<=', value: 1 },
        ],
        mostly: 1,
      },
    ],
    [
      'code matches "^a<=b$"',
      {},
      { rule: 'matches', column: 'code', pattern: '^a<=b$', mostly: 1 },
    ],
    ['zip parses as int', {}, { rule: 'format', column: 'zip', format: 'integer', mostly: 1 }],
    ['"format" in [a]', {}, { rule: 'allowed', column: 'format', values: ['a'], mostly: 1 }],
    [
      'length(name) <= 40',
      {},
      { rule: 'length', column: 'name', limits: [{ op: '<=', value: 40 }], mostly: 1 },
    ],
    [
      '"end ts" >= start_ts',
      {},
      { rule: 'compare', left: 'end ts', op: '>=', right: 'start_ts', mostly: 1 },
    ],
    [
      'holds "a < b and c = 1"',
      { where: "d = 'x'" },
      { rule: 'holds', condition: 'a < b and c = 1', where: "d = 'x'", mostly: 1 },
    ],
    [
      'min(age) <= 3',
      {},
      { rule: 'aggregate', what: 'min', column: 'age', limits: [{ op: '<=', value: 3 }] },
    ],
    [
      'max(age) <= 3',
      {},
      { rule: 'range', column: 'age', limits: [{ op: '<=', value: 3 }], mostly: 1 },
    ],
    [
      'quantile(wage, 99%) < 5',
      {},
      {
        rule: 'aggregate',
        what: 'quantile',
        column: 'wage',
        level: 0.99,
        limits: [{ op: '<', value: 5 }],
      },
    ],
    [
      'share(country in [US, "C A"]) >= 5%',
      {},
      {
        rule: 'share',
        condition: { column: 'country', values: ['US', 'C A'] },
        limits: [{ op: '>=', value: 0.05 }],
      },
    ],
    [
      'share("a > b") <= 1%',
      {},
      { rule: 'share', condition: { sql: 'a > b' }, limits: [{ op: '<=', value: 0.01 }] },
    ],
    [
      'duplicates(features + label) = 0',
      { except: ['id'], label: 'y' },
      {
        rule: 'duplicates',
        scope: 'features_label',
        unit: 'rows',
        limit: { op: '=', value: 0 },
        except: ['id'],
        label: 'y',
      },
    ],
    ['freshness(ts) <= 90m', {}, { rule: 'freshness', column: 'ts', op: '<=', limitMs: 5_400_000 }],
    [
      'sql',
      { sql: 'select 1', expect: '>= 0.9', timeout: '5s' },
      {
        rule: 'sql',
        sql: 'select 1',
        expects: 'value',
        limits: [{ op: '>=', value: 0.9 }],
        timeLimitMs: 5000,
      },
    ],
    [
      'sql \'select "a" from this\' <= 3 rows',
      {},
      {
        rule: 'sql',
        sql: 'select "a" from this',
        expects: 'rows',
        limits: [{ op: '<=', value: 3 }],
        timeLimitMs: 60_000,
      },
    ],
  ]
  it.each(cases)('%s %o', (line, options, check) => {
    expect(data(line, options).check).toEqual(check)
  })
  it('two rules of one column have ids of their own', () => {
    const ids = ['age between 0 and 9', 'missing(age) = 0', 'mean(age) < 3'].map(
      (line) => data(line).id,
    )
    expect(new Set(ids).size).toBe(3)
    expect(data('age in [1]', { where: 'b = 1' }).id).toBe('data.allowed(age).where(b = 1)')
  })
  it('leaves models alone', () => {
    expect(() => data('roc_auc >= champion')).toThrow('read as metric')
    expect(() => data('format in [onnx]')).toThrow()
  })
})

describe('a slip', () => {
  it.each([
    ['rows >= many', {}, 'many', 'is not a number of rows'],
    ['missing(age) <= 7', {}, '7', 'is a share of rows'],
    ['email is emial', {}, 'emial', 'is not a type'],
    ['zip parses as intger', {}, 'intger', 'cannot be read as'],
    [
      'day between 2026-03-01 and 2026-02-01',
      {},
      '2026-03-01 and 2026-02-01',
      'no time is between',
    ],
    ['quantile(wage) < 5', {}, 'wage', 'needs a column and a level'],
    ['freshness > 3h', {}, 'freshness', 'bounded from above'],
    ['sql "select 1" <= much', {}, 'much', 'is not a number'],
    ['rows >= 3', { mostly: '5%' }, 'rows >= 3', 'mostly says nothing to a check of rows'],
    ['age in [1]', { wher: 'a' }, 'age in [1]', 'wher is not an option'],
  ] as const)('%s %o', (line, options, at, message) => {
    const found = problem(line, options)
    expect(found.message).toContain(message)
    expect(found.at).toBe(at)
  })
})
