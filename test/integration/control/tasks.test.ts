// Tasks other than two classes, from the rows of the holdout to the verdict: the packaged model answers in the serving runtime, and
// the gates judge amounts, classes with names and rankings.
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EndedRun } from '../../../src/control/runs/run.ts'
import type { Digest } from '../../../src/foundation/digest.ts'
import { randomStream } from '../../../src/foundation/random.ts'
import { readCardFacts } from '../../../src/release/card/read-facts.ts'
import type { ReleaseManifest } from '../../../src/release/manifest.ts'
import { type Release, releaseKind } from '../../../src/release/release.ts'
import type { GateReport } from '../../../src/verify/gates/gate-report.ts'
import { replayReport } from '../../../src/verify/gates/replay-check.ts'
import { people, RunStage } from './run-stage.ts'

const models = new URL('../../support/models/', import.meta.url).pathname

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
})
afterEach(() => stage.close())

async function projectOf(
  model: string,
  evaluate: string,
  checks: readonly string[],
  outputs = '',
): Promise<void> {
  await copyFile(join(models, `${model}.onnx`), join(stage.dir, 'ready.onnx'))
  await stage.write(
    'lockstep.yaml',
    `version: 1
project: tiny
model: {name: tiny, artifact: model.onnx}
data:
  holdout: {path: holdout.csv}
  train: {path: train.csv}
pipeline:
  train:
    shell: "cp ready.onnx model.onnx${outputs && ` && cp claimed.csv ${outputs}`}"
    inputs: [ready.onnx, holdout.csv, claimed.csv]
    outputs: [model.onnx${outputs && `, ${outputs}`}]
evaluate: {data: holdout, ${evaluate}}
gates:
  quality:
${checks.map((line) => `    - ${line}`).join('\n')}
environments:
  staging: {port: 8081, delivery: automatic}
`,
  )
}

/** The verdict of every check of the model, by its line; of a run that came to none, its end. */
function verdicts(run: EndedRun): Record<string, string> {
  const gate = run.gates.find(({ name }) => name === 'quality')
  if (gate === undefined) return { [run.phase]: run.because }
  return Object.fromEntries((gate?.checks ?? []).map((check) => [check.text, check.verdict]))
}

async function replayed(run: EndedRun) {
  const bytes = await stage.world.content.read(run.evidenceDigest ?? 'sha256:none')
  return replayReport(JSON.parse(bytes.toString('utf8')) as GateReport)
}

async function cardOf(run: EndedRun) {
  const release = await stage.store.get<Release>(releaseKind, run.releaseId ?? '')
  const read = (digest: Digest) => stage.world.content.read(digest)
  const manifest = JSON.parse((await read(release.manifestDigest)).toString('utf8'))
  return readCardFacts(manifest as ReleaseManifest, read)
}

/** price = 3 rooms + 0.05 area + 10 and some noise; the model knows all but the noise. */
function houses(rows: number, seed = 'houses') {
  const random = randomStream(seed, 'rows')
  return Array.from({ length: rows }, (_, id) => {
    const rooms = 1 + random.below(6)
    const area = 30 + random.below(120)
    const price = 3 * rooms + 0.05 * area + 10 + random.normal()
    return { id, rooms, area, price, city: random.next() < 0.5 ? 'north' : 'south' }
  })
}

function csv(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = rows.map((row) => Object.values(row).join(','))
  return `${[names.join(','), ...lines].join('\n')}\n`
}

describe('a regression model', () => {
  const rows = houses(400)
  const claimed = rows.map(({ id, rooms, area }) => ({
    id,
    prediction: 3 * rooms + 0.05 * area + 10,
  }))
  beforeEach(async () => {
    await stage.write('holdout.csv', csv(rows))
    await stage.write('train.csv', csv(rows))
    await stage.write('claimed.csv', csv(claimed))
  })

  test('is judged on its errors, against the mean, in groups, and sealed', async () => {
    await projectOf('regressor', 'task: regression, label: price, groups: [city]', [
      'rmse <= 1.2',
      'mae < baseline(prior)',
      'mae < baseline(median)',
      'r2 >= 0.8',
      'within@2 >= 90%',
      'median_ae <= 1',
      '{"mae <= 1": {each: city}}',
    ])
    const run = await stage.run()
    expect(verdicts(run)).toEqual({
      'rmse <= 1.2': 'pass',
      'mae < baseline(prior)': 'pass',
      'mae < baseline(median)': 'pass',
      'r2 >= 0.8': 'pass',
      'within@2 >= 90%': 'pass',
      'median_ae <= 1': 'pass',
      'mae <= 1 {each: city}': 'pass',
    })
    expect(run).toMatchObject({ phase: 'succeeded' })
    expect((await cardOf(run))?.otherTask?.metrics.map(({ name }) => name)).toContain('rmse')
    for (const replay of await replayed(run))
      expect(replay, replay.id).toMatchObject({ agrees: true })
  })

  test('a wrong model is refused with its number, and a metric of another task says so', async () => {
    await projectOf('regressor', 'task: regression, label: price', [
      'rmse <= 0.5',
      'roc_auc >= 0.9',
    ])
    const run = await stage.run()
    expect(verdicts(run)).toEqual({ 'rmse <= 0.5': 'fail', 'roc_auc >= 0.9': 'error' })
    expect(run.because).toMatch(/root mean squared error is 0\.9|root mean squared error is 1/)
    expect(run.because).toMatch(/roc_auc is not a metric of a regression model/)
  })

  test('what the training code predicted is compared with what was packaged', async () => {
    const evaluate = 'task: regression, label: price, predictions: {file: p.csv, key: id}'
    await projectOf('regressor', evaluate, ['parity(training) <= 1e-4'], 'p.csv')
    expect(verdicts(await stage.run())).toEqual({ 'parity(training) <= 1e-4': 'pass' })
    const shifted = claimed.map(({ id, prediction }) => ({ id, prediction: prediction + 1 }))
    await stage.write('claimed.csv', csv(shifted))
    expect(verdicts(await stage.run())).toEqual({ 'parity(training) <= 1e-4': 'fail' })
    await stage.write('claimed.csv', csv(claimed.slice(1)))
    const short = await stage.run()
    expect(verdicts(short)).toEqual({ 'parity(training) <= 1e-4': 'error' })
    expect(short.because).toMatch(/1 of 400 rows of the holdout have no prediction in p\.csv/)
  })

  test('the second release is compared with the first as champion or anchor on the same rows', async () => {
    await projectOf('regressor', 'task: regression, label: price, anchor: 1', ['rmse <= 1.2'])
    expect(await stage.run()).toMatchObject({ phase: 'succeeded' })
    await projectOf('regressor', 'task: regression, label: price, anchor: 1', [
      'rmse <= anchor + 0.1',
    ])
    const second = await stage.run()
    expect(verdicts(second)).toEqual({ 'rmse <= anchor + 0.1': 'pass' })
    await projectOf('regressor', 'task: regression, label: price, anchor: 7', [
      'rmse <= anchor + 0.1',
    ])
    const third = await stage.run()
    expect(third.because).toMatch(/tiny has no release 7 \(there are 1, 2\)/)
  })

  test.each([
    ['label: prise', /no column 'prise', which evaluate\.label names.*did you mean 'price'\?/],
    ['label: city', /the label city .* is "(north|south)" in row 0; allowed are finite numbers/],
    ['label: price, weights: id, groups: [town]', /no column 'town', which evaluate\.groups names/],
  ])('%s is refused with its place', async (evaluate, sentence) => {
    await projectOf('regressor', `task: regression, ${evaluate}`, ['rmse <= 1.2'])
    const run = await stage.run()
    expect(run).toMatchObject({ phase: 'errored' })
    expect(run.because).toMatch(sentence)
  })
})

describe('two classes', () => {
  beforeEach(async () => {
    for (const name of ['holdout.csv', 'claimed.csv']) await stage.write(name, people(600))
    await stage.write('train.csv', people(2000, 'others'))
  })

  test('are compared with a logistic regression that is trained for it', async () => {
    const checks = ['roc_auc >= baseline(logistic) - 0.05', 'roc_auc > baseline(prior)']
    await projectOf('classifier', 'label: y, train: train', checks)
    const run = await stage.run()
    expect(verdicts(run)).toEqual({
      'roc_auc >= baseline(logistic) - 0.05': 'pass',
      'roc_auc > baseline(prior)': 'pass',
    })
  })

  test('scored as the other class are not judged at all', async () => {
    const evaluate = 'label: y, score: {output: probabilities, column: 0}'
    await projectOf('classifier', evaluate, ['roc_auc >= 0.6'])
    const run = await stage.run()
    expect(run).toMatchObject({ phase: 'errored' })
    expect(run.because).toMatch(/score of 0\.5 or more are called '0' by the model/)
  })

  test('without training rows the logistic baseline says what it lacks', async () => {
    await projectOf('classifier', 'label: y', ['roc_auc >= baseline(logistic) - 0.05'])
    const run = await stage.run()
    expect(run.because).toMatch(
      /nothing to learn from; name the training rows under evaluate\.train/,
    )
  })
})

describe('a model of three classes', () => {
  const random = randomStream('animals', 'rows')
  const rows = Array.from({ length: 600 }, () => {
    const kind = random.below(3)
    const [weight, height] = [
      [4 + random.normal(), 0.3 + random.normal() * 0.05],
      [12 + 3 * random.normal(), 0.6 + random.normal() * 0.1],
      [40 + 8 * random.normal(), 1.6 + random.normal() * 0.2],
    ][kind] ?? [0, 0]
    return { weight, height, kind: ['cat', 'dog', 'horse'][kind] }
  })
  beforeEach(async () => {
    await stage.write('holdout.csv', csv(rows))
    await stage.write('train.csv', csv(rows))
    await stage.write('claimed.csv', csv(rows))
  })

  test('is judged by class, against its class shares and the majority', async () => {
    await projectOf('species', 'task: multiclass, label: kind', [
      'accuracy >= 0.8',
      'balanced_accuracy >= 0.8',
      'log_loss < baseline(prior)',
      'accuracy > baseline(majority)',
    ])
    const run = await stage.run()
    expect(verdicts(run)).toEqual({
      'accuracy >= 0.8': 'pass',
      'balanced_accuracy >= 0.8': 'pass',
      'log_loss < baseline(prior)': 'pass',
      'accuracy > baseline(majority)': 'pass',
    })
    expect(run).toMatchObject({ phase: 'succeeded' })
    for (const replay of await replayed(run))
      expect(replay, replay.id).toMatchObject({ agrees: true })
  })

  test.each([
    ['classes: [dog, cat, horse]', /column 0 are called 'cat' by the model, and 'dog' here/],
    ['classes: [cat, dog]', /is "horse" in row \d+; allowed are the classes cat, dog/],
    ['classes: [cat, dog, horse, owl]', /not exactly one gives 4 numbers per row/],
  ])('with %s is not judged at all', async (classes, sentence) => {
    await projectOf('species', `task: multiclass, label: kind, ${classes}`, ['accuracy >= 0.8'])
    const run = await stage.run()
    expect(run).toMatchObject({ phase: 'errored' })
    expect(run.because).toMatch(sentence)
  })
})

describe('a ranking model', () => {
  test('is judged by query', async () => {
    const random = randomStream('queries', 'rows')
    const rows = Array.from({ length: 1200 }, (_, row) => {
      const rooms = random.below(5)
      const relevance = random.next() < rooms / 6 ? 1 + (rooms > 2 ? 1 : 0) : 0
      return { query: Math.floor(row / 8), rooms, area: 50 + random.below(5), relevance }
    })
    for (const name of ['holdout.csv', 'train.csv', 'claimed.csv'])
      await stage.write(name, csv(rows))
    await projectOf('regressor', 'label: relevance, query: query', [
      'ndcg@5 >= 0.7',
      'ndcg@5 > baseline(prior)',
      'mrr >= 0.5',
      'map@8 >= 0.99',
    ])
    const run = await stage.run()
    expect(verdicts(run)).toEqual({
      'ndcg@5 >= 0.7': 'pass',
      'ndcg@5 > baseline(prior)': 'pass',
      'mrr >= 0.5': 'pass',
      'map@8 >= 0.99': 'fail',
    })
    expect(run.because).toMatch(/mean average precision@8 is 0\.\d+/)
  })
})
