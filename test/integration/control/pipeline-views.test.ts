// plan, graph and why over real runs of a small project: what would happen, what happened, and the reason in words.
import { mkdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ApiWorld } from '../../../src/api/api-world.ts'
import { createPipelineApi } from '../../../src/api/areas/pipeline-api.ts'
import { why } from '../../../src/api/why.ts'
import { loadRunnableProject } from '../../../src/control/load-runnable-project.ts'
import { resolveInputs } from '../../../src/control/runs/resolve-inputs.ts'
import { wholeScope } from '../../../src/control/runs/run.ts'
import { project, RunStage } from './run-stage.ts'

let stage: RunStage
let world: ApiWorld

const pipeline = `pipeline:
  prepare:
    shell: "sort people.csv > sorted.csv"
    inputs: [people.csv, extra]
    params: [params.yaml:prepare]
    env: {LANG: C}
    outputs: [sorted.csv]
  score:
    foreach: [a, b, c, d]
    shell: "wc -l < sorted.csv > scores/\${item}.txt"
    inputs: [sorted.csv]
    outputs: ["scores/\${item}.txt"]
  train: {shell: "cp ready.onnx model.onnx", inputs: [ready.onnx, scores], outputs: [model.onnx]}
`
const declared = project.replace(/pipeline:\n.*\n/, pipeline)

beforeEach(async () => {
  stage = await RunStage.open()
  await mkdir(`${stage.dir}/extra`)
  await stage.write('extra/one.txt', '1')
  await stage.write('extra/two.txt', '2')
  await stage.write('params.yaml', 'prepare: {rows: 10}\n')
  await stage.write('lockstep.yaml', declared)
  const { spec } = await loadRunnableProject(stage.dir)
  const { store, content, actions, clock } = stage.world
  world = {
    ...{ store, content, actions, clock, db: stage.db, spec: () => spec },
    runWorld: () => stage.world,
    resolveInputs: () => resolveInputs(stage.world),
  } as unknown as ApiWorld
})
afterEach(() => stage.close())

const pipelineApi = () => createPipelineApi(world, 'person:olga')
const whyStep = (step: string) => why(world, { subject: `step:${step}` })

describe('plan', () => {
  test('before, between and after runs', async () => {
    const before = await pipelineApi().plan({})
    expect(before).toMatchObject({ hits: 0, runs: 1, waits: 5, unknown: 6, workMs: 0 })
    await stage.run()
    const after = await pipelineApi().plan({})
    expect(after).toMatchObject({ hits: 6, runs: 0, waits: 0 })
    expect(after.afterwards).toBe('nothing: run 1 had the same inputs')
    await stage.write('params.yaml', 'prepare: {rows: 20}\n')
    const changed = await pipelineApi().plan({ to: ['score'] })
    expect(changed).toMatchObject({ runs: 1, waits: 4, unknown: 0 })
    expect(changed.steps[0]).toMatchObject({
      ...{ name: 'prepare', decision: 'run', expectedMs: expect.any(Number) },
      because: 'parameter prepare.rows changed from 10 to 20',
    })
    expect(changed.criticalPath[0]).toBe('prepare')
    expect(changed.afterwards).toContain('up to score')
  })

  test('forced steps and all of them', async () => {
    await stage.run()
    const one = await pipelineApi().plan({ forceSteps: ['score'] })
    expect(one).toMatchObject({ hits: 1, runs: 4, waits: 1 })
    expect((await pipelineApi().plan({ force: true })).runs).toBe(1)
  })

  test('a step that is not there is refused with what there is', async () => {
    await expect(pipelineApi().plan({ to: ['scores'] })).rejects.toThrow(/score/)
  })
})

test('the graph says who reads what from whom, and what became of it', async () => {
  await stage.run(false, { ...wholeScope, to: ['prepare'] })
  const { steps, model, run } = await pipelineApi().graph()
  expect({ model, run }).toEqual({ model: 'model.onnx', run: 1 })
  expect(steps[0]).toMatchObject({ name: 'prepare', verdict: 'ran', after: [] })
  expect(steps[1]).toMatchObject({
    ...{ declaredAs: 'score', verdict: null },
    after: [{ step: 'prepare', files: ['sorted.csv'] }],
  })
  expect(steps.at(-1)?.after).toHaveLength(4)
})

describe('why', () => {
  test('a step that never ran, and one that waits for it', async () => {
    expect((await whyStep('prepare')).answer).toBe('prepare would run: it has not run before')
    const waits = await whyStep('train')
    expect(waits.answer).toContain('train waits for the steps before it')
    expect(waits.sentences).toContain('prepare would run: it has not run before')
  })

  test('a known result, with the document behind it', async () => {
    await stage.run()
    const answer = await whyStep('prepare')
    expect(answer.answer).toContain('prepare would not run again: nothing changed since')
    expect(answer.sentences).toContain('in run 1 it ran: it has not run before')
    expect(answer.documents?.now).toMatchObject({ step: 'prepare' })
  })

  test('every kind of change, each in a sentence', async () => {
    await stage.run()
    const changed = declared
      .replace('env: {LANG: C}', 'env: {LANG: C.UTF-8}')
      .replace('[people.csv, extra]', '[extra]')
      .replace('sort people.csv > sorted.csv', 'cat extra/* > sorted.csv')
    await stage.write('lockstep.yaml', changed)
    await stage.write('extra/two.txt', '22')
    await stage.write('extra/three.txt', '3')
    const { answer, sentences } = await whyStep('prepare')
    expect(answer).toMatch(/^prepare would run: .*; and \d more differences$/)
    expect(sentences).toEqual(
      expect.arrayContaining([
        'input people.csv is no longer declared',
        'input extra/two.txt changed',
        'input extra/three.txt is new',
        'environment variable LANG changed from "C" to "C.UTF-8"',
      ]),
    )
    expect(sentences.some((sentence) => sentence.startsWith('command changed from'))).toBe(true)
  })

  test('the steps of one declaration together', async () => {
    await stage.run()
    const { answer, sentences } = await whyStep('score')
    expect(answer).toBe('score is 4 steps: 4 would not run again')
    expect(sentences).toEqual([
      'score@a, score@b, score@c and 1 more would not run again: nothing changed',
    ])
    expect((await whyStep('score@b')).answer).toContain('score@b would not run again')
  })

  test('a step that gave something else from the same inputs', async () => {
    const random = declared.replace('sort people.csv', 'cat /proc/sys/kernel/random/uuid')
    await stage.write('lockstep.yaml', random)
    await stage.run(false, { ...wholeScope, to: ['prepare'] })
    await stage.run(false, { ...wholeScope, to: ['prepare'], forced: ['prepare'] })
    const { sentences } = await whyStep('prepare')
    expect(sentences.at(-1)).toMatch(
      /^it is not deterministic: the same inputs gave another sorted\.csv .* once, last at .*; the first result counts$/,
    )
  })

  test('a name that nothing has', async () => {
    await expect(whyStep('trian')).rejects.toThrow("there is no step 'trian'; did you mean train?")
  })
})
