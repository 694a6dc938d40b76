// From two files that should be equal to a reason, and from findings to a level.
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeOnnx, floatTensor } from '../../build/baseline/onnx-proto.ts'
import { digest, manifest } from '../sample-release.ts'
import { decideLevel, type RebuildFindings } from './decide-level.ts'
import { explainTrial, type StepTrial, tracesIn } from './explain-trial.ts'
import { firstDifference } from './first-difference.ts'
import type { MetricEquivalence } from './rebuild-report.ts'

const difference = (a: string | Uint8Array, b: string | Uint8Array) =>
  firstDifference(Buffer.from(a), Buffer.from(b))

describe('where two files first differ', () => {
  test('equal bytes have no difference; others have the first byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const found = difference(a, b)
        const expected = a.findIndex((byte, at) => byte !== b[at])
        if (Buffer.from(a).equals(Buffer.from(b))) expect(found).toBeNull()
        else expect(found?.offset).toBe(expected < 0 ? a.length : expected)
      }),
    )
  })

  test.each([
    ['{"a":1,"b":2}', '{"b":2,"a":1}', 'order', 'in another order'],
    ['{"a":{"b":[1,2]}}', '{"a":{"b":[1,3]}}', 'content', '$.a.b[1]: 2 → 3'],
    ['a\nb\nc\n', 'b\na\nc\n', 'order', 'same lines in another order, from line 1'],
    ['x,y\n1,2\n', 'x,y\n1,3\n', 'content', 'line 2: "1,2" → "1,3"'],
  ] as const)('%j and %j', (a, b, kind, sentence) => {
    const found = difference(a, b)
    expect(found?.kind).toBe(kind)
    expect(found?.sentence).toContain(sentence)
  })

  test('a gzip or zip that differs in times alone is only wrapped differently', () => {
    const packed = gzipSync('the same')
    const later = Buffer.from(packed)
    later.writeUInt32LE(1_700_000_000, 4)
    expect(difference(packed, later)?.kind).toBe('archive_metadata')
    expect(difference(gzipSync('{"a":1}'), gzipSync('{"a":2}'))).toMatchObject({ kind: 'content' })
    expect(difference(zip(1), zip(2))?.kind).toBe('archive_metadata')
    expect(difference(zip(1), zip(2, 7))).toMatchObject({
      kind: 'content',
      sentence: expect.stringContaining('entry a.txt of the archive differs'),
    })
  })

  test('an ONNX model by its first weight that differs, and by how much', () => {
    const model = (weights: readonly number[]) =>
      encodeOnnx({
        ...{ irVersion: 8, opsetImport: [], producerName: 'test', producerVersion: '1' },
        graph: {
          node: [],
          name: 'g',
          initializer: [floatTensor('coef', weights)],
          input: [],
          output: [],
        },
        metadataProps: [],
      })
    const found = difference(model([1, 2, 3]), model([1, 2.5, 3]))
    expect(found?.sentence).toContain(
      'tensor coef of the ONNX model: 1 of 3 numbers differ, by 0.5 at most',
    )
  })
})

/** One stored entry with the given time and checksum. */
function zip(time: number, checksum = 5): Buffer {
  const name = Buffer.from('a.txt')
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(time, 10)
  local.writeUInt16LE(name.length, 26)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt32LE(checksum, 16)
  central.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(local.length + name.length, 16)
  return Buffer.concat([local, name, central, name, end])
}

describe('why a step gave other bytes', () => {
  const trial: StepTrial = {
    ...{ step: 'train', path: 'model.onnx', traces: [], again: 'other', steadyWith: null },
    ...{ declaresSeed: true, readsSecrets: false, environmentChanges: [], keyChanges: [] },
    difference: { offset: 7, kind: 'content', sentence: 'first difference at byte 7: 9 bytes' },
  }
  const archive = { offset: 4, kind: 'archive_metadata', sentence: '' } as const
  test.each([
    [{ difference: archive }, 'archive-metadata'],
    [{ traces: ['path'] }, 'clock-or-path-in-output'],
    [{ traces: ['clock'], again: 'same' }, 'clock-or-path-in-output'],
    [{ steadyWith: 'one_folder' }, 'clock-or-path-in-output'],
    [{ steadyWith: 'hash_seed' }, 'serializer-unstable'],
    [{ difference: { ...archive, kind: 'order' } }, 'serializer-unstable'],
    [{ steadyWith: 'one_thread' }, 'thread-order'],
    [{ declaresSeed: false }, 'rng-unseeded'],
    [{ again: 'same', environmentChanges: ['Node.js changed from 24 to 26'] }, 'env-drift'],
    [{ keyChanges: ['seed changed from 1 to 2'] }, 'env-drift'],
    [{ again: 'same', readsSecrets: true }, 'secret-dependent'],
    [{ again: 'same' }, 'unknown'],
    [{}, 'unknown'],
  ] as const)('%j: %s', (change, code) => {
    const reason = explainTrial({ ...trial, ...change })
    expect(reason.code).toBe(code)
    expect(reason.sentence).toMatch(/^step train, model.onnx: /)
  })

  test('an unknown reason still names the file and the byte', () => {
    expect(explainTrial(trial).sentence).toContain('(first difference at byte 7: 9 bytes)')
  })

  test('traces: the folder of an attempt anywhere, a time near the difference', () => {
    const near = { offset: 10, kind: 'content', sentence: '' } as const
    const years: [number, number] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 5, 1)]
    const look = (text: string) => tracesIn(Buffer.from(text), near, years)
    expect(look(`in /work/attempt_${'0'.repeat(26)}/x`)).toEqual(['path'])
    expect(look('made 2026-02-03T10:11:12Z')).toEqual(['clock'])
    expect(look(`made ${Date.UTC(2026, 2, 1)}`)).toEqual(['clock'])
    expect(look(`made ${Date.UTC(2020, 2, 1)}`)).toEqual([])
    expect(look('0.1234567890123')).toEqual([])
  })
})

describe('the level', () => {
  const output = (rebuilt: string | null) => ({
    ...{ step: 'train', path: 'model.onnx', recorded: digest('a') },
    rebuilt: rebuilt === null ? null : digest(rebuilt),
  })
  const { environment } = manifest
  const found: RebuildFindings = {
    ...{ outputs: [output('a')], times: 1, modelPath: 'model.onnx', reasons: [], metrics: null },
    ...{ tolerance: 0.005, recordedOn: environment, rebuiltOn: environment },
  }
  const metric: MetricEquivalence = {
    ...{
      metric: 'roc_auc',
      recorded: 0.9,
      rebuilt: 0.9,
      difference: 0,
      lower: -0.001,
      upper: 0.001,
    },
    ...{ method: 'DeLong, paired', rows: 100, equivalent: true },
  }
  const elsewhere = { ...environment, machine: { ...environment.machine, processor: 'another' } }
  const side = { ...output('b'), path: 'log.txt' }
  const missing = {
    code: 'input-missing',
    step: null,
    path: null,
    sentence: 'data is gone',
  } as const
  test.each([
    ['R3', {}],
    ['R4', { rebuiltOn: elsewhere }],
    ['R2', { outputs: [output('a'), side] }],
    ['R2', { outputs: [output('b')], metrics: [metric] }],
    ['R1', { outputs: [output('b')], metrics: [metric, { ...metric, equivalent: false }] }],
    ['R1', { outputs: [output('b')] }],
    ['R0', { outputs: [output(null)] }],
    ['R0', { outputs: [output(null)], reasons: [missing] }],
    ['R0', { outputs: [] }],
  ] as const)('%s', (level, change) => {
    expect(decideLevel({ ...found, ...change }).level).toBe(level)
  })

  test('says what is missing first', () => {
    const { because } = decideLevel({ ...found, outputs: [output(null)], reasons: [missing] })
    expect(because).toBe('it cannot be run again: data is gone')
  })
})
