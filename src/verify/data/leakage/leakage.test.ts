import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTables, type Tables } from '../../../build/tables/duckdb.ts'
import type { LeakageCheck } from './leakage-check.ts'
import { judgeLeakage } from './leakage-judge.ts'
import { measureLeakage } from './leakage-measure.ts'

let tables: Tables
beforeAll(async () => {
  tables = await openTables({ threads: 2 })
})
afterAll(() => tables.close())

const check: LeakageCheck = { rule: 'leakage', limit: { op: '<=', value: 0.97 }, except: [] }
const rows = (count: number, more: string) =>
  `SELECT * FROM (SELECT (hash(i) % 5 = 0)::INT AS y, hash(i, 'a') % 100 AS noise, 'user ' || i AS id, ${more} FROM range(${count}) r(i))`

async function judge(sql: string, asked: Partial<LeakageCheck> = {}, label = 'y') {
  const own = { ...check, ...asked }
  const found = await measureLeakage({ tables, source: { sql }, check: own, label })
  if (found.method === 'unreadable') return { verdict: 'error', because: found.because }
  return judgeLeakage(own, found, 0.95)
}

describe('one column alone', () => {
  it('that says nothing passes, identifiers included', async () => {
    const { verdict, because } = await judge(rows(3000, '1 AS constant'))
    expect(verdict).toBe('pass')
    expect(because).toMatch(/^no column alone predicts y too well; best /)
  })
  it('that is the label in disguise fails, whatever its form', async () => {
    const disguises = [
      '(hash(i) % 5 = 0)::INT * 3 + hash(i, 2) % 100 / 50.0 AS leak',
      `CASE WHEN hash(i) % 5 = 0 THEN 'won' ELSE 'lost' END AS leak`,
      'CASE WHEN hash(i) % 5 = 0 THEN NULL ELSE 1.5 END AS leak',
      `TIMESTAMP '2026-01-01' + to_days((hash(i) % 5 = 0)::INT) AS leak`,
      '-(hash(i) % 5 = 0)::INT AS leak',
    ]
    for (const leak of disguises) {
      const { verdict, because } = await judge(rows(3000, leak))
      expect([leak, verdict]).toEqual([leak, 'fail'])
      expect(because).toMatch(/leak (is missing )?alone predicts y with an AUC of 1\.000/)
    }
  })
  it('may be named as expected', async () => {
    expect(
      (await judge(rows(3000, '(hash(i) % 5 = 0)::INT AS leak'), { except: ['leak'] })).verdict,
    ).toBe('pass')
  })
  it('is not condemned by a handful of rows', async () => {
    const { verdict, because } = await judge(rows(60, '(hash(i) % 5 = 0)::INT AS leak'))
    expect(verdict).toBe('insufficient')
    expect(because).toMatch(/about [\d,]+ rows would decide it$/)
  })
  it('may be the order of the rows', async () => {
    const { verdict, because } = await judge(`SELECT * FROM (${rows(3000, '1 AS one')}) ORDER BY y`)
    expect(verdict).toBe('fail')
    expect(because).toContain('the row number alone predicts y')
  })
})

describe('other labels', () => {
  it('of several classes are looked at one against the others', async () => {
    const sql = rows(
      3000,
      `(['a', 'b', 'c'])[1 + (hash(i, 'k') % 3)::INT] AS kind, (hash(i, 'k') % 3 = 1)::INT AS leak`,
    )
    const { verdict, because } = await judge(sql, {}, 'kind')
    expect(verdict).toBe('fail')
    expect(because).toContain('leak alone predicts kind = b with an AUC of 1.000')
  })
  it('of numbers are compared by rank, as SciPy does', async () => {
    const { ranks } = JSON.parse(
      readFileSync(new URL('../../../../test/golden/verify/drift.json', import.meta.url), 'utf8'),
    ) as { ranks: { x: number[]; y: number[]; rho: number } }
    const sql = `SELECT unnest([${ranks.x.join(', ')}])::DOUBLE AS x, unnest([${ranks.y.join(', ')}])::DOUBLE AS price`
    const found = await measureLeakage({ tables, source: { sql }, check, label: 'price' })
    if (found.method === 'unreadable') throw new Error(found.because)
    const own = found.features.find(({ name }) => name === 'x')
    expect(own?.kind === 'spearman' ? own.rho : 0).toBeCloseTo(ranks.rho, 8)
  })
  it('that are not there, or are one class only, give no pass', async () => {
    expect(await judge(rows(100, '1 AS one'), {}, 'yy')).toEqual({
      verdict: 'error',
      because: 'there is no column yy (did you mean y?)',
    })
    expect((await judge(rows(100, '1 AS one'), {}, 'one')).verdict).toBe('insufficient')
  })
})
