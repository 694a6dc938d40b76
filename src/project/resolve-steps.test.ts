// One declared step that stands for many: names, values, and everything that can be wrong with them, at its place.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is what lockstep.yaml holds
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseProject } from './parse-project.ts'
import { smallProject } from './sample-project.ts'
import { safeName } from './step-copies.ts'
import type { StepSpec } from './step-spec.ts'

const withStep = (fields: string, more = '') =>
  `${smallProject.replace('pipeline:\n', () => `pipeline:\n  fit: {${fields}}\n`)}${more}`

function stepsOf(fields: string, more = ''): StepSpec[] {
  const { spec, problems } = parseProject(withStep(fields, more))
  if (!spec) throw new Error(problems.map((one) => one.message).join('\n'))
  return spec.steps.filter((step) => step.declaredAs === 'fit')
}

function problemsOf(fields: string, more = ''): string[] {
  return parseProject(withStep(fields, more)).problems.map(
    ({ message, hint, position }) =>
      `${position?.line}:${position?.column} ${message}${hint ? ` (${hint})` : ''}`,
  )
}

describe('a step', () => {
  test('has every field in its base unit', () => {
    const [step] = stepsOf(
      `run: [python, "a b.py"], folder: src, outputs: [m], metrics: [metrics.json], inherit_env: [CUDA_VISIBLE_DEVICES],
       secrets: {HF_TOKEN: "env:HF_TOKEN", KEY: "file:~/secret"}, environment: {python: requirements.txt},
       resources: {cpu: 2, memory: 1.5GiB, gpu: 1}, retries: 2, backoff: 30s`,
      'pools: {gpu: 2}',
    )
    expect(step).toMatchObject({
      ...{ name: 'fit', declaredAs: 'fit', command: { argv: ['python', 'a b.py'] }, folder: 'src' },
      ...{ outputs: ['m', 'metrics.json'], metrics: ['metrics.json'] },
      inherits: ['CUDA_VISIBLE_DEVICES'],
      secrets: [
        { name: 'HF_TOKEN', from: { env: 'HF_TOKEN' } },
        { name: 'KEY', from: { file: '~/secret' } },
      ],
      runtime: { kind: 'python', lock: 'requirements.txt' },
      inputs: ['requirements.txt'],
      resources: { cpu: 2, memoryBytes: 1.5 * 1024 ** 3, pools: { gpu: 1 } },
      backoffMs: 30_000,
    })
  })

  test.each([
    [
      'shell: x, outputs: [m], resources: {gpv: 1}',
      "there is no pool 'gpv'; known: cpu, memory, gpu (did you mean 'gpu'?)",
    ],
    ['shell: x, outputs: [m], resources: {gpu: 3}', 'asks for 3 of the pool gpu, which has 2'],
    ['shell: x, outputs: [m], secrets: {A: hunter2}', 'write env:NAME or file:path'],
    ['shell: x', 'name at least one file or folder under outputs or metrics'],
    ['shell: x, outputs: [m], foreach: [a], matrix: {b: [1]}', 'give either foreach or matrix'],
    ['shell: x, outputs: [m], seed: 1, seeds: [1]', 'give either seed or seeds'],
    ['shell: x, outputs: [m], foreach: []', 'must have at least 1 in its list'],
    ['run: "x ${item}", outputs: [m]', '${item} stands for nothing: this step has no foreach'],
    [
      'run: "x ${matrix.d}", outputs: ["${key}"], matrix: {C: [1]}',
      'known: ${matrix.C}, ${key} (did you mean ${matrix.C}?)',
    ],
    [
      'run: x, outputs: [m], foreach: [a, b]',
      'fit@a and fit@b would both write m (put ${key} into the path)',
    ],
    ['run: x, outputs: ["${item}"], foreach: [1, "1"]', 'it gives fit@1 twice'],
    ['run: x, outputs: [m], seeds: [1, 2]', 'every seed would write m (put ${seed} into the path'],
    [
      'shell: "x ${item}", outputs: ["${key}"], foreach: ["a; rm -rf /"]',
      'has characters that a shell reads',
    ],
  ])('%s: %s', (fields, sentence) => {
    const said = problemsOf(fields, 'pools: {gpu: 2}')
    expect(said.join('\n')).toContain(sentence)
    expect(said.join('\n')).toMatch(/^5:\d+ pipeline\.fit/)
  })

  test('stands for no more steps than a pipeline can have', () => {
    const axis = `[${Array.from({ length: 101 }, (_, index) => index).join()}]`
    expect(problemsOf(`run: x, outputs: [m], matrix: {a: ${axis}, b: ${axis}}`).join()).toContain(
      'it stands for 10201 steps; at most 10000 are allowed',
    )
  })
})

describe('copies', () => {
  test('of a list, with the value everywhere', () => {
    const steps = stepsOf(
      'run: "fit ${item} --name \'${key}.x\'", inputs: ["in/${item}"], params: ["p/${item}.yaml:a"], outputs: ["out/${key}"], env: {REGION: "${item}"}, folder: "f/${item}", foreach: [us, "New York"]',
    )
    expect(steps.map((step) => step.name)).toEqual(['fit@us', `fit@${safeName('New York')}`])
    expect(steps[1]).toMatchObject({
      declaredAs: 'fit',
      command: { argv: ['fit', 'New York', '--name', `${safeName('New York')}.x`] },
      inputs: ['in/New York'],
      params: [{ file: 'p/New York.yaml', key: 'a' }],
      environment: { REGION: 'New York' },
      folder: 'f/New York',
    })
  })

  test('of a map, a matrix, and seeds of both', () => {
    expect(
      stepsOf(
        'run: "x ${item.rate} ${item.deep}", outputs: ["${key}"], foreach: {a: {rate: 0.1, deep: true}}',
      )[0],
    ).toMatchObject({ name: 'fit@a', command: { argv: ['x', '0.1', 'true'] } })
    const many = stepsOf(
      'run: "x ${matrix.C} ${matrix.solver} ${seed}", outputs: ["${key}-${seed}"], matrix: {C: [0.1, 1], solver: [lbfgs, saga]}, seeds: [1, 2]',
    )
    expect(many).toHaveLength(8)
    expect(many[1]).toMatchObject({
      ...{ name: 'fit@0.1-lbfgs-seed-2', seed: 2, outputs: ['0.1-lbfgs-2'] },
      command: { argv: ['x', '0.1', 'lbfgs', '2'] },
    })
    expect(stepsOf('run: x, outputs: ["m-${seed}"], seeds: [3]')[0]?.name).toBe('fit@seed-3')
  })

  test('leave the shell its own, and $${ stands for itself', () => {
    const [step] = stepsOf(
      'shell: "for i in 1; do echo ${HOME} ${item}; done", outputs: ["${key}"], foreach: [a]',
    )
    expect(step?.command).toEqual({ shell: 'for i in 1; do echo ${HOME} a; done' })
    expect(stepsOf('run: "x $${item}", outputs: [m]')[0]?.command).toEqual({
      argv: ['x', '${item}'],
    })
  })

  test('have names that a path can hold, different exactly when the values are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(safeName(a)).toMatch(/^[A-Za-z0-9._=-]+$/)
        expect(safeName(a) === safeName(b)).toBe(a === b)
      }),
      { numRuns: 300 },
    )
  })
})
