// Every kind of check as a person writes it, on one small table whose faults are known by heart.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTables, quoteText } from '../../build/tables/duckdb.ts'
import type { TableFacts } from './check-plan.ts'
import type { DataCheck, Format } from './data-check.ts'
import { aggregate, judgeOne, row, writeOrders } from './sample-orders.ts'

let folder: string
let orders: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-checks-'))
  orders = join(folder, 'orders.parquet')
  await writeOrders(orders)
})
afterAll(() => rmSync(folder, { recursive: true }))

const judge = (check: DataCheck, facts: TableFacts = {}, path = orders) =>
  judgeOne(check, path, facts)

describe('the kinds of missing are told apart', () => {
  const limit = { op: '=' as const, value: 0 }
  it('all together, with what each is', async () => {
    const all = await judge({ rule: 'missing', column: 'name', limit, missingValues: ['N/A'] })
    expect(all.because).toBe(
      'name is missing in 300 of 1,000 (30 %: 100 NULL, 100 empty text, 100 placeholders), allowed = 0 %',
    )
    const score = await judge({ rule: 'missing', column: 'score', limit, missingValues: [-999] })
    expect(score.because).toContain('2 of 1,000 (0.2 %: 1 NaN, 1 placeholders)')
  })
  it('or one of them', async () => {
    const one = async (only: 'null' | 'nan' | 'empty' | 'placeholder') =>
      (
        await judge(
          { rule: 'missing', column: 'name', limit, only },
          { missingValues: { name: ['N/A'] } },
        )
      ).estimate
    expect(await one('null')).toBe(0.1)
    expect(await one('empty')).toBe(0.1)
    expect(await one('placeholder')).toBe(0.1)
    expect(await one('nan')).toBe(0)
  })
  it('and placeholders are no values for other rules', async () => {
    const range = row({ rule: 'range', column: 'score', limits: [{ op: '>=', value: 0 }] })
    expect((await judge(range)).because).toContain('2 of 1,000')
    expect((await judge(range, { missingValues: { score: [-999] } })).because).toContain('1 of 999')
    const least = await judge(aggregate('min', 'score', { missingValues: [-999] }))
    expect(least.because).toContain('the least value of score is 0 (998 values, without 1')
  })
})

describe('rules of single rows', () => {
  const cases: [DataCheck, string][] = [
    [
      row({ rule: 'matches', column: 'country', pattern: '^[A-Z]$' }),
      '1,000 of 1,000 values of country do not match',
    ],
    [
      row({ rule: 'length', column: 'name', limits: [{ op: '>=', value: 1 }] }),
      '100 of 900 values of name have a length',
    ],
    [
      row({ rule: 'compare', left: 'end_day', op: '>=', right: 'start_day' }),
      '1 of 1,000 rows have not end_day ≥ start_day (the first is row 8: end_day = 2025-12-28, start_day = 2026-01-08)',
    ],
    [row({ rule: 'holds', condition: 'amount >= 1 -- more' }), '10 of 1,000 rows break'],
    [
      row({
        rule: 'range',
        column: 'amount',
        limits: [{ op: '<', value: 50 }],
        where: 'grade = 9',
      }),
      '50 of 100 values of amount where grade = 9 are outside < 50 (seen 9 to 99)',
    ],
    [
      row({ rule: 'range', column: 'start_day', limits: [{ op: '>=', value: '2026-01-02' }] }),
      '34 of 1,000 values of start_day are outside ≥ 2026-01-02 (seen 2026-01-01 to 2026-01-30)',
    ],
    [
      {
        rule: 'share',
        condition: { column: 'label', op: '=', value: 1 },
        limits: [{ op: '>', value: 0.5 }],
      },
      'label = 1 in 200 of 1,000 rows (20 %), allowed > 50 %',
    ],
    [
      {
        rule: 'share',
        condition: { column: 'country', values: ['FR'] },
        limits: [{ op: '>', value: 0 }],
      },
      '0 of 1,000 rows',
    ],
    [
      { rule: 'physical_type', column: 'price', type: 'DECIMAL(18, 2)' },
      'price is stored as DECIMAL(18,3), declared DECIMAL(18, 2)',
    ],
  ]
  for (const [check, sentence] of cases) {
    it(sentence, async () => {
      const { verdict, because } = await judge(check)
      expect(because).toContain(sentence)
      expect(verdict).toBe('fail')
    })
  }
  it('tolerate a share', async () => {
    const check = row({
      rule: 'compare',
      left: 'end_day',
      op: '>=',
      right: 'start_day',
      mostly: 0.999,
    })
    expect((await judge(check)).verdict).toBe('pass')
  })
  it('show places and no values when told so', async () => {
    const check = row({ rule: 'allowed', column: 'grade', values: [0, 1, 2] })
    const { because, found } = await judge(check, { key: ['id'], redact: true })
    expect(because).toBe('700 of 1,000 values of grade are not allowed (the first is row 4)')
    expect(found).toMatchObject({ seen: [], examples: [{ row: 4, values: {} }, {}, {}, {}, {}] })
    const open = await judge(check, { key: ['id'] })
    expect(open.found).toMatchObject({
      examples: [{ row: 4, values: { id: '3', grade: '3' } }, {}, {}, {}, {}],
    })
  })
  it('that name a column which need not be there are skipped', async () => {
    const check = {
      ...row({ rule: 'allowed', column: 'region', values: ['a'] }),
      ifPresent: true as const,
    }
    expect(await judge(check)).toMatchObject({ verdict: 'skipped' })
  })
})

describe('formats', () => {
  const cases: [Format, good: string[], bad: string[]][] = [
    ['email', ['a@b.org', 'a.b+c@d-e.co.uk'], ['a@b', 'a b@c.org', '@b.org', 'a@-b.org']],
    ['url', ['https://a.org/x?y=1'], ['a.org', 'https://']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123e4567e89b12d3a456426614174000x']],
    // The example of ISO 13616, and one with a wrong check digit.
    [
      'iban',
      ['GB82 WEST 1234 5698 7654 32', 'DE89370400440532013000'],
      ['GB82WEST12345698765433', 'DE8937'],
    ],
    ['ipv4', ['127.0.0.1', '255.1.0.99'], ['256.1.1.1', '1.2.3']],
    ['ipv6', ['2001:db8::1', '::1', '1:2:3:4:5:6:7:8'], ['12345::', '1:2', ':::']],
    ['json', ['{"a":[1]}', '3'], ['{a:1}']],
    ['iso_date', ['2026-02-28'], ['2026-02-30', '28.02.2026', '2026-2-8']],
    [
      'iso_datetime',
      ['2026-02-28T10:00:00Z', '2026-02-28 10:00'],
      ['2026-02-30T10:00:00Z', '10:00'],
    ],
    ['integer', ['-12', '007'], ['1.5', 'x']],
    ['number', ['1e5', '-0.5'], ['1,5', 'x']],
    ['boolean', ['true', 'f'], ['maybe']],
    ['date', ['2026-02-28'], ['never']],
    ['timestamp', ['2026-02-28 10:00:00'], ['never']],
  ]
  for (const [format, good, bad] of cases) {
    it(format, async () => {
      const path = join(folder, `${format}.jsonl`)
      const lines = [...good, ...bad].map((value) => JSON.stringify({ value, at: 'x' }))
      writeFileSync(path, `${lines.join('\n')}\n`)
      const tables = await openTables()
      const parquet = join(folder, `${format}.parquet`)
      await tables.query(
        `COPY (FROM read_json(${quoteText(path)}, columns = {'value': 'VARCHAR'})) TO ${quoteText(parquet)}`,
      )
      tables.close()
      const found = await judge(row({ rule: 'format', column: 'value', format }), {}, parquet)
      expect(found.found).toMatchObject({ count: bad.length, of: good.length + bad.length })
    })
  }
})

describe('numbers about a column', () => {
  // numpy and scipy on the same values: np.arange(1000) % 100; skew with bias, quantiles linear.
  const cases: [DataCheck, number][] = [
    [aggregate('mean', 'amount'), 49.5],
    [aggregate('stdev', 'amount'), Math.sqrt((833.25 * 1000) / 999)],
    [aggregate('sum', 'amount'), 49_500],
    [aggregate('median', 'amount'), 49.5],
    [aggregate('quantile', 'amount', { level: 0.99 }), 98.01],
    [aggregate('skew', 'amount'), 0],
    [aggregate('distinct', 'grade'), 10],
    [aggregate('mode_share', 'country'), 1],
    [aggregate('unique_share', 'pair'), 0.5],
    [aggregate('max', 'amount'), 99],
    [aggregate('mean', 'amount', { where: 'grade = 9' }), 54],
  ]
  for (const [check, value] of cases) {
    it(`${JSON.stringify(check)} is ${value}`, async () => {
      expect((await judge(check)).estimate).toBeCloseTo(value, 9)
    })
  }
  it('skewness far from zero keeps its digits', async () => {
    const path = join(folder, 'far.csv')
    writeFileSync(path, `x\n${[0, 0, 0, 1].map((one) => 1e9 + one).join('\n')}\n`)
    // scipy.stats.skew([0, 0, 0, 1]) = 2 / sqrt(3)
    expect((await judge(aggregate('skew', 'x'), {}, path)).estimate).toBeCloseTo(1.154700538, 8)
  })
  it('dates have a least and a greatest', async () => {
    const late = aggregate('max', 'start_day', { limits: [{ op: '<=', value: '2026-01-15' }] })
    expect((await judge(late)).because).toContain(
      'is 2026-01-30 (1,000 values), allowed ≤ 2026-01-15',
    )
  })
})

describe('rows that repeat or contradict', () => {
  const limit = { op: '=' as const, value: 0 }
  it('by features, with and without the label', async () => {
    const path = join(folder, 'twice.csv')
    writeFileSync(path, 'id,a,b,y\n1,1,x,0\n2,1,x,1\n3,1,x,1\n4,2,y,0\n5,2,y,0\n6,3,z,1\n')
    const facts = { key: ['id'], label: 'y' }
    const of = async (scope: 'row' | 'features' | 'features_label') =>
      (await judge({ rule: 'duplicates', limit, unit: 'rows', scope }, facts, path)).estimate
    expect([await of('row'), await of('features'), await of('features_label')]).toEqual([0, 3, 2])
    const conflicts: DataCheck = { rule: 'conflicting_labels', limit, unit: 'share' }
    expect((await judge(conflicts, facts, path)).because).toBe(
      '3 of 6 rows have the features of a row with another label (50 %), allowed = 0 %',
    )
    expect((await judge(conflicts, {}, path)).because).toContain('needs the label')
  })
})

describe('columns that say nothing or too much', () => {
  const limit = { op: '=' as const, value: 0 }
  it('are named', async () => {
    expect((await judge({ rule: 'constant_columns', limit })).because).toContain('(country)')
    expect((await judge({ rule: 'constant_columns', limit, share: 0.8 })).because).toContain(
      '(country, label)',
    )
    expect((await judge({ rule: 'all_unique_columns', limit })).because).toContain('(id)')
    expect((await judge({ rule: 'all_unique_columns', limit }, { key: ['id'] })).verdict).toBe(
      'pass',
    )
  })
})

describe('time and history', () => {
  it('the newest row is as old as it is', async () => {
    const fresh: DataCheck = { rule: 'freshness', op: '<', limitMs: 26 * 3_600_000 }
    expect((await judge(fresh, { time: 'seen_at' })).because).toBe(
      'the newest seen_at is 2026-07-01T00:00:00.000Z, 12h 0m old, allowed < 1d 2h',
    )
    const old = await judge({ ...fresh, column: 'end_day' })
    expect(old).toMatchObject({ verdict: 'fail' })
    expect((await judge(fresh)).because).toContain('freshness needs the column of the time')
  })
  it('rows are compared with earlier releases', async () => {
    const past = { op: '>=' as const, factor: 0.7, of: 'trailing_mean' as const, over: 2 }
    const check: DataCheck = { rule: 'rows', limits: [], past }
    const release = (at: number, rows: number) => ({ release: String(at), rows })
    const history = [release(1, 9), release(2, 1000), release(3, 2000)]
    expect((await judge(check, { past: history })).because).toBe(
      'there are 1,000 rows; the last 2 releases had 1,500 on average, allowed ≥ 1,050 (0.7 × that)',
    )
    expect((await judge(check)).verdict).toBe('skipped')
    const champion: DataCheck = { ...check, past: { ...past, of: 'champion', over: 1 } }
    expect((await judge(champion, { champion: release(3, 1100) })).verdict).toBe('pass')
    const without = { method: 'skipped' as const, because: 'made without this dataset' }
    expect(await judge(champion, { champion: without })).toMatchObject({
      ...{ verdict: 'skipped', because: 'made without this dataset' },
    })
    const lost = { method: 'unreadable' as const, because: 'its manifest cannot be read' }
    expect(await judge(champion, { champion: lost })).toMatchObject({
      ...{ verdict: 'error', because: 'its manifest cannot be read' },
    })
  })
})
