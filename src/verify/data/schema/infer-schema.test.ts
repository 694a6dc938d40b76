// Given data, a schema that the same data satisfies, with slack; given other data, the lines it breaks and what would let it in.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GuardedTables, openTables, quoteText } from '../../../build/tables/duckdb.ts'
import { columnSchema } from '../../../project/dataset-schema.ts'
import { inferSchema } from './infer-schema.ts'
import { diffSchema } from './schema-diff.ts'

let tables: GuardedTables
const folder = mkdtempSync(join(tmpdir(), 'lockstep-infer-'))

beforeAll(async () => {
  tables = await openTables()
})
afterAll(() => tables.close())

async function fileOf(name: string, select: string): Promise<string> {
  const path = join(folder, `${name}.parquet`)
  await tables.query(`COPY (${select}) TO ${quoteText(path)} (FORMAT parquet)`)
  return path
}

const columnsOf = (select: string) => `SELECT ${select} FROM range(2000) t(i)`

describe('a schema is proposed', () => {
  test('with types, keys, ranges, sets and shares', async () => {
    const path = await fileOf(
      'all',
      columnsOf(
        "i AS id, i % 90 AS age, CASE WHEN i % 20 = 0 THEN NULL ELSE i * 0.25 END AS wage, ['a','b'][1 + i % 2] AS sex, DATE '2024-01-01' + CAST(i % 30 AS INTEGER) AS day, [i] AS nested, 7 AS year",
      ),
    )
    const { rows, columns, checks } = await inferSchema(tables, path)
    expect([rows, checks]).toEqual([2000, ['rows >= 1000']])
    expect(Object.fromEntries(columns.map(({ name, column }) => [name, column]))).toEqual({
      id: { type: 'integer', required: true, unique: true },
      age: { type: 'integer', required: true, between: [0, 98] },
      wage: { type: 'number', missing: '6.2%', between: [0, 550] },
      sex: { type: 'text', required: true, in: ['a', 'b'] },
      day: { type: 'date', required: true, min: '2024-01-01' },
      nested: { type: 'BIGINT[]', required: true },
      year: { type: 'integer', required: true, between: [6, 8] },
    })
  })

  test('of types alone from few rows', async () => {
    const path = await fileOf('few', 'SELECT i AS id FROM range(5) t(i)')
    const { columns, checks } = await inferSchema(tables, path)
    expect([columns[0]?.column, checks]).toEqual([{ type: 'integer' }, []])
    expect(columns[0]?.because).toContain('too few for more')
  })

  test('of an empty table and of a column without any value', async () => {
    const empty = await fileOf('empty', 'SELECT i AS id FROM range(0) t(i)')
    expect((await inferSchema(tables, empty)).rows).toBe(0)
    const nothing = await fileOf('nothing', columnsOf('CAST(NULL AS DOUBLE) AS a'))
    expect((await inferSchema(tables, nothing)).columns[0]?.column).toEqual({ type: 'number' })
  })

  test('with ranges of finite values', async () => {
    const path = await fileOf(
      'wild',
      columnsOf(
        "CASE WHEN i = 3 THEN CAST('inf' AS DOUBLE) WHEN i = 4 THEN CAST('nan' AS DOUBLE) ELSE i / 2000.0 END AS a",
      ),
    )
    expect((await inferSchema(tables, path)).columns[0]?.column.between).toEqual([0, 1.1])
  })

  test('the same at any number of threads', async () => {
    const path = await fileOf('same', columnsOf('i * 0.1 AS a, i % 7 AS b'))
    const first = await inferSchema(tables, path)
    await tables.query('SET threads = 1')
    expect(await inferSchema(tables, path)).toEqual(first)
  })
})

describe('new data that breaks a schema', () => {
  const declared = {
    age: columnSchema.parse({ between: [0, 50] }),
    sex: columnSchema.parse({ in: ['a'], required: true }),
    gone: columnSchema.parse({ type: 'text' }),
  }
  const line = (
    column: string | null,
    field: 'between' | 'in' | 'required' | 'matches' | null,
  ) => ({ column, field, because: 'it says' })
  const asked = async (broken: ReturnType<typeof line>[], isClosed = false) => {
    const path = await fileOf(
      'new',
      columnsOf("i % 90 AS age, ['a','b'][1 + i % 2] AS sex, i AS extra"),
    )
    const changes = diffSchema({
      declared,
      isClosed,
      broken,
      found: await inferSchema(tables, path),
    })
    return changes.map(({ because: _, ...change }) => change)
  }

  test('is let in by wider ranges and longer lists, never by narrower ones', async () => {
    expect(await asked([line('age', 'between'), line('sex', 'in')])).toEqual([
      { does: 'set', column: 'gone', field: 'required', value: false },
      { does: 'set', column: 'age', field: 'between', value: [0, 98] },
      { does: 'set', column: 'sex', field: 'in', value: ['a', 'b'] },
    ])
  })

  test('leaves to a person what no data decides', async () => {
    expect(await asked([line('sex', 'matches')])).toContainEqual({
      does: 'decide',
      column: 'sex',
      field: 'matches',
    })
  })

  test('adds new columns where none may be', async () => {
    const changes = await asked([line(null, null)], true)
    expect(changes).toContainEqual({
      does: 'add',
      column: 'extra',
      value: { type: 'integer', required: true, unique: true },
    })
  })
})
