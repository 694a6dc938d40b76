import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTables, quoteText, type Tables } from '../../../build/tables/duckdb.ts'
import { hasProblems } from '../check-spec.ts'
import { judgeBetweenSets } from '../judge-between.ts'
import { parseCheck } from '../language/parse-check.ts'

let tables: Tables
let folder: string
const datasets = ['train', 'holdout', 'mixed', 'empty', 'nameless']

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-between-'))
  tables = await openTables({ threads: 2 })
  const write = (name: string, sql: string) =>
    tables.query(`COPY (${sql}) TO ${quoteText(join(folder, `${name}.parquet`))} (FORMAT parquet)`)
  const rows = (from: number, to: number, day: string, label = '(hash(i) % 5 = 0)::INT') =>
    `SELECT i AS id, hash(i, 'f') % 1000000000000 AS a, CASE WHEN i % 3 = 0 THEN NULL ELSE 'x' || i END AS b, DATE '${day}' + (i % 30)::INT AS day, ${label} AS y FROM range(${from}, ${to}) r(i)`
  await write('train', rows(0, 8000, '2025-01-01'))
  await write('holdout', rows(8000, 10_000, '2025-03-01'))
  // Ids as text of another type, twenty rows of train, a class that was never seen, and days of the training data.
  await write(
    'mixed',
    `SELECT id::INTEGER AS id, a, b, day, y FROM (${rows(7980, 9000, '2025-01-15', 'CASE WHEN i > 8990 THEN 2 ELSE (i % 2)::INT END')})`,
  )
  await write(
    'nameless',
    `SELECT NULL::BIGINT AS id, * EXCLUDE (id) FROM (${rows(0, 100, '2025-01-01')})`,
  )
  await write('empty', `${rows(0, 1, '2025-01-01')} WHERE false`)
})
afterAll(() => {
  tables.close()
  rmSync(folder, { recursive: true })
})

async function judge(text: string, options = {}) {
  const sides = datasets.map((name) => ({
    ...{ name, paths: [join(folder, `${name}.parquet`)], key: ['id'], time: 'day', label: 'y' },
  }))
  const report = await judgeBetweenSets({
    checks: [{ text, options, position: null }],
    sides,
    tables,
  })
  const [check] = report.gates[0]?.checks ?? []
  return `${check?.verdict}: ${check?.because}`
}

describe('a clean split passes', () => {
  const good = [
    'overlap(train, holdout, by=key) = 0',
    'overlap(train, holdout, by=features) < 0.01%',
    'overlap(train, holdout, by=rows) = 0',
    'overlap(train, holdout, by=[id, a]) = 0',
    'overlap(train, holdout, by=time) = 0',
    'time(train) < time(holdout)',
    'rows(holdout) >= 0.1 * rows(train)',
    'new_labels(train, holdout) = 0',
    'balance(train, holdout) <= 5%',
  ]
  for (const line of good) it(line, async () => expect(await judge(line)).toMatch(/^pass: /))
})

describe('one that is not, fails with a sentence to act on', () => {
  const bad: [string, string][] = [
    [
      'overlap(train, mixed, by=key) = 0',
      'fail: 20 of 1,020 (1.96 %) rows of mixed are also in train (same id), allowed = 0',
    ],
    [
      'overlap(train, mixed, by=features) < 0.01%',
      'fail: 20 of 1,020 (1.96 %) rows of mixed are also in train (same all 2 features), allowed < 0.01 %',
    ],
    [
      'overlap(train, mixed, by=time) = 0',
      'rows of mixed are not later than the last of train (2025-01-30)',
    ],
    ['time(train) < time(mixed)', 'fail: train ends 2025-01-30, mixed begins 2025-01-15: '],
    [
      'rows(mixed) >= 0.2 * rows(train)',
      'fail: mixed has 1,020 rows and train 8,000 (0.1275 times), allowed ≥ 0.2 times',
    ],
    [
      'new_labels(train, mixed) = 0',
      'fail: 1 of 3 labels are in mixed and not in train: 2 in 9 rows; allowed = 0',
    ],
    ['balance(train, mixed) <= 5%', 'fail: label 0 is '],
  ]
  for (const [line, sentence] of bad)
    it(sentence, async () => expect(await judge(line)).toContain(sentence))
})

describe('what cannot be said is no pass', () => {
  it('without rows', async () => {
    for (const line of [
      'overlap(train, empty, by=key) = 0',
      'time(train) < time(empty)',
      'balance(train, empty) <= 5%',
    ])
      expect(await judge(line)).toBe('insufficient: empty has no rows')
  })
  it('without a key in any row', async () => {
    expect(await judge('overlap(train, nameless, by=key) = 0')).toBe(
      'insufficient: no row of nameless has its id to look for',
    )
  })
  it('with a column that is not there', async () => {
    expect(await judge('overlap(train, holdout, by=idd) = 0')).toBe(
      'error: train has no column idd (did you mean id?)',
    )
  })
  it('with too few rows for the limit', async () => {
    expect(await judge('balance(train, holdout) <= 0.2%')).toMatch(
      /^insufficient: .* about [\d,]+ rows in the smaller dataset would$/,
    )
  })
})

describe('lines', () => {
  it('have one normal form', () => {
    const spec = parseCheck('overlap( train ,holdout,by = [id,  a] )=0')
    expect(hasProblems(spec) ? '' : spec.text).toBe('overlap(train, holdout, by=[id, a]) = 0')
  })
  it('say what is missing', () => {
    const wrong = [
      'overlap(train, holdout) = 0',
      'time(train) > time(holdout)',
      'rows(train) >= 5',
      'balance(train) <= 5%',
    ]
    for (const line of wrong) expect([line, hasProblems(parseCheck(line))]).toEqual([line, true])
  })
})
