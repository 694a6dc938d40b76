// The answers that bounds give are those that counting gives, whatever a file says about itself and however many threads look.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GuardedTables, openTables, quoteText } from '../../build/tables/duckdb.ts'
import { openTableSource } from '../../build/tables/table-source.ts'
import { askingOf } from './asking.ts'
import type { DataCheck } from './data-check.ts'
import { measureData, measureSource } from './measure-data.ts'
import { planCheck } from './plan-check.ts'
import { matchesWhole } from './row-conditions.ts'
import { evaluateTogether } from './shared-pass.ts'

const now = '2026-07-01T12:00:00.000Z'
let tables: GuardedTables
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-foreseen-'))
  tables = await openTables({ threads: 2 })
})
afterAll(() => {
  tables.close()
  rmSync(folder, { recursive: true })
})

async function write(name: string, select: string): Promise<string> {
  const path = join(folder, name)
  await tables.query(
    `COPY (${select}) TO ${quoteText(path)} (FORMAT parquet, ROW_GROUP_SIZE 20480, COMPRESSION uncompressed)`,
  )
  return path
}

const everyRow = { mostly: 1 } as const
const zero = { op: '=', value: 0 } as const

function checksOf(column: string): DataCheck[] {
  const aggregates = ['mean', 'stdev', 'sum', 'skew', 'min', 'max', 'median'] as const
  return [
    { rule: 'missing', column, limit: zero },
    { rule: 'nonfinite', column, limit: zero },
    { rule: 'infinite', column, limit: zero },
    { rule: 'range', column, limits: [{ op: '>=', value: 0 }], ...everyRow },
    { rule: 'range', column, limits: [{ op: '<', value: 400 }], ...everyRow },
    {
      ...{ rule: 'range', column, ...everyRow },
      limits: [
        { op: '>=', value: -0.5 },
        { op: '<=', value: 999 },
      ],
    },
    ...aggregates.map(
      (what): DataCheck => ({
        ...{ rule: 'aggregate', what, column },
        limits: [{ op: '<=', value: 1 }],
      }),
    ),
  ]
}

const numbers: readonly (readonly [name: string, sql: string])[] = [
  ['plain', '(i % 1000)::DOUBLE'],
  ['with NaN', `CASE WHEN i = 7 THEN 'nan'::DOUBLE ELSE (i % 1000)::DOUBLE END`],
  ['with infinity', `CASE WHEN i = 7 THEN 'inf'::DOUBLE ELSE (i % 1000)::DOUBLE END`],
  ['with its opposite', `CASE WHEN i = 7 THEN '-inf'::DOUBLE ELSE -(i % 1000)::DOUBLE END`],
  [
    'with both and NaN',
    `CASE i WHEN 7 THEN '-inf'::DOUBLE WHEN 8 THEN 'inf' WHEN 9 THEN 'nan' ELSE i END`,
  ],
  ['all NaN', `'nan'::DOUBLE`],
  ['missing', 'CASE WHEN i % 3 = 0 THEN i::DOUBLE END'],
  ['nothing', 'NULL::DOUBLE'],
  ['one value', 'CASE WHEN i = 5 THEN 5.5::DOUBLE END'],
  ['floats', '(i / 7)::FLOAT'],
  ['large', '1e300 * (i % 7 - 3)'],
  ['integers', 'i::BIGINT'],
]

describe('bounds and counts give the same statistics', () => {
  for (const [name, sql] of numbers) {
    it(name, async () => {
      const path = await write(`${name}.parquet`, `SELECT ${sql} AS x FROM range(60_000) t(i)`)
      const source = await openTableSource(path)
      const types = new Map(source.columns.map((column) => [column.name, column.type]))
      const plans = checksOf('x').map((check) =>
        planCheck(check, { types, facts: {}, now, isText: false }),
      )
      const asking = askingOf(source.tables, plans)
      const answers = async (foresee: boolean) => {
        const { of } = await evaluateTogether(source.tables, plans, { foresee })
        return Promise.all(
          plans.map((plan, at) => {
            const values = of[at]
            return typeof values === 'string' ? values : plan.finish(values ?? [], asking)
          }),
        )
      }
      const bounded = await answers(true)
      const counted = await answers(false)
      await source.close()
      expect(bounded).toEqual(counted)
    })
  }
})

describe('the same answer to the last byte', () => {
  it('with one, two and four threads', async () => {
    const names = ['with NaN', 'with both and NaN', 'missing', 'floats', 'large']
    const own = numbers.filter(([name]) => names.includes(name))
    const columns = own.map(([, sql], at) => `${sql} AS c${at}`)
    const text = `'v' || (i % 20) AS few, 'v' || (i % 5000) AS many, CASE WHEN i % 2 = 0 THEN '' ELSE 'x' END AS s`
    const path = await write(
      'mixed.parquet',
      `SELECT ${columns.join(', ')}, ${text} FROM (FROM range(40_000) t(i) UNION ALL FROM range(5_000) t(i))`,
    )
    const texts = ['few', 'many', 's'].flatMap((column): DataCheck[] => [
      { rule: 'missing', column, limit: zero },
      { rule: 'matches', column, pattern: '^v[0-9]+$', ...everyRow },
      { rule: 'allowed', column, values: ['v1', 'v2'], ...everyRow },
      { rule: 'length', column, limits: [{ op: '>=', value: 2 }], ...everyRow },
    ])
    const checks: DataCheck[] = [
      ...own.flatMap((_, at) => checksOf(`c${at}`)),
      ...texts,
      { rule: 'duplicates', limit: zero, unit: 'rows' },
    ]
    const answers = new Set<string>()
    for (const threads of [1, 2, 4]) {
      const source = await openTableSource(path, { threads })
      answers.add(JSON.stringify(await measureSource(source, { checks, now })))
      await source.close()
    }
    expect(answers.size).toBe(1)
  })
})

describe('text in which much is wrong', () => {
  it('is answered as a table is, also where a column that nobody asks about changes its type', async () => {
    const select = (odd: string) =>
      `SELECT i AS a, i % 10 AS b, 'v' || (i % 5) AS s, ${odd} AS odd FROM range(40_000) t(i)`
    const table = await write('much.parquet', select('i'))
    const checks: DataCheck[] = [
      { rule: 'range', column: 'a', limits: [{ op: '<', value: 30_000 }], ...everyRow },
      { rule: 'range', column: 'b', limits: [{ op: '<', value: 9 }], ...everyRow },
      { rule: 'allowed', column: 's', values: ['v1', 'v2'], ...everyRow },
      { rule: 'matches', column: 's', pattern: 'v[0-3]', ...everyRow },
    ]
    const expected = await measureData(table, { checks, now })
    expect(expected.map((one) => one.method === 'share' && one.count)).toEqual([
      10_000, 4_000, 24_000, 8_000,
    ])
    for (const odd of ['i', `CASE WHEN i > 39_000 THEN 'late' ELSE i::VARCHAR END`]) {
      const text = join(folder, 'much.csv')
      await tables.query(`COPY (${select(odd)}) TO ${quoteText(text)} (FORMAT csv, HEADER)`)
      expect(await measureData(text, { checks, now })).toEqual(expected)
    }
  })
})

describe('a file that does not say that it has NaN', () => {
  it('is read, as others than DuckDB write it', async () => {
    const path = await write(
      'silent.parquet',
      'SELECT 1000.0::DOUBLE + i AS x FROM range(1000) t(i)',
    )
    const bytes = readFileSync(path)
    const value = Buffer.alloc(8)
    value.writeDoubleLE(1234)
    const at = bytes.indexOf(value)
    expect(bytes.indexOf(value, at + 1)).toBe(-1)
    bytes.writeDoubleLE(Number.NaN, at)
    writeFileSync(path, bytes)
    const checks: DataCheck[] = [
      { rule: 'range', column: 'x', limits: [{ op: '<=', value: 5000 }], ...everyRow },
      { rule: 'nonfinite', column: 'x', limit: zero },
      { rule: 'missing', column: 'x', limit: zero },
    ]
    for (const asked of [checks, checks.slice(0, 1), checks.slice(1, 2), checks.slice(2)]) {
      for (const found of await measureData(path, { checks: asked, now }))
        expect(found).toMatchObject({ method: 'share', count: 1, of: 1000 })
    }
  })
})

describe('a pattern that spans the text', () => {
  const spanning = [
    '^v[0-9]+$',
    '^(a|b)$',
    '^(?:a|b)+c$',
    '^\\d+\\.\\d$',
    '^[|$]+$',
    '^a\\|b$',
    '^$',
  ]
  const other = [
    'v[0-9]+',
    '^a|b$',
    '^v',
    'v$',
    '^a\\$',
    '(?i)^a$',
    '^(?m:a$)$',
    '^\\Qa|b$',
    '^[[:alpha:]]$',
    '^(a$)|(^b)$',
  ]
  const texts = [
    '',
    'a',
    'b',
    'ab',
    'v1',
    'v12x',
    'xv1',
    'v1\n',
    'a\nb',
    'ac',
    '1.5',
    '|$',
    'a|b',
    'a$',
    'A',
    'abc',
  ]
  it('is told from one that does not', () => {
    expect(spanning.filter((one) => !matchesWhole(one))).toEqual([])
    expect(other.filter(matchesWhole)).toEqual([])
  })
  it('matches the same texts in either form', async () => {
    for (const pattern of spanning) {
      const sql = (form: string) =>
        texts.map((one) => `${form}(${quoteText(one)}, ${quoteText(pattern)})`)
      const [row] = await tables.query<{ part: boolean[]; whole: boolean[] }>(
        `SELECT [${sql('regexp_matches').join(', ')}] AS part, [${sql('regexp_full_match').join(', ')}] AS whole`,
      )
      expect(row?.whole, pattern).toEqual(row?.part)
    }
  })
})
