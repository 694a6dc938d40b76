import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOfFile } from '../../foundation/digest.ts'
import { type BaselineRequest, trainBaseline } from './train-baseline.ts'

let folder = ''
const file = (name: string) => join(folder, name)

const people = [
  'age,city,member,bought',
  '31,Oslo,true,1',
  '47,"Rome, ""IT""",false,0',
  ',Oslo,true,1',
  '62,,false,0',
  '25,Bergen,true,0',
  '39,Oslo,false,1',
]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baseline-'))
  await writeFile(file('people.csv'), people.join('\n'))
})
afterAll(() => rm(folder, { recursive: true }))

const train = (changes: Partial<BaselineRequest> = {}) =>
  trainBaseline({ data: file('people.csv'), label: 'bought', out: file('model.onnx'), ...changes })

async function trainOn(lines: string[], changes: Partial<BaselineRequest> = {}) {
  await writeFile(file('odd.csv'), lines.join('\n'))
  return train({ data: file('odd.csv'), ...changes })
}

describe('training', () => {
  test('learns from numbers, booleans and text, missing values included', async () => {
    const report = await train({ report: file('report.json') })
    expect(report).toMatchObject({ rows: 6, positives: 3, features: 6, converged: true })
    expect(report.columns).toEqual([
      { name: 'age', kind: 'number', mean: 40.8, std: expect.any(Number) },
      {
        name: 'city',
        kind: 'category',
        levels: ['', 'Bergen', 'Oslo', 'Rome, "IT"'],
        other: [],
      },
      { name: 'member', kind: 'number', mean: 0.5, std: 0.5 },
    ])
    const oslo = report.coefficients.find(({ name }) => name === 'city=Oslo')
    expect(oslo?.value).toBeGreaterThan(0)
    const { seconds, ...lasting } = report
    expect(JSON.parse(await readFile(file('report.json'), 'utf8'))).toEqual(lasting)
    expect(seconds).toBeGreaterThan(0)
  })

  test('gives the same bytes for the same rows, and its progress on the way', async () => {
    const losses: number[] = []
    const out = file('again.onnx')
    await train()
    await train({ out, onProgress: ({ logLoss }) => losses.push(logLoss) })
    expect(await digestOfFile(out)).toBe(await digestOfFile(file('model.onnx')))
    expect(losses.length).toBeGreaterThan(2)
  })

  test('takes only the chosen rows and columns', async () => {
    const report = await train({ where: 'age > 30 -- adults', exclude: ['city'], minCount: 2 })
    expect(report).toMatchObject({ rows: 4, features: 2 })
    expect((await train({ columns: ['member'] })).coefficients).toHaveLength(1)
  })
})

describe('data that cannot be trained on is refused in one sentence', () => {
  test.each<[string, Partial<BaselineRequest>, string]>([
    ['a label that is not there', { label: 'bougth' }, 'has no label column bougth'],
    ['a column that is not there', { columns: ['agee'] }, 'has no column agee'],
    ['the label among the columns', { columns: ['age', 'bought'] }, 'is also among the columns'],
    ['no column', { exclude: ['age', 'city', 'member'] }, 'No column is left'],
    ['a label that is a number', { label: 'age' }, 'only 0 and 1'],
    ['a single class', { where: 'bought = 1' }, 'All 3 rows have the label bought = 1'],
    ['no row', { where: 'age > 100' }, 'has no rows that satisfy age > 100'],
    ['a wrong condition', { where: 'agee > 3' }, 'has no column agee'],
    ['a parameter out of range', { C: 0 }, 'The parameter C is 0; it must be a number above 0.'],
    ['a fractional count', { minCount: 1.5 }, 'The parameter minCount is 1.5'],
    ['a file that is not there', { data: 'absent.parquet' }, 'absent.parquet does not exist'],
    ['an output folder that is a file', { out: '/dev/null/model.onnx' }, 'cannot be written'],
  ])('%s', async (_, changes, sentence) => {
    await expect(train(changes)).rejects.toThrow(sentence)
  })

  test('and says which near name was perhaps meant', async () => {
    await expect(train({ label: 'bougth' })).rejects.toMatchObject({
      code: 'baseline.column_missing',
      hint: 'Did you mean bought? Columns present: age, city, member, bought.',
    })
  })

  test('a missing label, a column without values, an infinite number, a date, a reserved name', async () => {
    await expect(trainOn(['a,bought', '1,1', '2,', '3,0'])).rejects.toThrow('is missing in 1 rows')
    await expect(trainOn(['a,b,bought', '1,,1', '2,,0'])).rejects.toThrow(
      'b is missing in every row',
    )
    await expect(trainOn(['a,bought', '1e999,1', '2.5,0'])).rejects.toThrow(
      'a is infinite in 1 rows',
    )
    await expect(trainOn(['a,bought', '2020-01-01,1', '2020-01-02,0'])).rejects.toThrow(
      'The column a is of type DATE',
    )
    await expect(trainOn(['label,bought', '1,1', '2,0'])).rejects.toThrow(
      'The column label has a name',
    )
  })

  test('a text column that looks like an identifier', async () => {
    const rows = Array.from({ length: 1001 }, (_, row) => `person ${row},${row % 2}`)
    await expect(trainOn(['id,bought', ...rows])).rejects.toMatchObject({
      code: 'baseline.too_many_levels',
      message: expect.stringContaining('The text column id has more than 1000 different values'),
    })
  })
})
