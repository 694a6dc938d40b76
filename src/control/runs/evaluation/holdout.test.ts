// The holdout as gates need it, and everything that makes one unfit: said with the row, before a model is asked.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTables, type Tables } from '../../../build/tables/duckdb.ts'
import type { EvaluateSpec } from '../../../project/project-spec.ts'
import { askedFor } from './asked-for.ts'
import { argmaxOf, faultOfClassOrder, faultOfScoreSide } from './class-order.ts'
import { labelsOf } from './holdout-labels.ts'
import { columnsNamed, type Holdout, readHoldout } from './read-holdout.ts'
import { measureTrainingParity } from './training-predictions.ts'

const plain: EvaluateSpec = {
  ...{ data: 'holdout', task: 'binary', label: 'y', classes: null, threshold: 0.5, groups: [] },
  ...{ slices: [], score: null, weights: null, clusterBy: null, time: null, blockMs: null },
  ...{ maturedMs: null, query: null, predictions: null, train: null, anchor: null },
}

let folder = ''
let tables: Tables
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-holdout-'))
  tables = await openTables()
})
afterAll(async () => {
  tables.close()
  await rm(folder, { recursive: true, force: true })
})

async function file(text: string): Promise<string> {
  const path = join(folder, `${++files}.csv`)
  await writeFile(path, text)
  return path
}

async function read(
  text: string,
  spec: Partial<EvaluateSpec> = {},
  mentions: string[] = [],
  key: string[] = [],
) {
  const path = await file(text)
  const request = { path, spec: { ...plain, ...spec }, inputs: ['x'], mentions, key }
  return readHoldout(tables, request)
}

describe('reading a holdout', () => {
  it('gives labels, model inputs and every column a check names, typed, in the order of the file', async () => {
    const text = 'x,y,sex,age,plan\n1,0,f,31,basic\n2,1,m,,team\n3,1,,40,team\n'
    const holdout = await read(text, { groups: ['sex'] }, ['recall >= 0.4', 'age < 35', 'plans'])
    expect(holdout).toMatchObject({ rows: 3, immature: 0, queries: null })
    expect(holdout.labels).toEqual({
      task: 'binary',
      classes: ['0', '1'],
      labels: Uint8Array.of(0, 1, 1),
    })
    expect([...holdout.columns]).toEqual([
      ['sex', ['f', 'm', null]],
      ['age', [31, null, 40]],
    ])
    expect(holdout.inputs).toEqual([{ name: 'x', values: [1, 2, 3] }])
  })

  it('is refused before it fills the memory', async () => {
    const path = await file('x,y,z\n1,0,5\n2,1,6\n3,1,7\n')
    const request = { path, spec: plain, inputs: ['x'] }
    // z is not read: nothing names it.
    expect((await readHoldout(tables, { ...request, most: 6 })).rows).toBe(3)
    await expect(readHoldout(tables, { ...request, most: 5 })).rejects.toThrow(
      'the holdout holdout has 3 rows, and gates and the model read 2 of its columns: at most 5 values',
    )
  })

  it('carries weights, entities and blocks of time', async () => {
    const text =
      'x,y,w,who,at\n1,0,2,ann,2026-01-01 23:00:00\n2,1,0.5,bob,2026-01-03 01:00:00\n3,1,1,ann,2026-01-01 22:00:00\n'
    const declared = { weights: 'w', clusterBy: 'who', time: 'at', blockMs: 86_400_000 }
    const { carried } = await read(text, declared)
    expect(carried.weights).toEqual(Float64Array.of(2, 0.5, 1))
    expect(carried.clusters).toEqual(Uint32Array.of(0, 1, 0))
    expect(carried.blocks).toEqual(Uint32Array.of(0, 2, 0))
  })

  it('knows entities and rows by their names, wherever they stand', async () => {
    const declared = { clusterBy: 'who' }
    const one = await read('x,y,who,id\n1,0,ann,7\n2,1,bob,8\n3,1,,9\n', declared, [], ['id'])
    const other = await read('x,y,who,id\n3,1,,9\n2,1,bob,8\n1,0,ann,7\n', declared, [], ['id'])
    const reversed = (keys: Uint32Array | undefined) => keys?.toReversed()
    expect(other.carried.clusters).toEqual(Uint32Array.of(0, 1, 2))
    expect(other.carried.clusterKeys).toEqual(reversed(one.carried.clusterKeys))
    expect(other.carried.rowKeys).toEqual(reversed(one.carried.rowKeys))
    expect(new Set(one.carried.rowKeys).size).toBe(3)
  })

  it('leaves rows out whose labels may still come, and counts them', async () => {
    const text = 'x,y,at\n1,0,2026-01-01\n2,1,2026-01-20\n3,1,2026-01-02\n4,0,2026-01-30\n'
    const holdout = await read(text, { time: 'at', maturedMs: 14 * 86_400_000 })
    expect(holdout).toMatchObject({ rows: 2, immature: 2 })
    expect(holdout.inputs[0]?.values).toEqual([1, 3])
  })

  it('takes the queries of a ranking as what is drawn together', async () => {
    const text = 'x,y,q\n1,0,b\n2,3,a\n3,1,b\n'
    const holdout = await read(text, { task: 'ranking', query: 'q' })
    expect(holdout.queries).toEqual(Uint32Array.of(0, 1, 0))
    expect(holdout.carried.clusters).toEqual(holdout.queries)
  })

  it.each([
    ['no rows', 'x,y\n', {}, /has no rows/],
    ['one row', 'x,y\n1,1\n', {}, /has one row/],
    ['no labels', 'x,y\n1,\n2,\n', {}, /label y .* is missing in every one of its 2 rows/],
    ['a missing label', 'x,y\n1,0\n2,\n3,1\n', {}, /missing in 1 of 3 rows, first in row 1/],
    ['another label', 'x,y\n1,0\n2,2\n', {}, /is 2 in row 1; allowed are 0 and 1/],
    ['a column twice', 'x,y,x\n1,0,2\n2,1,3\n', {}, /names the column x twice/],
    ['a missing column', 'x,why\n1,0\n2,1\n', {}, /no column 'y'.*it has x, why/],
    ['a weight below 0', 'x,y,w\n1,0,1\n2,1,-1\n', { weights: 'w' }, /weight w .* is -1 in row 1/],
    ['no weight at all', 'x,y,w\n1,0,0\n2,1,0\n', { weights: 'w' }, /every weight \(w\) .* is 0/],
    [
      'a time that is none',
      'x,y,t\n1,0,5\n2,1,6\n',
      { time: 't', blockMs: 1000 },
      /time t .* is 5 \(BIGINT\) in row 0; a date or time is needed/,
    ],
    [
      'a time that is a number',
      'x,y,t\n1,0,5\n2,1,6\n',
      { time: 't', maturedMs: 1000 },
      /time t .* is no date or time in 2 of 2 rows, so evaluate\.matured cannot be told/,
    ],
    [
      'nothing mature',
      'x,y,t\n1,0,2026-01-01\n2,1,2026-01-02\n',
      { time: 't', maturedMs: 7 * 86_400_000 },
      /every row .* is younger than 7d/,
    ],
  ])('with %s it is unfit', async (_, text, spec, sentence) => {
    await expect(read(text, spec as Partial<EvaluateSpec>)).rejects.toThrow(sentence)
  })

  it('finds columns by whole words only', () => {
    const present = ['age', 'wage', 'e mail', 'x', '']
    expect(columnsNamed(['wages x region', 'gap(tpr) e mail'], present)).toEqual(['e mail', 'x'])
    expect(columnsNamed(['"age" < 5'], present)).toEqual(['age'])
  })
})

describe('labels', () => {
  it('of two named classes: the second is the positive one', () => {
    const found = labelsOf(['no', 'yes', 'no'], { ...plain, classes: ['no', 'yes'] })
    expect(found.labels).toEqual(Uint8Array.of(0, 1, 0))
  })

  it('as text without classes ask for them', () => {
    expect(() => labelsOf(['no', 'yes'], plain)).toThrow(
      'the label y of the holdout holdout is "no" in row 0; allowed are 0 and 1',
    )
  })

  it('of many classes are sorted as scikit-learn sorts them', () => {
    const spec: EvaluateSpec = { ...plain, task: 'multiclass' }
    expect(labelsOf([10, 9, 10, 2], spec)).toMatchObject({ classes: ['2', '9', '10'] })
    expect(labelsOf(['b', 'a', 'B'], spec)).toMatchObject({
      classes: ['B', 'a', 'b'],
      labels: Uint32Array.of(2, 1, 0),
    })
  })

  it('of an amount must be finite numbers', () => {
    const spec: EvaluateSpec = { ...plain, task: 'regression' }
    expect(() => labelsOf([1, Number.POSITIVE_INFINITY], spec)).toThrow(
      /in row 1; allowed are finite/,
    )
    expect(labelsOf([1, 2n, -3.5], spec).labels).toEqual(Float64Array.of(1, 2, -3.5))
  })
})

describe('the order of classes', () => {
  const classes = ['cat', 'dog']
  const largest = argmaxOf(Float64Array.of(0.9, 0.1, 0.2, 0.8, 0.7, 0.3), 2)

  it('is checked against what the model calls its own answers', () => {
    expect([...largest]).toEqual([0, 1, 0])
    expect(faultOfClassOrder(classes, largest, ['cat', 'dog', 'cat'])).toBeUndefined()
    expect(faultOfClassOrder(classes, largest, ['dog', 'cat', 'dog'])).toMatch(
      "in column 0 are called 'dog' by the model, and 'cat' here",
    )
  })

  it('of two classes is doubted only when both sides are called the other', () => {
    const sides = Float64Array.of(0.9, 0.1, 0.2)
    const classes = ['no', 'yes']
    expect(faultOfScoreSide(classes, sides, ['yes', 'no', 'no'])).toBeUndefined()
    // A model that says yes from 0.1 on is no reason to doubt.
    expect(faultOfScoreSide(classes, sides, ['yes', 'yes', 'yes'])).toBeUndefined()
    expect(faultOfScoreSide(classes, sides, ['no', 'yes', 'yes'])).toMatch(
      "rows with a score of 0.5 or more are called 'no' by the model",
    )
  })

  it('is not doubted because of a tie, or of labels in another language', () => {
    expect(faultOfClassOrder(classes, largest, ['cat', 'dog', 'dog'])).toBeUndefined()
    expect(faultOfClassOrder(classes, largest, [0, 1, 0])).toBeUndefined()
  })
})

describe('what checks ask for', () => {
  it('is found in lines, options and slices', () => {
    const check = (text: string, options = {}) => ({ text, options, position: null })
    const checks = [
      check('roc_auc >= champion - 0.01'),
      check('roc_auc > baseline( logistic )', { by: ['plan', 'sex'] }),
      check('parity(training) <= 1e-5'),
    ]
    const asked = askedFor({
      gates: [{ name: 'quality', checks }],
      evaluate: { ...plain, slices: ['age < 30'] },
    })
    expect(asked).toMatchObject({ champion: true, anchor: false, training: true })
    expect([...asked.baselines]).toEqual(['logistic'])
    expect(asked.texts).toEqual(expect.arrayContaining(['plan', 'sex', 'age < 30']))
  })
})

describe('predictions of the training code', () => {
  const rows = 'x,y,id\n1,0,a\n2,1,b\n3,1,c\n'
  const scores = Float64Array.of(0.25, 0.75, 0.5)

  async function parity(text: string, declared: object = {}) {
    const holdout: Holdout = await read(rows)
    if (holdout.labels.task !== 'binary') throw new Error('unreachable')
    const { labels } = holdout.labels
    return measureTrainingParity(tables, {
      ...{ path: await file(text), spec: plain, holdout },
      declared: { file: 'p.csv', key: null, columns: null, ...declared },
      scored: { task: 'binary', labels, scores, threshold: 0.5 },
    })
  }

  it('are compared row by row', async () => {
    expect(await parity('p\n0.25\n0.75\n0.5\n')).toMatchObject({ maxDifference: 0, agreeing: 3 })
    expect(await parity('p\n0.25\n0.25\n0.5\n')).toEqual({
      ...{ rows: 3, maxDifference: 0.5, worstRow: 1, packaged: 0.75, training: 0.25, agreeing: 2 },
    })
  })

  it('or by key, in any order', async () => {
    const text = 'id,score\nc,0.5\na,0.25\nb,0.75\n'
    expect(await parity(text, { key: 'id' })).toMatchObject({ maxDifference: 0 })
  })

  it.each([
    ['p\n0.25\n0.75\n', {}, 'p.csv have 2 rows and the holdout 3'],
    ['p\n0.25\n\n0.5\n', {}, 'p in p.csv is null for row 1'],
    ['a,b\n1,2\n1,2\n1,2\n', {}, 'which column of p.csv is the prediction is not clear (a, b)'],
    ['id,p\na,1\na,1\nb,1\n', { key: 'id' }, 'the key id is a twice'],
    ['id,p\na,1\nb,1\nd,1\n', { key: 'id' }, '1 of 3 rows of the holdout have no prediction'],
    ['score\n1\n1\n1\n', { columns: ['scor'] }, "no column 'scor'; they have score; did you mean"],
  ])('%j with %j do not match, and say why', async (text, declared, sentence) => {
    expect(await parity(text, declared)).toContain(sentence)
  })
})
