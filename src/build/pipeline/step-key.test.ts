import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { digestOf } from '../../foundation/digest.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { TreeEntry } from '../artifacts/artifact.ts'
import { explainKeys } from './explain-keys.ts'
import type { KeyParts, StepKeyDocument } from './step-key.ts'
import { keyDocument, stepKey } from './step-key.ts'
import type { RuntimeFacts } from './step-runtime.ts'
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
  machineEnvironment: {},
  runtime: null,
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
      machineEnvironment: {},
      runtime: null,
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
      `"sha256:45f0c73aa13cf41f99e78c400ec5010f3b92e96f508dd163de92ebc31b30649b"`,
    )
  })
})

describe('every declaration that may change a result', () => {
  const facts = (text: string): RuntimeFacts => ({
    ...{ kind: 'python', interpreter: '3.11.9', platform: 'linux-x64' },
    ...{ lock: digest(text), digest: digest(`runtime ${text}`) },
  })
  const full: KeyParts = {
    ...parts,
    step: {
      ...parts.step,
      ...{ folder: 'src', inherits: ['GPU'], metrics: ['log.txt'] },
      secrets: [{ name: 'TOKEN', from: { env: 'A' } }],
    },
    machineEnvironment: { GPU: '0', OTHER: 'x' },
    runtime: facts('lock'),
  }
  const of = (change: Partial<KeyParts>, step: Partial<StepSpec> = {}) =>
    keyDocument({ ...full, ...change, step: { ...full.step, ...step } })

  it.each<[string, StepKeyDocument, string]>([
    ['its folder', of({}, { folder: '' }), 'working folder changed from src to the project folder'],
    [
      'an inherited value',
      of({ machineEnvironment: { GPU: '1' } }),
      'inherited variable GPU changed from "0" to "1"',
    ],
    [
      'an inherited variable that went',
      of({ machineEnvironment: {} }),
      'inherited variable GPU changed from "0" to none',
    ],
    [
      'one that is no longer inherited',
      of({}, { inherits: [] }),
      'inherited variable GPU is no longer declared',
    ],
    ['a secret', of({}, { secrets: [] }), 'secret TOKEN is no longer declared'],
    ['a metrics file', of({}, { metrics: [] }), 'metrics file log.txt is no longer declared'],
    ['the environment', of({ runtime: null }), 'the python environment is no longer declared'],
    [
      'its interpreter',
      of({ runtime: { ...facts('lock'), interpreter: '3.12.1', digest: digest('x') } }),
      'python version changed from "3.11.9" to "3.12.1"',
    ],
    [
      'the form of a number',
      of({ parameters: [{ file: 'p.toml', key: 'a', value: 1, toml: '1.0' }] }),
      'parameter a (p.toml) is new',
    ],
  ])('%s is in the key, and in words', (_, after, sentence) => {
    expect(stepKey(after)).not.toBe(stepKey(of({})))
    expect(explainKeys(of({}), after)).toContain(sentence)
  })

  it('is all: where a secret lies, and what only decides when a step runs, is not', () => {
    const same = of(
      { machineEnvironment: { GPU: '0', OTHER: 'y' } },
      {
        ...{ secrets: [{ name: 'TOKEN', from: { file: '/elsewhere' } }], retries: 9, backoffMs: 1 },
        ...{
          timeoutMs: 1,
          resources: { cpu: 9, memoryBytes: 9, pools: { gpu: 9 } },
          declaredAs: 'x',
        },
      },
    )
    expect(stepKey(same)).toBe(stepKey(of({})))
  })

  it('tells 1 from 1.0 in words', () => {
    const written = (toml: string) =>
      of({ parameters: [{ file: 'p.toml', key: 'a', value: 1, toml }] })
    expect(explainKeys(written('1'), written('1.0'))).toEqual([
      'parameter a is written as 1.0 and no longer as 1',
    ])
  })

  it('compares with documents of version 1 as well', () => {
    const { folder, inherited, secrets, runtime, metrics, ...old } = before
    expect(explainKeys({ ...old, keyVersion: 1 }, before)).toEqual([
      'key version changed from 1 to 2',
    ])
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
