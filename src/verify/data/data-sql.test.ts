// SQL that people write into checks: what it may do, what it may not, and that no answer depends on threads or memory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTables, quoteText } from '../../build/tables/duckdb.ts'
import { openTableSource } from '../../build/tables/table-source.ts'
import { askingOf } from './asking.ts'
import type { DataCheck } from './data-check.ts'
import { judgeDataCheck } from './judge-data-check.ts'
import { measureData, measureSource } from './measure-data.ts'
import { aggregate, judgeOne, row, testedAt, writeOrders } from './sample-orders.ts'

let folder: string
let orders: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-sql-'))
  orders = join(folder, 'orders.parquet')
  await writeOrders(orders)
})
afterAll(() => rmSync(folder, { recursive: true }))

const judge = (check: DataCheck) => judgeOne(check, orders)

describe('SQL', () => {
  const sql = (statement: string, more: object = {}): DataCheck => ({
    rule: 'sql',
    sql: statement,
    expects: 'rows',
    limits: [{ op: '=', value: 0 }],
    timeLimitMs: 300,
    ...more,
  })
  it('finds the rows that break a rule, or answers a number', async () => {
    const found = await judge(
      sql('select id, amount from this where amount > 98 order by id; -- those', {
        name: 'not too much',
      }),
    )
    expect(found.because).toBe(
      'not too much finds 10 rows, allowed = 0, the first: id = 99, amount = 99',
    )
    const value = { expects: 'value', limits: [{ op: '<=', value: 40 }] }
    expect((await judge(sql('select avg(amount) from this', value))).estimate).toBe(49.5)
    expect((await judge(sql('select null from this limit 1', value))).verdict).toBe('insufficient')
    expect((await judge(sql('select 1, 2', value))).because).toContain('one number is needed')
  })
  it.each([
    ['delete from this', 'must be one SELECT statement, and it does more than read'],
    ['select 1; drop table x', 'it has 2 statements'],
    ["copy (select 1) to '/tmp/lockstep-written.csv'", 'it does more than read'],
    ["select * from read_csv('/etc/passwd')", 'file system operations are disabled'],
    ["select * from '/etc/hostname'", 'cannot run'],
    [
      'select count(*) from range(1000000000) a, range(1000000) b where a.range + b.range = 3',
      'was stopped after 300 ms',
    ],
    ['select nothing from this', 'has no column nothing'],
  ])('%s is an error', async (statement, sentence) => {
    const { verdict, because } = await judge(sql(statement))
    expect(because).toContain(sentence)
    expect(verdict).toBe('error')
  })
  it('a wrong condition costs only its own check', async () => {
    const checks: DataCheck[] = [
      row({ rule: 'holds', condition: 'amont > 1' }),
      row({ rule: 'holds', condition: 'amount > (select 1)' }),
      row({ rule: 'holds', condition: 'amount > 1) or (true' }),
      row({ rule: 'matches', column: 'name', pattern: '(' }),
      row({ rule: 'holds', condition: 'amount >= 0' }),
    ]
    const found = await measureData(orders, { checks, now: testedAt })
    const verdicts = found.map((one, at) => judgeDataCheck(checks[at] as DataCheck, one).verdict)
    expect(verdicts).toEqual(['error', 'error', 'error', 'error', 'pass'])
  })
  it('a condition is one expression, whatever its quotes and comments pretend', async () => {
    const away = "amount > 0 /*'*/) FROM this; CREATE OR REPLACE VIEW this AS SELECT 1 AS amount"
    const conditions = [
      `${away}; SELECT count_if(true /*'*/`,
      "amount > 0 /*'*/) or (true /*'*/",
      "/*'*/ exists (select 1) /*'*/",
      'amount > ?',
      "name = 'a",
      'amount > 0 /* never closed',
    ]
    const checks: DataCheck[] = [
      ...conditions.map((condition) => row({ rule: 'holds', condition })),
      row({ rule: 'holds', condition: "amount >= 0 -- isn't it" }),
      row({ rule: 'holds', condition: "name <> 'select ) ;' OR name <> $$it's$$" }),
      { rule: 'rows', limits: [{ op: '=', value: 1000 }] },
    ]
    const found = await measureData(orders, { checks, now: testedAt })
    const verdicts = found.map((one, at) => judgeDataCheck(checks[at] as DataCheck, one).verdict)
    expect(verdicts).toEqual([...conditions.map(() => 'error'), 'pass', 'pass', 'pass'])
  })
  it('says no value where the data is redacted', async () => {
    const value = { expects: 'value', limits: [{ op: '<=', value: 40 }] }
    const check = sql("select 'a secret'", value)
    const facts = { redact: true }
    const [found] = await measureData(orders, { checks: [check], now: testedAt, facts })
    expect(found).toMatchObject({ method: 'unreadable' })
    expect(JSON.stringify(found)).not.toContain('secret')
  })
  it('may name its neighbours', async () => {
    const people = join(folder, 'people.csv')
    writeFileSync(people, 'id\n1\n2\n')
    const source = await openTableSource(orders, { others: { people: [people] } })
    const orphans = sql('select * from this anti join people using (id)')
    const [found] = await measureSource(source, { checks: [orphans], now: testedAt })
    await source.close()
    expect(found).toMatchObject({ method: 'sql', rows: 998 })
  })
})

describe('the same answer', () => {
  it('with one thread and with two, again and again, and with little memory', async () => {
    const path = join(folder, 'many.parquet')
    const tables = await openTables()
    await tables.query(
      `COPY (SELECT i AS id, sin(hash(i) % 1000003)::DOUBLE AS x, (hash(i) % 1000)::FLOAT AS f, 'v' || (hash(i) % 50000) AS s FROM range(300000) t(i)) TO ${quoteText(path)} (ROW_GROUP_SIZE 10000)`,
    )
    tables.close()
    const checks: DataCheck[] = [
      ...(['mean', 'stdev', 'sum', 'skew', 'median', 'distinct', 'mode_share'] as const).flatMap(
        (what) => [aggregate(what, 'x'), aggregate(what, 'f')],
      ),
      { rule: 'unique', columns: ['s'] },
      { rule: 'duplicates', limit: { op: '=', value: 0 }, unit: 'rows' },
      row({ rule: 'range', column: 'x', limits: [{ op: '>=', value: 0 }] }),
      row({ rule: 'allowed', column: 's', values: ['v1'] }),
      {
        rule: 'sql',
        sql: 'select * from this where f > 998',
        expects: 'rows',
        limits: [],
        timeLimitMs: 60_000,
      },
    ]
    const answers: string[] = []
    for (const [threads, memoryLimit] of [
      [1, '512MB'],
      [2, '512MB'],
      [2, '512MB'],
      [2, '64MB'],
    ] as const) {
      const source = await openTableSource(path, { threads, memoryLimit })
      answers.push(JSON.stringify(await measureSource(source, { checks, now: testedAt })))
      await source.close()
    }
    expect(answers[0]).not.toContain('unreadable')
    expect(new Set(answers).size).toBe(1)
  })

  it('of a quantile whether its values are held or sorted', async () => {
    const source = await openTableSource(orders)
    const held = askingOf(source.tables, [])
    const sorted = askingOf(source.tables, [], { mostHeld: 0 })
    for (const level of [0, 0.01, 0.5, 0.999, 1]) {
      const value = '"amount"'
      expect(await sorted.quantile(value, level, 1000)).toBe(
        await held.quantile(value, level, 1000),
      )
    }
    await source.close()
  })
})
