import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOfFile } from '../../foundation/digest.ts'
import { openTables, quoteName, quoteText, type Tables, tableOf } from './duckdb.ts'
import { selectTable } from './select.ts'

let folder = ''
let tables: Tables
const file = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tables-'))
  tables = await openTables()
  await writeFile(file('people.csv'), 'age,city\n31,Oslo\n47,"Rome, IT"\n,Oslo\n')
})
afterAll(async () => {
  tables.close()
  await rm(folder, { recursive: true })
})

describe('a table read from a file', () => {
  test('keeps the order of the file and gives numbers, text and null', async () => {
    expect(await tables.query(`FROM ${tableOf(file('people.csv'))}`)).toEqual([
      { age: 31, city: 'Oslo' },
      { age: 47, city: 'Rome, IT' },
      { age: null, city: 'Oslo' },
    ])
  })

  test('comes column by column, with names and types, for bulk work', async () => {
    const bulk = await tables.columns(
      `SELECT age::DOUBLE AS age, city FROM ${tableOf(file('people.csv'))}`,
    )
    expect(bulk).toEqual({
      names: ['age', 'city'],
      types: ['DOUBLE', 'VARCHAR'],
      values: [
        [31, 47, null],
        ['Oslo', 'Rome, IT', 'Oslo'],
      ],
    })
  })

  test('reads JSON lines and compressed CSV by extension, and several files as one table', async () => {
    await writeFile(file('a.jsonl'), '{"x":1}\n{"x":2}\n')
    await writeFile(file('b.csv.gz'), gzipSync('x\n3\n'))
    await writeFile(file('c.csv.gz'), gzipSync('x\n4\n'))
    expect(await tables.query(`FROM ${tableOf(file('a.jsonl'))}`)).toEqual([{ x: 1 }, { x: 2 }])
    expect(await tables.query(`FROM ${tableOf([file('b.csv.gz'), file('c.csv.gz')])}`)).toEqual([
      { x: 3 },
      { x: 4 },
    ])
  })
})

describe('a folder', () => {
  test('stands for the data files in it and below, in the order of their paths', async () => {
    await mkdir(file('survey/late'), { recursive: true })
    await writeFile(file('survey/late/c.csv'), 'x\n3\n')
    await writeFile(file('survey/b.csv'), 'x\n2\n')
    await writeFile(file('survey/a.csv'), 'x\n1\n')
    await writeFile(file('survey/README.md'), 'not data')
    await writeFile(file('survey/.d.csv'), 'x\n4\n')
    expect(await tables.query(`FROM ${tableOf(file('survey'))}`)).toEqual([
      { x: 1 },
      { x: 2 },
      { x: 3 },
    ])
  })

  test('without data is refused', async () => {
    await mkdir(file('empty'))
    expect(() => tableOf(file('empty'))).toThrow('has no Parquet, CSV or JSON file')
  })
})

describe('values', () => {
  test('are plain JavaScript whatever their type in the engine', async () => {
    const [row] = await tables.query(`SELECT 1.25::DECIMAL(9,2) AS price, DATE '2020-02-29' AS day,
      TIMESTAMPTZ '2020-01-01 02:00:00+02' AS moment, 9007199254740993::BIGINT AS beyond, 12::HUGEINT AS small,
      [1, 2] AS list, {'a': 1::BIGINT} AS struct, MAP {'k': 2::BIGINT} AS map, NULL AS nothing, true AS flag`)
    expect(row).toEqual({
      price: 1.25,
      day: '2020-02-29',
      moment: '2020-01-01T00:00:00.000Z',
      beyond: 9007199254740993n,
      small: 12,
      list: [1, 2],
      struct: { a: 1 },
      map: { k: 2 },
      nothing: null,
      flag: true,
    })
  })

  test('are bound as parameters, and names and texts are quoted', async () => {
    expect(await tables.query('SELECT ? AS a, ? AS b', ["it's", null])).toEqual([
      { a: "it's", b: null },
    ])
    const odd = `say "hi"; it's`
    expect(await tables.query(`SELECT ${quoteText(odd)} AS ${quoteName(odd)}`)).toEqual([
      { [odd]: odd },
    ])
  })
})

describe('a failure is a sentence', () => {
  const failure = async (name: string, bytes?: string) => {
    if (bytes !== undefined) await writeFile(file(name), bytes)
    return tables.query(`FROM ${tableOf(file(name))}`)
  }

  test('when the file is missing', async () => {
    await expect(failure('absent.parquet')).rejects.toMatchObject({
      code: 'tables.file_missing',
      kind: 'not_found',
      message: `The data file ${file('absent.parquet')} does not exist.`,
    })
  })

  test('when the file is not what its name says', async () => {
    await expect(failure('text.parquet', 'a,b\n1,2\nmore text than that')).rejects.toMatchObject({
      code: 'tables.file_unreadable',
      message: `The data file ${file('text.parquet')} cannot be read: its end is missing (is it a Parquet file?).`,
    })
    await expect(failure('open.json', '{"a":')).rejects.toThrow(/is it a JSON file/)
    await expect(failure('plain.csv.gz', 'a\n1\n')).rejects.toThrow(/is it a gzip file/)
  })

  test('when a CSV line has too many or too few fields, instead of skipping lines', async () => {
    await expect(failure('long.csv', 'a,b\n1,x\n2,y,z\n')).rejects.toThrow(/same number of fields/)
    await expect(failure('short.csv', 'a,b\n1,x\n2\n')).rejects.toThrow(/same number of fields/)
  })

  test('when the extension is unknown or kinds are mixed', () => {
    expect(() => tableOf('data.xls')).toThrow('The data file data.xls is of no known kind')
    expect(() => tableOf(['a.csv', 'b.parquet'])).toThrow('are of different kinds')
    expect(() => tableOf([])).toThrow('No data file was given.')
  })

  test('when a column does not exist, naming near ones', async () => {
    await expect(
      tables.query(`SELECT agee FROM ${tableOf(file('people.csv'))}`),
    ).rejects.toMatchObject({ code: 'tables.column_missing', hint: expect.stringContaining('age') })
  })

  test('when the memory limit is too small', async () => {
    const tight = await openTables({ memoryLimit: '4MB', threads: 1 })
    await expect(
      tight.query('SELECT list(range || $$ some text $$) FROM range(2000000)'),
    ).rejects.toMatchObject({ code: 'tables.out_of_memory', kind: 'limit' })
    tight.close()
  })
})

describe('selecting into a Parquet file', () => {
  test('writes the same bytes every time, in file order', async () => {
    const select = (out: string) =>
      selectTable({
        from: file('people.csv'),
        where: 'age IS NOT NULL -- adults',
        columns: ['city', 'age'],
        out: file(out),
      })
    expect(await select('one.parquet')).toEqual({ rows: 2, columns: ['city', 'age'] })
    await select('sub/two.parquet')
    expect(await digestOfFile(file('one.parquet'))).toBe(
      await digestOfFile(file('sub/two.parquet')),
    )
    expect(await tables.query(`FROM ${tableOf(file('one.parquet'))}`)).toEqual([
      { city: 'Oslo', age: 31 },
      { city: 'Rome, IT', age: 47 },
    ])
  })

  test('orders by columns and keeps the order of the file among equals', async () => {
    await selectTable({ from: file('people.csv'), orderBy: 'city', out: file('sorted.parquet') })
    const rows = await tables.query<{ age: number | null }>(
      `FROM ${tableOf(file('sorted.parquet'))}`,
    )
    expect(rows.map((row) => row.age)).toEqual([31, null, 47])
  })

  test('names a column that is missing and leaves no file behind', async () => {
    const out = file('none.parquet')
    await expect(
      selectTable({ from: file('people.csv'), columns: ['town'], out }),
    ).rejects.toMatchObject({ code: 'tables.column_missing', hint: 'Columns present: age, city.' })
    await expect(digestOfFile(out)).rejects.toThrow('ENOENT')
  })
})
