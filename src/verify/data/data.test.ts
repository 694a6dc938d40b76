import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTables, quoteText, type Tables } from '../../build/tables/duckdb.ts'
import type { DataCheck } from './data-check.ts'
import { judgeDataCheck } from './judge-data-check.ts'
import { measureData } from './measure-data.ts'
import { countOnProfile, type NumericProfile, profileTable } from './profile/profile.ts'

const now = '2026-07-01T12:00:00.000Z'
let tables: Tables
let folder: string
let people: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-data-'))
  people = join(folder, 'people.parquet')
  tables = await openTables({ threads: 2 })
  await tables.query(`COPY (SELECT i AS id, i % 100 AS age, CASE WHEN i % 50 = 0 THEN NULL ELSE i * 1.5::DOUBLE END AS wage,
    CASE WHEN i = 7 THEN 'nan'::DOUBLE ELSE i::DOUBLE END AS ratio, CASE WHEN i % 2 = 0 THEN 'Male' ELSE 'Female' END AS sex,
    (i % 10 = 0)::INT AS bought, CASE WHEN i % 4 < 3 THEN 0 ELSE i::DOUBLE END AS gains, DATE '2026-01-01' AS day
    FROM range(1000) t(i)) TO ${quoteText(people)} (FORMAT parquet)`)
})
afterAll(() => {
  tables.close()
  rmSync(folder, { recursive: true })
})

async function judge(check: DataCheck, path = people) {
  const [found] = await measureData(path, { checks: [check], now })
  if (found === undefined) throw new Error('one statistic per check')
  return judgeDataCheck(check, found)
}

const atMost = (value: number) => ({ op: '<=' as const, value })
const atLeast = (value: number) => ({ op: '>=' as const, value })
const zero = { op: '=' as const, value: 0 }

describe('a table that is as declared passes', () => {
  const good: DataCheck[] = [
    { rule: 'rows', limits: [atLeast(1000), atMost(1000)] },
    { rule: 'columns', columns: ['id', 'age'], isClosed: false },
    { rule: 'type', column: 'age', type: 'integer' },
    { rule: 'type', column: 'id', type: 'number' },
    { rule: 'missing', column: 'wage', limit: atMost(0.02) },
    { rule: 'nonfinite', column: 'age', limit: zero },
    { rule: 'range', column: 'age', limits: [atLeast(0), atMost(99)], mostly: 1 },
    { rule: 'range', column: 'age', limits: [atLeast(1)], mostly: 0.99 },
    { rule: 'allowed', column: 'sex', values: ['Male', 'Female'], mostly: 1 },
    { rule: 'allowed', column: 'bought', values: [0, 1], mostly: 1 },
    { rule: 'binary', column: 'bought' },
    { rule: 'unique', columns: ['id'] },
    { rule: 'duplicates', limit: zero, unit: 'rows' },
  ]
  it('all checks in one measurement', async () => {
    const found = await measureData(people, { checks: good, now })
    const verdicts = good.map((check, at) => {
      const own = found[at]
      return own === undefined ? 'none' : judgeDataCheck(check, own)
    })
    for (const verdict of verdicts) expect(verdict).toMatchObject({ verdict: 'pass' })
  })
})

describe('a table that is not, fails with a sentence to act on', () => {
  const bad: [DataCheck, string][] = [
    [{ rule: 'rows', limits: [atLeast(5000)] }, 'there are 1,000 rows, allowed ≥ 5,000'],
    [{ rule: 'columns', columns: ['id', 'region'], isClosed: false }, 'missing: region'],
    [{ rule: 'columns', columns: ['id'], isClosed: true }, 'not declared: age, wage'],
    [{ rule: 'type', column: 'sex', type: 'number' }, 'sex is text (VARCHAR), declared number'],
    [
      { rule: 'missing', column: 'wage', limit: atMost(0.01) },
      'wage is missing in 20 of 1,000 (2 %), allowed ≤ 1 %',
    ],
    [{ rule: 'nonfinite', column: 'ratio', limit: zero }, 'NaN or infinite in 1 of 1,000'],
    [
      { rule: 'range', column: 'age', limits: [atLeast(0), atMost(90)], mostly: 1 },
      '90 of 1,000 values of age are outside ≥ 0 and ≤ 90 (seen 0 to 99)',
    ],
    [
      { rule: 'range', column: 'ratio', limits: [atLeast(0)], mostly: 1 },
      '1 of 1,000 values of ratio',
    ],
    [
      { rule: 'allowed', column: 'sex', values: ['Male'], mostly: 1 },
      '500 of 1,000 values of sex are not allowed ("Female")',
    ],
    [{ rule: 'binary', column: 'age' }, '980 values that are neither 0 nor 1'],
    [{ rule: 'unique', columns: ['age', 'sex'] }, 'age + sex is no key: 900 rows repeat'],
    [{ rule: 'unique', columns: ['wage'] }, 'have a missing part'],
  ]
  for (const [check, sentence] of bad) {
    it(sentence, async () => {
      const { verdict, because } = await judge(check)
      expect(because).toContain(sentence)
      expect(verdict).toBe('fail')
    })
  }
})

describe('a question that cannot be answered is an error, never a pass', () => {
  it('names the nearest column', async () => {
    const { verdict, because } = await judge({ rule: 'missing', column: 'wgae', limit: zero })
    expect(verdict).toBe('error')
    expect(because).toBe('there is no column wgae (did you mean wage?)')
  })
  it('says that text has no range', async () => {
    const { verdict, because } = await judge({
      rule: 'range',
      column: 'sex',
      limits: [atLeast(0)],
      mostly: 1,
    })
    expect([verdict, because]).toEqual(['error', 'sex is VARCHAR, and a range needs numbers'])
  })
  it('reports a file that is cut short', async () => {
    const broken = join(folder, 'broken.parquet')
    writeFileSync(broken, 'PAR1')
    expect((await judge({ rule: 'rows', limits: [atLeast(1)] }, broken)).verdict).toBe('error')
  })
  it('has nothing to say about a table without rows', async () => {
    const empty = join(folder, 'empty.csv')
    writeFileSync(empty, 'age,sex\n')
    expect((await judge({ rule: 'missing', column: 'age', limit: zero }, empty)).verdict).toBe(
      'insufficient',
    )
    expect((await judge({ rule: 'rows', limits: [atLeast(1)] }, empty)).verdict).toBe('fail')
    expect((await judge({ rule: 'binary', column: 'age' }, empty)).verdict).toBe('insufficient')
  })
  it('counts repeated rows exactly', async () => {
    const twice = join(folder, 'twice.csv')
    writeFileSync(twice, 'a,b\n1,x\n1,x\n1,y\n1,x\n,\n,\n')
    const { verdict, because } = await judge(
      { rule: 'duplicates', limit: atMost(2), unit: 'rows' },
      twice,
    )
    expect(because).toContain('3 of 6 rows repeat')
    expect(verdict).toBe('fail')
  })
})

describe('a profile', () => {
  it('accounts for every row of every column, and repeats', async () => {
    const profile = await profileTable(tables, people)
    expect(Object.keys(profile.columns)).not.toContain('day')
    for (const [name, column] of Object.entries(profile.columns)) {
      const counted = column.counts.reduce((sum, count) => sum + count, 0) + column.missing
      const rest =
        column.kind === 'numeric' ? column.under + column.over + column.nonfinite : column.other
      expect(counted + rest, name).toBe(1000)
    }
    expect(await profileTable(tables, people)).toEqual(profile)
    const single = await openTables({ threads: 1 })
    expect(await profileTable(single, people)).toEqual(profile)
    single.close()
  })

  it('gives a heavy zero a bin of its own', async () => {
    const { columns } = await profileTable(tables, people, ['gains'])
    const gains = columns.gains as NumericProfile
    expect(gains.edges[0]).toBe(0)
    expect(gains.counts[0]).toBe(750)
    // The 250 others are cut at their own quantiles.
    expect(gains.counts.slice(1)).toEqual([50, 50, 50, 50, 50])
  })

  it('counts other rows on the same edges, with what falls outside', async () => {
    const reference = await profileTable(tables, people, ['age', 'sex', 'wage', 'ratio'])
    const now = await countOnProfile(tables, reference, {
      sql: `SELECT * FROM (VALUES (-5, 'Male', NULL, 'inf'::DOUBLE), (500, 'Unknown', 3, 4), (50, NULL, 4, 0)) t(age, sex, wage, ratio)`,
    })
    expect(now.rows).toBe(3)
    expect(now.columns.age).toMatchObject({ under: 1, over: 1, missing: 0, min: -5, max: 500 })
    expect(now.columns.sex).toMatchObject({ other: 1, missing: 1 })
    expect(now.columns.wage).toMatchObject({ missing: 1 })
    expect(now.columns.ratio).toMatchObject({ nonfinite: 1 })
  })

  it('of no rows, or of only missing values, is still a profile', async () => {
    const nothing = await profileTable(tables, { sql: 'SELECT 1::DOUBLE AS x WHERE false' })
    expect(nothing.columns.x).toMatchObject({ kind: 'numeric', counts: [0], mean: null })
    const missing = await profileTable(tables, {
      sql: `SELECT NULL::DOUBLE AS x, NULL::VARCHAR AS y`,
    })
    expect(missing.columns).toMatchObject({ x: { missing: 1 }, y: { missing: 1, categories: [] } })
  })

  it('refuses a column that is not there', async () => {
    await expect(profileTable(tables, people, ['agee'])).rejects.toThrow('agee cannot be profiled')
  })
})
