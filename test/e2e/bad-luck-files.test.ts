// Files that are missing, damaged or wrong: one sentence, the right exit code, and the next good run works.
import { copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunView } from '../../src/api/contract/views.ts'
import { answer, leftovers, lockstep } from './lockstep-process.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()
let project: SmallProject
let survey: string
const good = (name: string) => `${join(project.dir, name)}.good`

beforeAll(async () => {
  project = await make()
  survey = join(project.dir, 'data/survey/1994.parquet')
  await copyFile(join(project.dir, 'lockstep.yaml'), good('lockstep.yaml'))
  await copyFile(survey, good('survey'))
  expect((await lockstep(project.dir, 'run')).code).toBe(0)
})

afterEach(async () => {
  expect(await leftovers(project.dir)).toEqual([])
  await copyFile(good('survey'), survey)
  await copyFile(good('lockstep.yaml'), join(project.dir, 'lockstep.yaml'))
  const { code, document } = await answer<RunView>(project.dir, 'run')
  expect([code, document.phase]).toEqual([0, 'unchanged'])
})

describe('data', () => {
  test('a dataset whose files are gone', async () => {
    await rm(survey)
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([1, 'errored'])
    expect(document.because).toMatch(
      /dataset survey has no files: nothing is at data\/survey \(put the data there/,
    )
  })

  test('a Parquet file cut short', async () => {
    await truncate(survey, 20_000)
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([1, 'errored'])
    expect(document.because).toMatch(
      /1994\.parquet cannot be read: its end is missing.*write the file again/,
    )
  })

  test('a CSV under the name of a Parquet file', async () => {
    await writeFile(survey, `person_id,age\n${'1,30\n'.repeat(100)}`)
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([1, 'errored'])
    expect(document.because).toMatch(/1994\.parquet cannot be read.*Parquet/)
  })
})

describe('models', () => {
  const train = (shell: string) =>
    project.edit('lockstep.yaml', (text) =>
      text.replace(/run: lockstep train .*/, `shell: ${JSON.stringify(shell)}`),
    )

  test('a text file under the name of a model', async () => {
    await train('echo hello > model.onnx')
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([1, 'errored'])
    expect(document.because).toMatch(
      /the model cannot be served: .*not a readable ONNX model.*model\.artifact/s,
    )
  })

  test('a model cut short', async () => {
    const whole =
      'lockstep train baseline --data train.parquet --params params.yaml --out whole.onnx'
    await train(`${whole} && head -c 1500 whole.onnx > model.onnx`)
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([1, 'errored'])
    expect(document.because).toMatch(/the model cannot be served: .*not a readable ONNX model/s)
  })

  test('a model that wants columns the holdout has not', async () => {
    await project.edit('lockstep.yaml', (text) =>
      text.replace(
        '--out holdout.parquet',
        '--columns age,sex,income_over_50k --out holdout.parquet',
      ),
    )
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([1, 'errored'])
    expect(document.because).toMatch(
      /the holdout holdout\.parquet has no column 'education', which the model names; it has age, sex, income_over_50k/,
    )
  })
})

describe('lockstep.yaml', () => {
  test('every mistake in its shape is reported at once, with its line', async () => {
    await project.edit('lockstep.yaml', (text) =>
      text
        .replace('delivery: automatic', 'delivery: automatik')
        .replace('inputs: [data/survey]', 'input: [data/survey]'),
    )
    for (const verb of ['run', 'up']) {
      const { code, stderr } = await lockstep(project.dir, verb)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^error: 2 problems in lockstep\.yaml; nothing was started/)
      expect(stderr).toMatch(/lockstep\.yaml:11:5: .*unknown key 'input'.*did you mean 'inputs'\?/s)
      expect(stderr).toMatch(
        /lockstep\.yaml:\d+:\d+: environments\.staging\.delivery.*did you mean 'automatic'\?/s,
      )
    }
  })

  test('a check nobody can read is refused before anything runs', async () => {
    await project.edit('lockstep.yaml', (text) =>
      text
        .replace('roc_auc >= 0.80', 'roc_aux >= 0.80, rows >= 3')
        .replace('age between 0 and 90', 'roc_auc >= 0.5')
        .replace('readiness:', 'fairness: [{gap(tpr) <= 0.1: {by: sexx}}]\n  readiness:'),
    )
    for (const verb of ['run', 'up', 'status']) {
      const { code, stderr } = await lockstep(project.dir, verb)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^error: 4 problems in lockstep\.yaml; nothing was started/)
      expect(stderr).toMatch(
        /lockstep\.yaml:\d+:\d+: gates\.quality: "roc_aux" is not a metric.*\^{7}\n.*Did you mean roc_auc\?/s,
      )
      expect(stderr).toMatch(
        /gates\.quality: "rows >= 3" is a check of data.*put it under the checks of a dataset/s,
      )
      expect(stderr).toMatch(
        /data\.survey\.checks: "roc_auc >= 0\.5" is a check of a model.*put it under gates/s,
      )
      expect(stderr).toMatch(
        /gates\.fairness: sexx is not among evaluate\.groups \(sex\).*did you mean sex\?/s,
      )
    }
  })

  test('a broken file breaks nothing that was there', async () => {
    const before = await answer<readonly RunView[]>(project.dir, 'runs')
    await writeFile(join(project.dir, 'lockstep.yaml'), 'version: 1\n  pipeline: [')
    const { code, stdout, stderr } = await lockstep(project.dir, 'run', '--json')
    expect(code).toBe(2)
    expect(stderr).toMatch(/lockstep\.yaml:\d+:\d+: /)
    expect(JSON.parse(stdout)).toMatchObject({ code: 'project.invalid', status: 400 })
    await copyFile(good('lockstep.yaml'), join(project.dir, 'lockstep.yaml'))
    expect(await answer<readonly RunView[]>(project.dir, 'runs')).toEqual(before)
    expect(await readFile(survey)).toEqual(await readFile(good('survey')))
  })
})
