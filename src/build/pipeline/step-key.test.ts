import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { digestOf } from '../../foundation/digest.ts'
import type { TreeEntry } from '../artifacts/artifact.ts'
import { explainKeys } from './explain-keys.ts'
import type { KeyParts, StepKeyDocument } from './step-key.ts'
import { keyDocument, stepKey } from './step-key.ts'
import { aStep } from './test-steps.ts'

const digest = (text: string) => digestOf(text)
const parts: KeyParts = {
  step: aStep('train', {
    command: { argv: ['python', 'train.py'] },
    outputs: ['model.onnx', 'log.txt'],
    environment: { OMP_NUM_THREADS: '1' },
    seed: 7,
  }),
  inputs: [
    { path: 'train.py', kind: 'file', mode: '0644', digest: digest('code') },
    { path: 'data', kind: 'tree', digest: digest('manifest 1') },
  ],
  parameters: [{ file: 'params.yaml', key: 'train.C', value: 1 }],
  lockstepVersion: '0.1.0',
}
const before = keyDocument(parts)

const word = fc.constantFrom('a', 'b', 'c')
const documents: fc.Arbitrary<StepKeyDocument> = fc
  .record({
    argv: fc.array(word, { minLength: 1, maxLength: 3 }),
    shell: fc.boolean(),
    files: fc.uniqueArray(
      fc.record({ path: word, kind: fc.constantFrom('file', 'tree', 'glob'), text: word }),
      { selector: (one) => one.path, maxLength: 3 },
    ),
    values: fc.dictionary(word, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 2 }),
    environment: fc.dictionary(word, word, { maxKeys: 2 }),
    outputs: fc.uniqueArray(word),
    seed: fc.option(fc.nat(2)),
  })
  .map(({ argv, shell, files, values, environment, outputs, seed }) =>
    keyDocument({
      step: aStep('s', {
        command: shell ? { shell: argv.join(' ') } : { argv },
        ...{ environment, outputs, seed },
      }),
      inputs: files.map(({ path, kind, text }) =>
        kind === 'file'
          ? { path, kind, mode: text === 'a' ? '0755' : '0644', digest: digest(text) }
          : { path, kind: kind as 'tree' | 'glob', digest: digest(text) },
      ),
      parameters: Object.entries(values).map(([key, value]) => ({
        ...{ file: 'p.json', key, value: value as never },
      })),
      lockstepVersion: '1',
    }),
  )

describe('the step key', () => {
  it('differs exactly when the documents differ, and then there is a sentence for it', () => {
    fc.assert(
      fc.property(documents, documents, (a, b) => {
        const equal = canonicalJson(a) === canonicalJson(b)
        expect(stepKey(a) === stepKey(b)).toBe(equal)
        expect(explainKeys(a, b).length === 0).toBe(equal)
      }),
      { numRuns: 500 },
    )
  })

  it('does not depend on the order of declaration', () => {
    const turned: KeyParts = {
      ...parts,
      step: { ...parts.step, outputs: [...parts.step.outputs].reverse() },
      inputs: [...parts.inputs].reverse(),
    }
    expect(stepKey(keyDocument(turned))).toBe(stepKey(before))
  })

  it('tells numbers, texts and truth values apart', () => {
    const keys = [1, '1', true, null, [1]].map((value) =>
      stepKey(keyDocument({ ...parts, parameters: [{ file: 'p', key: 'k', value }] })),
    )
    expect(new Set(keys).size).toBe(5)
  })

  it("includes Lockstep's version for its own commands only", () => {
    const own = { ...parts, step: { ...parts.step, command: { argv: ['lockstep', 'validate'] } } }
    const piped = { ...parts, step: { ...parts.step, command: { shell: 'lockstep x | tee y' } } }
    expect(keyDocument(own).tool).toEqual({ lockstep: '0.1.0' })
    expect(keyDocument(piped).tool).toEqual({ lockstep: '0.1.0' })
    expect(before.tool).toBeNull()
  })

  it('stays what it was when this file was written: a change makes every cached result unknown', () => {
    expect(stepKey(before)).toMatchInlineSnapshot(
      `"sha256:8ef9dc5199a3fd644467a32ec8d675f4cc3cd6cadc033698cd1d64bcd01e7ed1"`,
    )
  })
})

describe('the difference of two keys in words', () => {
  const changed = (change: Partial<KeyParts>) => keyDocument({ ...parts, ...change })

  it('names the parameter with both values', () => {
    const parameters = [{ file: 'params.yaml', key: 'train.C', value: 0.5 }]
    expect(explainKeys(before, changed({ parameters }))).toEqual([
      'parameter train.C changed from 1 to 0.5',
    ])
    expect(explainKeys(before, changed({ parameters: [] }))).toEqual([
      'parameter train.C is no longer declared',
    ])
  })

  it('names the files of a folder when both manifests are at hand', () => {
    const file = (path: string, text: string): TreeEntry => ({
      ...{ path, mode: '0644', digest: digest(text), size: 1 },
    })
    const trees = new Map([
      [digest('manifest 1'), [file('1994.parquet', 'a'), file('old.csv', 'o')]],
      [digest('manifest 2'), [file('1994.parquet', 'b'), file('1995.parquet', 'c')]],
    ])
    const [code] = parts.inputs
    const inputs = [
      ...(code === undefined ? [] : [code]),
      { path: 'data', kind: 'tree', digest: digest('manifest 2') } as const,
    ]
    expect(explainKeys(before, changed({ inputs }), trees)).toEqual([
      'input data/1994.parquet changed',
      'input data/1995.parquet is new',
      'input data/old.csv is gone',
    ])
    expect(explainKeys(before, changed({ inputs }))[0]).toMatch(
      /^input data changed \(\w+ → \w+\)$/,
    )
  })

  it('names command, environment, seed and outputs', () => {
    const step = {
      ...parts.step,
      command: { argv: ['python', 'train.py', 'a b'] },
      environment: {},
      outputs: ['model.onnx'],
      seed: null,
    }
    expect(explainKeys(before, changed({ step }))).toEqual([
      'command changed from python train.py to python train.py "a b"',
      'environment variable OMP_NUM_THREADS is no longer declared',
      'seed changed from 7 to none',
      'output log.txt is no longer declared',
    ])
  })
})
