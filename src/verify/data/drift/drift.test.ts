import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTables, quoteText, type Tables } from '../../../build/tables/duckdb.ts'
import { measureData } from '../measure-data.ts'
import { type DatasetProfile, profileTable } from '../profile/profile.ts'
import { readProfile } from '../profile/profile-document.ts'
import type { DriftCheck } from './drift-check.ts'
import { judgeDrift } from './drift-judge.ts'
import { type FindReference, measureDrifts } from './drift-measure.ts'

let tables: Tables
let folder: string
let profile: DatasetProfile

/** Ages 20 to 60, a wage that is sometimes missing, and a plan. */
const people = (
  rows: number,
  { older = 0, gone = 50, plans = `['basic', 'pro', 'team']`, count = 3 } = {},
) =>
  `SELECT i AS id, hash(i, ${rows}) % 1000 / 25.0 + 20 + ${older} AS age, CASE WHEN hash(i, ${rows}, 'w') % ${gone} > 0 THEN hash(i, ${rows}, 'x') % 500 END AS wage, (${plans})[1 + (hash(i, ${rows}, 'p') % ${count})::INT] AS plan FROM range(${rows}) r(i)`

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-drift-'))
  tables = await openTables({ threads: 2 })
  await tables.query(
    `COPY (${people(20_000)}) TO ${quoteText(join(folder, 'reference.parquet'))} (FORMAT parquet)`,
  )
  profile = await profileTable(tables, join(folder, 'reference.parquet'))
})
afterAll(() => {
  tables.close()
  rmSync(folder, { recursive: true })
})

const champion: FindReference = async () => ({ found: 'profile', name: 'release 7', profile })
const base: DriftCheck = {
  ...{ rule: 'drift', column: null, limit: { op: '<=', value: 0.1 }, vs: 'champion' },
  ...{ method: 'psi', bins: null, except: ['id'] },
}

async function judge(sql: string, asked: Partial<DriftCheck> = {}, find = champion) {
  const check = { ...base, ...asked }
  const [found] = await measureDrifts({ tables, source: { sql }, checks: [check], find })
  if (found === undefined) throw new Error('one answer per check')
  if (found.method !== 'drift') return { verdict: found.method, because: found.because }
  return judgeDrift(check, found, 0.95)
}

describe('given the profile of what the champion was made from', () => {
  it('data of the same kind passes, and the sentence says how close it was', async () => {
    const { verdict, because } = await judge(people(5000))
    expect(verdict).toBe('pass')
    expect(because).toMatch(
      /^none of 3 columns drifted; most of all .* \(5,000 rows against 20,000 of release 7\)$/,
    )
  })
  it('ages that moved fail, and the sentence says which', async () => {
    const { verdict, because } = await judge(people(5000, { older: 8 }))
    expect(verdict).toBe('fail')
    expect(because).toMatch(
      /^1 of 3 columns drifted: age has a PSI of .* age 59\.96 or more: 0 % → 20 %/,
    )
  })
  it('a few rows decide nothing, and the sentence says how many would', async () => {
    const few = await judge(people(60))
    expect(few.verdict).toBe('insufficient')
    expect(few.because).toMatch(/about [\d,]+ rows would decide it$/)
    const needed = 'neededRows' in few ? (few.neededRows ?? 0) : 0
    expect((await judge(people(2 * needed))).verdict).toBe('pass')
  })
  it('every method sees the same move', async () => {
    for (const method of [
      'js_distance',
      'js_divergence',
      'tvd',
      'linf',
      'ks',
      'wasserstein',
      'chi2',
    ] as const) {
      expect([method, (await judge(people(5000, { older: 8 }), { method })).verdict]).toEqual([
        method,
        'fail',
      ])
      expect([method, (await judge(people(6000), { method })).verdict]).toEqual([method, 'pass'])
    }
  })
  it('new values, lost values and a change of what is missing are told apart', async () => {
    const fresh = people(5000, { plans: `['basic', 'pro', 'team', 'trial']`, count: 4 })
    expect(await judge(fresh, { column: 'plan', except: [], method: 'new_values' })).toMatchObject({
      verdict: 'fail',
    })
    const lost = people(5000, { count: 2 })
    expect(await judge(lost, { column: 'plan', except: [], method: 'lost_values' })).toMatchObject({
      verdict: 'fail',
    })
    const gaps = people(5000, { gone: 4 })
    expect(await judge(gaps, { column: 'wage', except: [], method: 'missing' })).toMatchObject({
      verdict: 'fail',
    })
    expect(
      await judge(people(5000), { column: 'wage', except: [], method: 'missing' }),
    ).toMatchObject({ verdict: 'pass' })
  })
  it('fewer bins are the same rows, joined', async () => {
    const check = { ...base, column: 'age', except: [], bins: 5 }
    const [found] = await measureDrifts({
      tables,
      source: { sql: people(5000) },
      checks: [check],
      find: champion,
    })
    if (found?.method !== 'drift') throw new Error('measured')
    const [{ compared } = { compared: undefined }] = found.columns
    expect(compared?.bins.length).toBe(5)
    expect(compared?.bins.reduce((sum, bin) => sum + bin.live, 0)).toBe(5000)
  })
})

describe('a question that cannot be answered', () => {
  it('names the column that was meant', async () => {
    expect(await judge(people(100), { column: 'aeg', except: [] })).toEqual({
      verdict: 'unreadable',
      because: 'there is no column aeg (did you mean age?)',
    })
  })
  it('does not take a column that is gone for one that did not move', async () => {
    const { verdict, because } = await judge('SELECT 1 AS id, 30.0 AS age, 2 AS wage')
    expect(verdict).toBe('unreadable')
    expect(because).toContain('plan is in release 7 and no longer in the data')
  })
  it('is skipped while there is no champion', async () => {
    const nobody: FindReference = async () => ({ found: 'nothing', because: 'no champion yet' })
    expect((await judge(people(100), {}, nobody)).verdict).toBe('skipped')
  })
  it('is insufficient without rows', async () => {
    expect((await judge(`${people(100)} WHERE false`)).verdict).toBe('insufficient')
  })
})

describe('a profile', () => {
  it('is the same at any number of threads, also of a table larger than the sample of its edges', async () => {
    const file = join(folder, 'large.parquet')
    await tables.query(`COPY (${people(300_000)}) TO ${quoteText(file)} (FORMAT parquet)`)
    const seen = new Set<string>()
    for (const threads of [1, 2, 4]) {
      const own = await openTables({ threads })
      seen.add(JSON.stringify(await profileTable(own, file)))
      own.close()
    }
    expect(seen.size).toBe(1)
    const [text = ''] = seen
    const large = readProfile(text)
    if (large === undefined) throw new Error('a profile reads itself')
    for (const column of Object.values(large.columns)) {
      const counted = column.counts.reduce((sum, count) => sum + count, 0)
      const others = column.kind === 'numeric' ? column.under + column.over : column.other
      expect(counted + others + column.missing).toBe(300_000)
    }
  })
  it('is not read from anything else', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"rows": 3}',
      '{"rows":1,"columns":{"a":{"kind":"numeric"}}}',
    ])
      expect(readProfile(text)).toBeUndefined()
  })
})

describe('of redacted data', () => {
  it('what moved is told in counts, and no value of a row is recorded', async () => {
    const path = join(folder, 'redacted.parquet')
    const moved = people(5000, { plans: `['basic']`, count: 1 })
    await tables.query(`COPY (${moved}) TO ${quoteText(path)} (FORMAT parquet)`)
    const check = { ...base, column: 'plan', except: [] }
    const facts = { redact: true, reference: champion }
    const [found] = await measureData(path, { checks: [check], now: '2026-01-01T00:00:00Z', facts })
    if (found?.method !== 'drift') throw new Error(JSON.stringify(found))
    const { verdict, because } = judgeDrift(check, found, 0.95)
    expect(verdict).toBe('fail')
    expect(because).toMatch(/plan value \d: 33 % → 100 %/)
    for (const plan of ['basic', 'pro', 'team'])
      expect(JSON.stringify(found)).not.toContain(`"${plan}"`)
  })
})
