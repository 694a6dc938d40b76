// Given files of a model, the security checks say what a person must know, and say it again from the record alone.
import { describe, expect, test } from 'vitest'
import { memorySource } from '../../security/byte-source.ts'
import { type ArtifactFile, scanArtifact } from '../../security/scan-artifact.ts'
import { hasProblems } from '../check-spec.ts'
import { securityFamily } from '../families/security.ts'
import { gateDefaults } from '../judge-gates.ts'
import { parseCheck } from '../language/parse-check.ts'
import type { CheckOptions } from '../language/read-options.ts'

const osSystem = "cos\nsystem\n(S'echo hi'\ntR."
const own = 'cchurn.model\nScorer\n)R.'
const tensors = (() => {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}')
  const size = Buffer.alloc(8)
  size.writeUInt32LE(header.length)
  return Buffer.concat([size, header, Buffer.alloc(4)])
})()

function fileOf(path: string, content: string | Buffer): ArtifactFile {
  const source = memorySource(Buffer.from(content))
  return { path, kind: 'file', open: () => ({ source, close: () => {} }) }
}

function judged(line: string, files: readonly ArtifactFile[], options: CheckOptions = {}) {
  const spec = parseCheck(line, options)
  if (hasProblems(spec)) throw new Error(JSON.stringify(spec.problems))
  if (spec.kind !== 'security') throw new Error(spec.kind)
  const security = scanArtifact({ files, sizes: new Map() })
  const evidence = {
    holdout: {
      scored: {
        task: 'binary' as const,
        labels: new Uint8Array(),
        scores: new Float64Array(),
        threshold: 0.5,
      },
      columns: new Map(),
    },
    baselines: new Map(),
    security,
  } as unknown as Parameters<typeof securityFamily.measure>[1]
  const statistics = securityFamily.measure(spec, evidence, gateDefaults)
  const verdict = securityFamily.judge(spec, statistics, gateDefaults)
  const replayed = securityFamily.judge(spec, JSON.parse(JSON.stringify(statistics)), gateDefaults)
  expect(replayed).toEqual(verdict)
  return verdict
}

describe('scan clean', () => {
  test('a harmless file passes', () => {
    const { verdict, because } = judged('scan clean', [fileOf('w.safetensors', tensors)])
    expect([verdict, because]).toEqual(['pass', expect.stringContaining('nothing found in 1 file')])
  })

  test('an import that runs a command fails with its place, what it does and what to do', () => {
    const { verdict, because, estimate } = judged('scan clean', [fileOf('m.pkl', osSystem)])
    expect([verdict, estimate]).toEqual(['fail', 1])
    expect(because).toBe(
      '1 critical: m.pkl at byte 0: loading the pickle imports os.system, which can run a command on the machine; do not load it; find out who made it',
    )
  })

  test('a class of your own fails until you accept it by name; os.system never is', () => {
    expect(judged('scan clean', [fileOf('m.pkl', own)]).verdict).toBe('fail')
    const allow = { allow: ['churn.model.Scorer', 'os.system'] }
    const accepted = judged('scan clean', [fileOf('m.pkl', own)], allow)
    expect([accepted.verdict, accepted.because]).toEqual([
      'pass',
      expect.stringContaining('1 accepted by allow'),
    ])
    expect(judged('scan clean', [fileOf('m.pkl', osSystem)], allow).verdict).toBe('fail')
  })

  test('what cannot be read is an error, never a pass', () => {
    const { verdict, because } = judged('scan clean', [
      fileOf('m.bin', Buffer.from([195, 40, 0, 1])),
    ])
    expect([verdict, because]).toEqual(['error', expect.stringContaining('not known')])
  })

  test('links are told and not followed', () => {
    const link: ArtifactFile = { path: 'weights.bin', kind: 'link', target: '/etc/passwd' }
    expect(judged('scan clean', [link]).because).toContain('weights.bin is a link to /etc/passwd')
    expect(judged('format in [onnx]', [link]).verdict).toBe('error')
  })

  test('no files at all are an error', () => {
    expect(judged('scan clean', []).verdict).toBe('error')
  })
})

describe('format in [...]', () => {
  test('goes by content', () => {
    expect(
      judged('format in [onnx, safetensors]', [fileOf('w.safetensors', tensors)]).verdict,
    ).toBe('pass')
    const { verdict, because } = judged('format in [safetensors]', [fileOf('m.pkl', osSystem)])
    expect([verdict, because]).toEqual([
      'fail',
      'm.pkl is pickle, allowed is safetensors: save the model in one of these, or add the format if you mean it',
    ])
  })

  test('names an ending that promises something else', () => {
    const { verdict, because } = judged('format in [safetensors]', [fileOf('w.onnx', tensors)])
    expect([verdict, because]).toEqual([
      'fail',
      'w.onnx is safetensors (its ending says onnx): name each file for what it holds',
    ])
  })

  test('lets descriptions lie beside a model, and code not', () => {
    const model = fileOf('m/w.safetensors', tensors)
    const readme = fileOf('m/README.md', '# a model')
    expect(judged('format in [safetensors]', [model, readme]).verdict).toBe('pass')
    const code = fileOf('m/load.py', 'import os')
    expect(judged('format in [safetensors]', [model, readme, code]).because).toContain(
      'm/load.py is python',
    )
    expect(judged('format in [safetensors]', [readme, fileOf('m/b.txt', 'b')]).verdict).toBe('fail')
  })
})

describe('a line', () => {
  test.each([
    ['format in [onxn]', 'onxn is not a format', 'Did you mean onnx?'],
    ['format in onnx', 'a list of formats is needed', 'Write format in [onnx, safetensors].'],
    ['scan dirty', 'a scan is clean or not', 'Write scan clean.'],
  ])('%s is explained', (line, message, hint) => {
    const parsed = parseCheck(line)
    expect(hasProblems(parsed) && parsed.problems[0]).toMatchObject({ message, hint })
  })

  test('has a normal form', () => {
    const parsed = parseCheck('format  in [safetensors, onnx,onnx]')
    expect(parsed).toMatchObject({ id: 'security.format', text: 'format in [onnx, safetensors]' })
  })
})
