// Data that is broken in the ways data breaks: the verdict is error or insufficient with a sentence, never a pass and never a throw.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTables, quoteText } from '../../build/tables/duckdb.ts'
import type { DataCheck } from './data-check.ts'
import { judgeDataCheck } from './judge-data-check.ts'
import { measureData } from './measure-data.ts'

const now = '2026-07-01T12:00:00.000Z'
let folder: string
const file = (name: string) => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-bad-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function judge(path: string, ...checks: DataCheck[]) {
  const found = await measureData(path, { checks, now })
  return checks.map((check, at) => {
    const own = found[at]
    if (own === undefined) throw new Error('one statistic per check')
    const { verdict, because } = judgeDataCheck(check, own)
    return { verdict, because }
  })
}

const rows: DataCheck = { rule: 'rows', limits: [{ op: '>=', value: 1 }] }
const range = (column: string): DataCheck => ({
  rule: 'range',
  column,
  limits: [{ op: '>=', value: 0 }],
  mostly: 1,
})
const aggregate = (
  what: 'mean' | 'stdev' | 'median' | 'skew' | 'sum',
  column: string,
): DataCheck => ({
  rule: 'aggregate',
  what,
  column,
  limits: [{ op: '<=', value: 1e9 }],
})

describe('a file that is no table', () => {
  const cases: [name: string, bytes: string | Buffer, sentence: string][] = [
    ['nothing.csv', '', 'is empty: it has not even a header'],
    ['twice.csv', 'age,age\n1,2\n', 'it names the column age twice'],
    ['case.csv', 'age,Age\n1,2\n', 'its columns age and Age differ only in upper and lower case'],
    ['semicolons.csv', 'age;sex\n1;M\n', 'its header "age;sex" is one column with ; in it'],
    ['tabs.csv', 'age\tsex\n1\tM\n', 'Name the file .tsv'.toLowerCase()],
    [
      'latin.csv',
      Buffer.concat([
        Buffer.from('age,name\n1,a\n2,'),
        Buffer.from([0xe9, 0x74]),
        Buffer.from('\n'),
      ]),
      'line 3: Invalid unicode',
    ],
    ['long.csv', `age,text\n1,${'x'.repeat(3_000_000)}\n`, 'Maximum line size'],
    ['ragged.csv', 'age,sex\n1,M\n2,F,more\n', 'line 3'],
    ['cut.json', '{"age":', 'is it a JSON file'],
    ['cut.parquet', 'PAR1and then nothing', 'is it a Parquet file'],
  ]
  for (const [name, bytes, sentence] of cases) {
    it(`${name}: ${sentence}`, async () => {
      writeFileSync(file(name), bytes)
      for (const { verdict, because } of await judge(file(name), rows, range('age'))) {
        expect(because.toLowerCase()).toContain(sentence.toLowerCase())
        expect(because).toContain(name)
        expect(because.length).toBeLessThan(600)
        expect(verdict).toBe('error')
      }
    })
  }

  it('a Parquet file with damaged pages, or one part of several cut short', async () => {
    mkdirSync(file('parts'))
    const tables = await openTables()
    for (const part of ['a', 'b']) {
      await tables.query(
        `COPY (SELECT i AS age, hash(i)::VARCHAR AS t FROM range(50000) t(i)) TO ${quoteText(file(`parts/${part}.parquet`))}`,
      )
    }
    tables.close()
    const whole = readFileSync(file('parts/b.parquet'))
    writeFileSync(file('parts/b.parquet'), whole.subarray(0, whole.length / 2))
    for (const one of await judge(file('parts'), rows, range('age'))) {
      expect(one.verdict).toBe('error')
      expect(one.because).toContain('b.parquet')
    }
    writeFileSync(file('damaged.parquet'), Buffer.from(whole).fill(7, 1000, 100_000))
    const [damaged] = await judge(file('damaged.parquet'), range('age'))
    expect(damaged?.verdict).toBe('error')
  })
})

describe('a table that says too little', () => {
  const all: DataCheck[] = [
    range('age'),
    { rule: 'missing', column: 'age', limit: { op: '<=', value: 1 } },
    { rule: 'unique', columns: ['age'] },
    { rule: 'duplicates', limit: { op: '=', value: 0 }, unit: 'rows' },
    { rule: 'freshness', column: 'day', op: '<', limitMs: 1000 },
    {
      rule: 'share',
      condition: { column: 'age', op: '=', value: 1 },
      limits: [{ op: '<', value: 1 }],
    },
    { rule: 'constant_columns', limit: { op: '=', value: 0 } },
    ...(['mean', 'stdev', 'median', 'skew', 'sum'] as const).map((what) => aggregate(what, 'age')),
  ]
  it('without rows nothing is shown', async () => {
    writeFileSync(file('header.csv'), 'age,day\n')
    for (const { verdict, because } of await judge(file('header.csv'), ...all)) {
      expect(verdict, because).toBe('insufficient')
    }
    expect((await judge(file('header.csv'), rows))[0]?.verdict).toBe('fail')
  })
  it('one row has a mean, but no spread', async () => {
    writeFileSync(file('one.csv'), 'age,day\n3,2026-07-01\n')
    const verdicts = await judge(
      file('one.csv'),
      aggregate('mean', 'age'),
      aggregate('stdev', 'age'),
    )
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['pass', 'insufficient'])
    expect(verdicts[1]?.because).toContain('one value has none')
  })
  it('a column of nothing but missing values', async () => {
    writeFileSync(file('missing.csv'), 'age,day\n,a\n,b\n')
    for (const what of ['mean', 'stdev', 'median', 'skew', 'sum'] as const) {
      expect((await judge(file('missing.csv'), aggregate(what, 'age')))[0]?.verdict).toBe(
        'insufficient',
      )
    }
    expect((await judge(file('missing.csv'), range('age')))[0]?.verdict).toBe('insufficient')
  })
})

describe('numbers that break sums', () => {
  it('Inf and NaN are said, never passed over, and kill nothing', async () => {
    writeFileSync(file('inf.csv'), 'x,y\n1,1\n2,2\ninf,3\nnan,4\n-inf,5\n')
    const found = await judge(
      file('inf.csv'),
      ...(['mean', 'stdev', 'median', 'sum'] as const).map((what) => aggregate(what, 'x')),
      aggregate('mean', 'y'),
      { rule: 'nonfinite', column: 'x', limit: { op: '=', value: 0 } },
      range('x'),
    )
    expect(found[0]?.because).toBe(
      'the mean of x cannot be told: 3 of 5 values are no finite number (nonfinite(x) = 0 shows the rows; {where: "isfinite(x)"} leaves them out)',
    )
    expect(found.map(({ verdict }) => verdict)).toEqual([
      ...['error', 'error', 'error', 'error', 'pass'],
      ...['fail', 'fail'],
    ])
  })
  it('a spread beyond what a number can hold costs only its own answer', async () => {
    writeFileSync(file('big.csv'), 'x,y\n1e200,1\n-1e200,2\n1e300,3\n')
    const [spread, mean] = await judge(
      file('big.csv'),
      aggregate('stdev', 'x'),
      aggregate('mean', 'y'),
    )
    expect(spread?.verdict).toBe('error')
    expect(spread?.because).toContain('out of range')
    expect(mean?.verdict).toBe('pass')
  })
})

describe('text that changes its type late', () => {
  it('is read by all its rows, whichever column is asked for', async () => {
    const many = Array.from({ length: 30_000 }, (_, at) => `${at},1,`).join('\n')
    writeFileSync(file('late.csv'), `id,age,note\n${many}\n30000,unknown,x\n`)
    const type: DataCheck = { rule: 'type', column: 'age', type: 'integer' }
    const [only] = await judge(file('late.csv'), type)
    expect(only?.because).toBe('age is text (VARCHAR), declared integer')
    const [both, ids] = await judge(file('late.csv'), range('age'), {
      rule: 'unique',
      columns: ['id'],
    })
    expect(both?.because).toContain('1 of 30,001 values of age')
    expect(ids?.verdict).toBe('pass')
  })
})
