// Parts of a pipeline, metrics, and the reads nobody declared: real runs of a small project.
import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { wholeScope } from '../../../src/control/runs/run.ts'
import { project, RunStage } from './run-stage.ts'

let stage: RunStage

beforeEach(async () => {
  stage = await RunStage.open()
})
afterEach(() => stage.close())

const pipeline = `pipeline:
  prepare: {shell: "cut -d, -f1 people.csv > ages.txt", inputs: [people.csv], outputs: [ages.txt]}
  measure:
    shell: "printf '{\\"auc\\": %s}' $(cat score.txt) > metrics.json"
    inputs: [ages.txt, score.txt]
    outputs: [metrics.json]
    metrics: [metrics.json]
  train: {shell: "cp ready.onnx model.onnx && echo trained", inputs: [ready.onnx, people.csv], outputs: [model.onnx]}
`

async function withParts(): Promise<void> {
  await stage.write('score.txt', '0.75')
  await stage.write('lockstep.yaml', project.replace(/pipeline:\n.*\n/, pipeline))
}

const verdicts = (run: { steps: readonly { name: string; verdict: string }[] }) =>
  Object.fromEntries(run.steps.map(({ name, verdict }) => [name, verdict]))

describe('a part of the pipeline', () => {
  test('makes no release, and its results are known to the next full run', async () => {
    await withParts()
    const part = await stage.run(false, { ...wholeScope, to: ['measure'] })
    expect(part).toMatchObject({ phase: 'succeeded', releaseId: null, gates: [] })
    expect(part.because).toContain('up to measure')
    expect(part.because).toContain('metrics.json')
    expect(verdicts(part)).toEqual({ prepare: 'ran', measure: 'ran' })

    const whole = await stage.run()
    expect(whole).toMatchObject({ phase: 'succeeded', releaseId: expect.any(String) })
    expect(verdicts(whole)).toEqual({ prepare: 'hit', measure: 'hit', train: 'ran' })
  })

  test('of one step alone runs it on known results, and is refused without them', async () => {
    await withParts()
    const early = await stage.run(false, { ...wholeScope, only: ['measure'] })
    expect(early.phase).toBe('errored')
    expect(early.because).toContain('prepare')
    await stage.run(false, { ...wholeScope, to: ['prepare'] })
    const alone = await stage.run(false, { ...wholeScope, only: ['measure'] })
    expect(verdicts(alone)).toEqual({ prepare: 'hit', measure: 'ran' })
  })

  test('a forced step runs although nothing changed, and only it', async () => {
    await withParts()
    await stage.run()
    const forced = await stage.run(false, { ...wholeScope, forced: ['measure'] })
    expect(verdicts(forced)).toEqual({ prepare: 'hit', measure: 'ran', train: 'hit' })
  })

  test('stays the part it was meant to be when the control plane is replaced', async () => {
    await withParts()
    const id = await stage.request(false, { ...wholeScope, to: ['prepare'] })
    stage.startControl()
    await stage.stopControl()
    stage.startControl()
    const run = await stage.ended(id)
    expect(run).toMatchObject({ phase: 'succeeded', releaseId: null })
    expect(Object.keys(verdicts(run))).toEqual(['prepare'])
  })

  test('a step nobody declared ends the run with what there is', async () => {
    await withParts()
    const run = await stage.run(false, { ...wholeScope, to: ['mesure'] })
    expect(run.phase).toBe('errored')
    expect(run.because).toContain('measure')
  })
})

test('metrics are on the record of the step that made them, also when its result is known', async () => {
  await withParts()
  const metricsOf = (run: Awaited<ReturnType<RunStage['run']>>) =>
    run.steps.find((step) => step.name === 'measure')?.metrics
  const first = await stage.run()
  expect(metricsOf(first)).toEqual({ auc: 0.75 })
  const again = await stage.run(false, { ...wholeScope, to: ['measure'] })
  expect(verdicts(again).measure).toBe('hit')
  expect(metricsOf(again)).toEqual({ auc: 0.75 })
})

test('what earlier runs took is expected of the next', async () => {
  await withParts()
  await stage.run()
  const next = await stage.run(true)
  expect(next.steps.every((step) => (step.expectedMs ?? 0) > 0)).toBe(true)
  expect(next.steps.map((step) => step.attempt)).toEqual([1, 1, 1])
})

describe.runIf(existsSync('/usr/bin/strace'))('reads that were not declared', () => {
  const traced = { ...wholeScope, to: ['prepare'], traceReads: true }

  test('are reported with the step, and remembered with its result', async () => {
    await withParts()
    const secret = `${stage.dir}/score.txt`
    const declared = pipeline.replace('people.csv > ages', `people.csv ${secret} > ages`)
    await stage.write('lockstep.yaml', project.replace(/pipeline:\n.*\n/, declared))
    const run = await stage.run(false, traced)
    expect(run.because).toContain('made ages.txt')
    expect(run.steps[0]?.reads).toEqual({ traced: true, undeclared: [secret] })
    const again = await stage.run(false, { ...traced, traceReads: false })
    expect(again.steps[0]).toMatchObject({ verdict: 'hit', reads: { undeclared: [secret] } })
  })

  test('are none where a step reads what it declares, and unknown where nobody looked', async () => {
    await withParts()
    const untraced = await stage.run(false, { ...traced, traceReads: false })
    expect(untraced.steps[0]?.reads).toEqual({ traced: false, undeclared: [] })
    const run = await stage.run(true, traced)
    expect(run.steps[0]?.reads).toEqual({ traced: true, undeclared: [] })
  })

  test('tracing changes neither exit codes nor what a step says', async () => {
    await withParts()
    const broken = pipeline.replace('cut -d, -f1 people.csv > ages.txt', 'echo no luck >&2; exit 7')
    await stage.write('lockstep.yaml', project.replace(/pipeline:\n.*\n/, broken))
    const run = await stage.run(false, traced)
    expect(run.phase).toBe('errored')
    expect(run.because).toMatch(/exit code 7.*no luck/)
  })
})
