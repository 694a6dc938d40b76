// Captured requests become Parquet rows, once, whatever happens in between; old files give way.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTables, type Tables, tableOf } from '../../build/tables/duckdb.ts'
import { type Fields, type Logger, silentLogger } from '../../foundation/logger.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { CaptureRing } from '../../serve/gateway/capture.ts'
import type { ModelSignature } from '../../serve/protocol/tensor.ts'
import { captureSchema, flattenCapture, parseCaptureLine, placeOfScore } from './capture-line.ts'
import { captureFilesOf, drainCaptures, pruneCaptures } from './captures.ts'

const signature: ModelSignature = {
  inputs: [
    { name: 'age', datatype: 'INT64', shape: [-1, 1] },
    { name: 'wage', datatype: 'FP32', shape: [-1, 1] },
    { name: 'sex', datatype: 'BYTES', shape: [-1, 1] },
    { name: 'id', datatype: 'FP32', shape: [-1, 1] },
  ],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
}

const at = Date.UTC(2026, 0, 5, 9, 30)

/** A line as the gateway itself writes it. */
function line(
  id: string,
  change: { ages?: unknown[]; releaseId?: string; at?: number } = {},
): string {
  const ages = change.ages ?? [39]
  const shape = [ages.length, 1]
  const inputs = [
    { name: 'age', datatype: 'INT64', shape, data: ages },
    { name: 'wage', datatype: 'FP32', shape, data: ages.map(() => 12.5) },
    { name: 'sex', datatype: 'BYTES', shape, data: ages.map(() => "it's") },
    { name: 'id', datatype: 'FP32', shape, data: ages.map(() => 4) },
  ]
  const data = ages.flatMap((_, row) => [0.75, 0.25 + row / 8])
  const outputs = [{ name: 'probabilities', datatype: 'FP32', shape: [ages.length, 2], data }]
  const ring = new CaptureRing({ sampleRate: 1 })
  ring.add({
    at: change.at ?? at,
    predictionId: id,
    environment: 'production',
    model: 'income',
    releaseId: change.releaseId ?? 'rel_1',
    arm: 'stable',
    request: Buffer.from(JSON.stringify({ inputs }, null, 1)),
    response: Buffer.from(JSON.stringify({ outputs })),
  })
  return ring.take().lines.join('')
}

function parsed(text: string) {
  const capture = parseCaptureLine(text)
  if (isRefusal(capture)) throw new Error(capture.because)
  return capture
}

describe('a capture line', () => {
  test('of several rows becomes one record each, our columns never hide an input', () => {
    const rows = flattenCapture(parsed(line('p1', { ages: [39, 40] })), signature)
    const facts = { at: '2026-01-05T09:30:00.000', release_id: 'rel_1', arm: 'stable' }
    const rest = { environment: 'production', wage: 12.5, sex: "it's", input_id: 4 }
    expect(rows).toEqual([
      { ...facts, id: 'p1/0', ...rest, age: 39, score: 0.25 },
      { ...facts, id: 'p1/1', ...rest, age: 40, score: 0.375 },
    ])
  })

  test('of a model without probabilities the score is its only number', () => {
    const price = { name: 'price', datatype: 'FP32', shape: [-1, 1] } as const
    const amount = { ...signature, outputs: [price] }
    const text = line('p1').replaceAll('"probabilities"', '"price"')
    const rows = flattenCapture(parsed(text), amount)
    expect(placeOfScore(amount)).toEqual({ output: 'price', column: 0 })
    expect(isRefusal(rows) ? rows : rows.map(({ score }) => typeof score)).toEqual(['number'])
  })

  test('a value that does not fit its column is null, so that it spoils nothing else', () => {
    const rows = flattenCapture(parsed(line('p1', { ages: [39.5, 'old', [41]] })), signature)
    expect(isRefusal(rows) ? rows : rows.map(({ age }) => age)).toEqual([null, null, 41])
  })

  test.each(['{', '3', '{}', '{"at":1,"id":"a"}', line('p').replace('"inputs"', '"outputs"')])(
    'a wrong one is refused: %s',
    (text) => {
      expect(isRefusal(parseCaptureLine(text))).toBe(true)
    },
  )

  test('without one of the inputs it is refused', () => {
    const text = line('p1').replace('"wage"', '"age2"')
    expect(flattenCapture(parsed(text), signature)).toMatchObject({
      because: expect.stringContaining('input wage is missing'),
    })
  })

  test('types come from the signature', () => {
    expect([...captureSchema(signature)]).toEqual([
      ['at', 'TIMESTAMP'],
      ['id', 'VARCHAR'],
      ['release_id', 'VARCHAR'],
      ['arm', 'VARCHAR'],
      ['environment', 'VARCHAR'],
      ['age', 'BIGINT'],
      ['wage', 'DOUBLE'],
      ['sex', 'VARCHAR'],
      ['input_id', 'DOUBLE'],
      ['score', 'DOUBLE'],
    ])
  })
})

describe('captures on disk', () => {
  let tables: Tables
  let root: string
  beforeAll(async () => {
    tables = await openTables({ threads: 1 })
  })
  afterAll(() => tables.close())
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lockstep-captures-'))
    await mkdir(join(root, 'spool'))
  })
  afterEach(() => rm(root, { recursive: true }))

  const drain = (logger: Logger = silentLogger) =>
    drainCaptures({
      spool: join(root, 'spool'),
      captures: join(root, 'captures'),
      tables: async () => tables,
      signatureOf: async (releaseId) => (releaseId === 'rel_0' ? undefined : signature),
      logger,
    })
  const query = { environment: 'production', model: 'income', releaseId: 'rel_1', since: at }
  const files = () => captureFilesOf({ ...query, captures: join(root, 'captures') })
  const segment = (name: string, ...lines: string[]) =>
    writeFile(join(root, 'spool', name), lines.join(''))

  test('segments become files per hour and release; what cannot be read is counted', async () => {
    const logged: Fields[] = []
    await segment('capture-b1-1.jsonl', line('p1', { ages: [39, 40] }), line('p2'), 'not json\n')
    await segment('capture-b1-2.jsonl', line('p3', { at: at + 3_600_000 }))
    await segment(
      'capture-b1-3.jsonl',
      line('p4', { releaseId: 'rel_2' }),
      line('p5', { releaseId: 'rel_0' }),
    )
    const logger: Logger = { ...silentLogger, warn: (_message, fields = {}) => logged.push(fields) }
    expect(await drain(logger)).toEqual({ rows: 5, files: 3, skipped: 2 })
    expect(logged).toMatchObject([
      { because: 'capture-b1-1.jsonl: it is not JSON (cut off or overwritten)' },
    ])
    expect(await readdir(join(root, 'spool'))).toEqual([])
    const rows = await tables.query(
      `SELECT id, age, sex, score, "at" FROM ${tableOf(await files())} ORDER BY id`,
    )
    expect(rows).toEqual([
      { id: 'p1/0', age: 39, sex: "it's", score: 0.25, at: '2026-01-05T09:30:00.000Z' },
      { id: 'p1/1', age: 40, sex: "it's", score: 0.375, at: '2026-01-05T09:30:00.000Z' },
      { id: 'p2', age: 39, sex: "it's", score: 0.25, at: '2026-01-05T09:30:00.000Z' },
      { id: 'p3', age: 39, sex: "it's", score: 0.25, at: '2026-01-05T10:30:00.000Z' },
    ])
    expect(await drain()).toEqual({ rows: 0, files: 0, skipped: 0 })
  })

  test('a batch that a crash interrupted is stored again over itself, never twice', async () => {
    await segment('capture-b1-1.jsonl', line('p1'))
    await drain()
    const before = await files()
    const batch = join(root, 'spool', 'captures-batch-b1-1')
    await mkdir(batch)
    await writeFile(join(batch, 'capture-b1-1.jsonl'), line('p1'))
    await writeFile(join(batch, '.rows.ndjson'), '{"half')
    await segment('capture-b1-2.jsonl', line('p2'))
    await drain()
    expect(await files()).toEqual(expect.arrayContaining(before))
    const [count] = await tables.query(`SELECT count(*) AS n FROM ${tableOf(await files())}`)
    expect(count).toEqual({ n: 2 })
  })

  test('a batch whose deletion was interrupted is not stored again with fewer rows', async () => {
    await segment('capture-b1-1.jsonl', line('p1'))
    await drain()
    await mkdir(join(root, 'spool', '.stored-captures-batch-b1-1'))
    expect(await drain()).toMatchObject({ files: 0 })
    expect(await readdir(join(root, 'spool'))).toEqual([])
    expect(await files()).toHaveLength(1)
  })

  test('old hours are deleted, then the oldest until the folder is small enough', async () => {
    const hour = 3_600_000
    for (const age of [0, 1, 2, 30]) {
      await segment(`capture-b1-${age}.jsonl`, line(`p${age}`, { at: at - age * hour }))
      await drain()
    }
    const prune = { captures: join(root, 'captures'), now: at, keepMs: 24 * hour, keepBytes: 1e9 }
    expect(await pruneCaptures(prune)).toBe(1)
    expect(await pruneCaptures({ ...prune, keepBytes: 3000 })).toBeGreaterThan(0)
    expect(await files()).toHaveLength(1)
    expect(await pruneCaptures({ ...prune, captures: join(root, 'absent') })).toBe(0)
  })
})
