// Runs from their cause to their end, in a project small enough to read.
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EndedRun, runKind } from '../../../src/control/runs/run.ts'
import type { Digest } from '../../../src/foundation/digest.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { type Release, releaseKind } from '../../../src/release/release.ts'
import { key } from '../../../src/release/sample-release.ts'
import { verifyRelease } from '../../../src/release/verify-release.ts'
import { verifyChain } from '../../../src/store/event-chain.ts'
import type { GateReport } from '../../../src/verify/gates/gate-report.ts'
import { replayReport } from '../../../src/verify/gates/replay-check.ts'
import { people, project, RunStage } from './run-stage.ts'

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
})
afterEach(() => stage.close())

const releases = () => stage.store.list<Release>(releaseKind)

describe('a run whose gates hold', () => {
  test('ends succeeded, with a sealed release that verifies down to the last byte', async () => {
    const run = await stage.run()
    expect(run).toMatchObject({ phase: 'succeeded', number: 1, sameAs: null })
    expect(run.because).toMatch(/^every gate held; release 1 \([a-z-]+\) is sealed$/)
    expect(await stage.phasesOf(run.id)).toEqual([
      'queued',
      'resolving',
      'running',
      'gating',
      'succeeded',
    ])
    expect(run.gates.map((gate) => [gate.name, gate.verdict])).toEqual([
      ['data', 'pass'],
      ['quality', 'pass'],
      ['readiness', 'pass'],
    ])
    expect(run.steps).toMatchObject([{ name: 'train', verdict: 'ran' }])
    const [release] = await releases()
    if (!release) throw new Error('no release')
    expect(release).toMatchObject({ id: run.releaseId, phase: 'sealed', number: 1, runId: run.id })
    const verified = await verifyRelease({
      release,
      trustedKeys: [key.trusted],
      readObject: (digest) => stage.world.content.read(digest),
    })
    expect(isRefusal(verified)).toBe(false)
    expect(await stage.world.content.has(run.evidenceDigest ?? 'sha256:none')).toBe(true)
    expect(stage.world.log.read({ run: run.id, after: 0 }).map((one) => one.line)).toContain(
      'trained',
    )
    expect(await verifyChain(stage.db)).toMatchObject({ intact: true })
  })

  test('again, with nothing changed, is unchanged and points at the first; forced, it runs anew', async () => {
    const first = await stage.run()
    const second = await stage.run()
    expect(second).toMatchObject({
      phase: 'unchanged',
      sameAs: first.id,
      releaseId: first.releaseId,
      because: 'nothing changed since run 1: same code, data, parameters and gates',
    })
    expect(await releases()).toHaveLength(1)
    const third = await stage.run(true)
    expect(third).toMatchObject({ phase: 'succeeded', steps: [{ verdict: 'ran' }] })
    expect((await releases()).map((one) => one.number)).toEqual([2, 1])
  })

  test('with other gates the step is cached and only the judgement is new', async () => {
    await stage.run()
    await stage.declare('roc_auc >= 0.6', 'roc_auc >= 0.61')
    expect(await stage.run()).toMatchObject({ phase: 'succeeded', steps: [{ verdict: 'hit' }] })
  })

  test('runs requested together go one after the other, in order', async () => {
    stage.startControl()
    const ids = [await stage.request(), await stage.request(true), await stage.request()]
    const runs = []
    for (const id of ids) runs.push(await stage.ended(id))
    expect(runs.map((run) => run.phase)).toEqual(['succeeded', 'succeeded', 'unchanged'])
    const ends = runs.map((run) => run.finishedAt)
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
  })
})

test('the kept evidence holds every check of every gate, the data gate too, and each verdict follows from it again', async () => {
  const run = await stage.run()
  const report = await evidenceOf(run)
  expect(report.gates.map((gate) => gate.name)).toEqual(run.gates.map((gate) => gate.name))
  const replays = replayReport(report)
  expect(replays.length).toBe(run.gates.flatMap((gate) => gate.checks).length)
  expect(replays.filter((replay) => !replay.agrees)).toEqual([])
})

async function evidenceOf(run: EndedRun): Promise<GateReport> {
  const bytes = await stage.world.content.read(run.evidenceDigest as Digest)
  return JSON.parse(bytes.toString('utf8')) as GateReport
}

describe('a run that gets a no', () => {
  test('from a gate: it failed, says which check and why, and makes no release', async () => {
    await stage.declare('roc_auc >= 0.6', 'roc_auc >= 0.95')
    const run = await stage.run()
    expect(run).toMatchObject({ phase: 'failed', releaseId: null })
    expect(run.because).toMatch(/^gate quality: .*0\.95/)
    expect(await releases()).toEqual([])
    expect(run.evidenceDigest).not.toBeNull()
  })

  test('from the data gate: it failed before any step ran', async () => {
    await stage.write('people.csv', `${people(600)}-5,40,clerk,0\n`)
    const run = await stage.run()
    expect(run.phase).toBe('failed')
    expect(run.because).toMatch(/^gate data: .*age/)
    expect(run.steps).toEqual([])
    expect(await stage.phasesOf(run.id)).toEqual(['queued', 'resolving', 'running', 'failed'])
    expect((await evidenceOf(run)).verdict).toBe('fail')
  })

  test('for want of evidence: too few rows never act as pass', async () => {
    await stage.write('people.csv', people(110, 'few'))
    await stage.declare('roc_auc >= 0.6', 'roc_auc >= 0.74')
    const run = await stage.run()
    expect(run.phase).toBe('succeeded')
    expect(run.because).toContain('no gate said no, and a person decides')
    expect(run.gates.find((gate) => gate.name === 'quality')?.verdict).toBe('insufficient')
    const [release] = await releases()
    expect(release?.clearance?.undecided).toContain('gate quality: ROC AUC')
    await stage.declare(
      'quality: [roc_auc >= 0.6]',
      'defaults: {on_insufficient: block}\n  quality: [roc_auc >= 0.74]',
    )
    expect((await stage.run()).phase).toBe('failed')
    expect(await releases()).toHaveLength(1)
  })

  test('from nobody, because nothing was asked: no release without a check that holds', async () => {
    await stage.write(
      'lockstep.yaml',
      project.replace(/gates:[\s\S]*environments/, 'environments').replace(/, checks: .*\]/, ''),
    )
    const run = await stage.run()
    expect(run.phase).toBe('failed')
    expect(run.because).toContain('add some under gates:')
    expect(await releases()).toEqual([])
  })
})

describe('a run that could not be answered ends errored, and its sentence says what to do', () => {
  const errored = async (...sentences: (string | RegExp)[]) => {
    const run = await stage.run()
    expect(run.phase).toBe('errored')
    for (const sentence of sentences) expect(run.because).toMatch(sentence)
    expect(await releases()).toEqual([])
    return run
  }

  test('a data file that is missing', async () => {
    await stage.declare('path: people.csv', 'path: nobody.csv')
    await errored('dataset people has no files: nothing is at nobody.csv', 'put the data there')
  })

  test('an input that is missing', async () => {
    await stage.declare('inputs: [ready.onnx', 'inputs: [redy.onnx')
    await errored('redy.onnx')
  })

  test('a Parquet file that is none', async () => {
    await stage.write('people.parquet', 'PAR1 this is no parquet file PAR1')
    await stage.declare('path: people.csv', 'path: people.parquet')
    await errored('people.parquet', /parquet/i)
  })

  test('a label that is missing', async () => {
    await stage.declare('label: y', 'label: income')
    await errored(
      "the holdout people has no column 'income', which evaluate.label names; it has age, hours, job, y",
    )
  })

  test('a label that is no label', async () => {
    await stage.declare('label: y', 'label: hours')
    await errored(/the label hours of the holdout people is \d+ in row \d+; allowed are 0 and 1/)
  })

  test('a column the model wants and the holdout lacks', async () => {
    await stage.write('people.csv', people(600).replace('hours', 'minutes'))
    await errored("no column 'hours'")
  })

  test('a step that fails', async () => {
    await stage.declare('echo trained', 'echo no memory left >&2 && exit 1')
    const run = await errored(/^step train: /, /exit code 1|ended with 1/)
    expect(run.steps).toMatchObject([{ verdict: 'failed' }])
    expect(stage.world.log.read({ run: run.id, after: 0 }).map((one) => one.line)).toContain(
      'no memory left',
    )
  })

  test('a step that does not make its output', async () => {
    await stage.declare('cp ready.onnx model.onnx &&', 'true &&')
    await errored(/^step train: /, 'model.onnx')
  })

  test('a model that is no ONNX file', async () => {
    await stage.declare('cp ready.onnx model.onnx', 'echo hello > model.onnx')
    await errored(/^gates quality, readiness: the model cannot be served: /)
  })

  test('a model whose answers have another shape', async () => {
    const models = new URL('../../support/models/', import.meta.url).pathname
    await copyFile(join(models, 'labeller.onnx'), join(stage.dir, 'ready.onnx'))
    await stage.write('people.csv', people(600).replace('job', 'colour'))
    await errored('probabilities')
  })

  test('a project file that was broken meanwhile', async () => {
    stage.startControl()
    await stage.write('lockstep.yaml', 'version: 1\nproject: ?')
    await errored('one problem in lockstep.yaml', 'lockstep.yaml:2:10')
  })

  test('a pipeline that runs in a circle', async () => {
    await stage.declare('inputs: [ready.onnx,', 'inputs: [model.onnx,')
    await errored(/train/)
  })
})

test('the whole example in small: data selected, baseline trained and judged by the program itself', async () => {
  const tables = await stage.world.tables()
  const census = new URL('../../../examples/income/data/1994.parquet', import.meta.url).pathname
  await tables.query(
    `copy (select * from '${census}' using sample 2000 rows (reservoir, 7)) to '${join(stage.dir, 'census.parquet')}' (format parquet)`,
  )
  await stage.write(
    'params.yaml',
    'train: {label: income_over_50k, columns: [age, education, weeks_worked], C: 1, threshold: 0.3, unseen: ignore}',
  )
  await stage.write('lockstep.yaml', small)
  const run = await stage.run()
  expect(run.because).toMatch(/^every gate held/)
  expect(run.steps.map((step) => [step.name, step.verdict])).toEqual([
    ['prepare', 'ran'],
    ['holdout', 'ran'],
    ['train', 'ran'],
  ])
  const [release] = await releases()
  expect(release?.number).toBe(1)
  await stage.write(
    'params.yaml',
    'train: {label: income_over_50k, columns: [age, education, weeks_worked], C: 2, threshold: 0.3, unseen: ignore}',
  )
  const tuned = await stage.run()
  expect(tuned.steps.map((step) => [step.name, step.verdict])).toEqual([
    ['prepare', 'hit'],
    ['holdout', 'hit'],
    ['train', 'ran'],
  ])
})

const small = `version: 1
project: tiny
model: {name: tiny, artifact: model.onnx}
data:
  survey: {path: census.parquet, checks: [rows >= 1000, "income_over_50k in [0, 1]"]}
pipeline:
  prepare: {run: lockstep data select --from census.parquet --where "split = 'train'" --out train.parquet, inputs: [census.parquet], outputs: [train.parquet]}
  holdout: {run: lockstep data select --from census.parquet --where "split = 'holdout'" --out holdout.parquet, inputs: [census.parquet], outputs: [holdout.parquet]}
  train: {run: lockstep train baseline --data train.parquet --params params.yaml --out model.onnx, inputs: [train.parquet], params: [params.yaml:train], outputs: [model.onnx]}
evaluate: {data: holdout.parquet, label: income_over_50k, groups: [sex]}
gates:
  quality: [roc_auc >= 0.6]
environments:
  staging: {port: 8081, delivery: automatic}
`

test('a step that takes too long is ended: the run timed out', async () => {
  await stage.declare('cp ready.onnx model.onnx && echo trained"', 'sleep 60", timeout: 300ms')
  const run = await stage.run()
  expect(run).toMatchObject({ phase: 'timed_out', steps: [{ verdict: 'timed_out' }] })
  expect(run.because).toMatch(/^step train: .*300 ms/)
})

describe('a run under way', () => {
  const slow = () => stage.declare('cp ready.onnx', 'sleep 0.4; cp ready.onnx')
  const begun = async () => {
    stage.startControl()
    const id = await stage.request()
    await stage.phase(id, 'running')
    return id
  }

  test('is cancelled by a person, with their reason', async () => {
    await stage.declare('cp ready.onnx', 'sleep 60; cp ready.onnx')
    const id = await begun()
    const intent = await stage.store.writeIntent({
      ...{ kind: 'run', objectId: id, command: 'cancel', actor: 'person:omar' },
      reason: 'wrong data',
    })
    const run = await stage.ended(id)
    expect(run).toMatchObject({
      phase: 'cancelled',
      because: 'cancelled by person:omar: wrong data',
    })
    expect(await stage.store.answerOf(intent.id)).toMatchObject({ accepted: true })
    const late = await stage.store.writeIntent({
      ...{ kind: 'run', objectId: id, command: 'cancel', actor: 'person:omar' },
    })
    await stage.phase(id, 'cancelled')
    const answer = await waitForAnswer(late.id)
    expect(answer).toMatchObject({ accepted: false, because: 'run 1 has ended already: cancelled' })
  })

  test('is put down when the control plane stops, and goes on when one is back', async () => {
    await slow()
    const id = await begun()
    await stage.stopControl()
    expect(await stage.store.get(runKind, id)).toMatchObject({ phase: 'interrupted' })
    stage.startControl()
    expect(await stage.ended(id)).toMatchObject({ phase: 'succeeded' })
    expect(await stage.phasesOf(id)).toEqual([
      'queued',
      'resolving',
      'running',
      'interrupted',
      'running',
      'gating',
      'succeeded',
    ])
  })

  test.each(['resolving', 'running', 'gating'] as const)(
    'left behind in %s by a control plane that was killed, goes on from what is cached',
    async (phase) => {
      const first = await stage.run()
      await stage.declare('roc_auc >= 0.6', 'roc_auc >= 0.62')
      await stage.stopControl()
      const id = await stage.request()
      await leaveIn(id, phase)
      stage.startControl()
      const run = await stage.ended(id)
      expect(run).toMatchObject({ phase: 'succeeded', steps: [{ verdict: 'hit' }] })
      expect(run.releaseId).not.toBe(first.releaseId)
      expect(await stage.phasesOf(id)).toContain('interrupted')
    },
  )

  test('whose inputs changed while it was interrupted does not go on as the same run', async () => {
    await slow()
    const id = await begun()
    await stage.stopControl()
    await stage.write('people.csv', people(700))
    stage.startControl()
    const run = await stage.ended(id)
    expect(run.phase).toBe('errored')
    expect(run.because).toContain('the inputs of run 1 changed while it was interrupted')
  })

  const waitForAnswer = async (id: string) => {
    for (;;) {
      const answer = await stage.store.answerOf(id)
      if (answer) return answer
      await stage.world.clock.sleep(5)
    }
  }

  /** Walks the stored run to a phase as an execution would, and then nobody cares for it any more. */
  const leaveIn = async (id: string, last: 'resolving' | 'running' | 'gating') => {
    for (const phase of ['resolving', 'running', 'gating'] as const) {
      const { revision, ...run } = await stage.store.get(runKind, id)
      const event = { type: `run.${phase}`, actor: 'system:loop', because: 'a test' }
      await stage.store.commit({
        changes: [{ kind: runKind, object: { ...run, phase }, expect: revision, event } as never],
      })
      if (phase === last) return
    }
  }
})
