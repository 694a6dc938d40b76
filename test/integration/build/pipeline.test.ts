import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { rm, symlink, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planPipeline } from '../../../src/build/pipeline/plan.ts'
import type { StepSpec } from '../../../src/project/step-spec.ts'
import { openWorkshop, resultOf, shellStep, verdicts, type Workshop } from './workshop.ts'

let shop: Workshop

beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

const clean = shellStep('clean', 'sort data/raw.csv > data/clean.csv', {
  inputs: ['data/raw.csv'],
  outputs: ['data/clean.csv'],
})
const train = shellStep(
  'train',
  'mkdir -p model && cat params.yaml data/clean.csv > model/weights',
  {
    inputs: ['data/clean.csv'],
    params: [{ file: 'params.yaml', key: 'train.C' }],
    outputs: ['model'],
  },
)
const report = shellStep('report', 'wc -l < data/clean.csv > report.txt', {
  inputs: ['data'],
  outputs: ['report.txt'],
})
const steps = [report, train, clean]
const params = (C: number) => new Map([['params.yaml', { train: { C }, other: 'x' }]])

async function textOf(result: { digest: string }): Promise<string> {
  return (await shop.store.read(result.digest as `sha256:${string}`)).toString()
}

describe('a pipeline', () => {
  beforeEach(() => shop.write('data/raw.csv', 'b\na\n'))

  it('runs each step once, then nothing, and says so', async () => {
    const first = await shop.run(steps, { params: params(1) })
    expect(verdicts(first)).toEqual(['clean:ran', 'report:ran', 'train:ran'])
    expect(first).toMatchObject({ outcome: 'succeeded', unchanged: false, divergences: [] })
    const [output] = resultOf(first, 'clean').outputs
    expect(output).toMatchObject({ path: 'data/clean.csv', kind: 'file', size: 4 })
    expect(await textOf(output ?? { digest: '' })).toBe('a\nb\n')
    expect(readdirSync(`${shop.dir}/.lockstep/work`)).toEqual([])
    expect(existsSync(`${shop.dir}/data/clean.csv`)).toBe(false)

    const second = await shop.run([clean, train, report], { params: params(1) })
    expect(verdicts(second)).toEqual(['clean:hit', 'train:hit', 'report:hit'])
    expect(second).toMatchObject({ outcome: 'succeeded', unchanged: true })
    expect(resultOf(second, 'train').because).toMatch(/^nothing changed since 20/)
    expect(resultOf(second, 'train').outputs).toEqual(resultOf(first, 'train').outputs)
  })

  it('runs again only what a changed parameter reaches, and says why', async () => {
    await shop.run(steps, { params: params(1) })
    const plan = await planPipeline({ ...shop.request(steps), params: params(0.5) })
    expect(plan.map((step) => `${step.name}:${step.decision}`)).toEqual([
      'clean:hit',
      'report:hit',
      'train:run',
    ])
    const again = await shop.run(steps, { params: params(0.5) })
    expect(verdicts(again)).toEqual(['clean:hit', 'report:hit', 'train:ran'])
    expect(resultOf(again, 'train').because).toBe('parameter train.C changed from 1 to 0.5')
    const undeclared = new Map([['params.yaml', { train: { C: 0.5 }, other: 'changed' }]])
    expect((await shop.run(steps, { params: undeclared })).unchanged).toBe(true)
  })

  it('stops at a step whose result did not change, and names the changed file', async () => {
    await shop.run(steps, { params: params(1) })
    await shop.write('data/raw.csv', 'a\nb\n')
    const request = { ...shop.request(steps), params: params(1) }
    expect((await planPipeline(request)).map((step) => step.decision)).toEqual([
      'run',
      'waits_for',
      'waits_for',
    ])
    const again = await shop.run(steps, { params: params(1) })
    expect(verdicts(again)).toEqual(['clean:ran', 'report:ran', 'train:hit'])
    expect(resultOf(again, 'clean').because).toMatch(/^input data\/raw\.csv changed/)
    expect(resultOf(again, 'report').because).toBe('input data/raw.csv changed')
  })

  it('shows a step its declared inputs and parameters, and nothing else', async () => {
    await shop.write('secret.txt', 'x')
    const spy = shellStep(
      'spy',
      'touch files.txt; find . -type f | sort > files.txt; cat params.yaml >> files.txt; env | sort >> files.txt',
      {
        inputs: ['data/*.csv'],
        params: [{ file: 'params.yaml', key: 'train.C' }],
        outputs: ['files.txt'],
        environment: { MODE: 'fast' },
        seed: 7,
      },
    )
    const [output] = resultOf(await shop.run([spy], { params: params(1) }), 'spy').outputs
    const text = await textOf(output ?? { digest: '' })
    expect(text).toContain(
      './data/raw.csv\n./files.txt\n./params.yaml\n{\n  "train": {\n    "C": 1',
    )
    expect(text.match(/^[A-Z_]+(?==)/gm)).toEqual([
      ...['HOME', 'LANG', 'LOCKSTEP_ATTEMPT', 'LOCKSTEP_SEED', 'LOCKSTEP_STEP', 'MODE'],
      ...['PATH', 'PWD', 'TZ'],
    ])
  })

  it('runs independent steps at the same time', async () => {
    // Each waits for the other's sign in a shared place: alone, neither would ever end.
    const meet = (own: string, other: string) =>
      shellStep(
        own,
        `touch ${shop.dir}/${own}; until [ -e ${shop.dir}/${other} ]; do sleep 0.02; done; echo ${own} > ${own}.out`,
        {
          outputs: [`${own}.out`],
        },
      )
    const result = await shop.run([meet('left', 'right'), meet('right', 'left')], {
      parallelism: 2,
    })
    expect(verdicts(result)).toEqual(['left:ran', 'right:ran'])
    const order = shop.events
      .map((event) => event.type)
      .filter((type) => /started|finished/.test(type))
    expect(order).toEqual(['step_started', 'step_started', 'step_finished', 'step_finished'])
  })

  it('runs no more steps at once than it may', async () => {
    const three = ['a', 'b', 'c'].map((name) => shellStep(name, 'echo x > f', { outputs: [] }))
    await shop.run(three, { parallelism: 1 })
    const order = shop.events
      .map((event) => event.type)
      .filter((type) => /started|finished/.test(type))
    expect(order.filter((_, index) => index % 2 === 0)).toEqual(Array(3).fill('step_started'))
  })

  it('selects, forces, and reports a result that differs without a reason', async () => {
    const dice = shellStep('dice', 'date +%N > n.txt', { outputs: ['n.txt'] })
    const reader = shellStep('reader', 'cat n.txt > m.txt', {
      inputs: ['n.txt'],
      outputs: ['m.txt'],
    })
    const first = await shop.run([dice, reader])
    const again = await shop.run([dice, reader], { only: ['reader'], force: ['dice'] })
    expect(verdicts(again)).toEqual(['dice:ran', 'reader:hit'])
    expect(again.divergences).toMatchObject([
      { step: 'dice', because: expect.stringContaining('n.txt') },
    ])
    expect(resultOf(again, 'dice').outputs).toEqual(resultOf(first, 'dice').outputs)
  })

  it('runs a step again whose result is damaged, once the damage is found', async () => {
    const first = await shop.run(steps, { params: params(1) })
    const path = shop.store.pathOf(resultOf(first, 'clean').outputs[0]?.digest ?? 'sha256:')
    chmodSync(path, 0o644)
    await writeFile(path, 'x\ny\n')
    await expect(shop.run(steps, { params: params(2) })).rejects.toMatchObject({
      code: 'build.object_corrupt',
    })
    const healed = await shop.run(steps, { params: params(2) })
    expect(verdicts(healed)).toEqual(['clean:ran', 'report:hit', 'train:ran'])
    expect(resultOf(healed, 'clean').because).toContain('no longer complete')
  })
})

describe('a step that goes wrong', () => {
  const next = shellStep('next', 'cat out > final', { inputs: ['out'], outputs: ['final'] })
  const run = async (step: StepSpec) => {
    const other = shellStep('other', 'echo fine > other.txt', { outputs: ['other.txt'] })
    const result = await shop.run([step, next, other])
    return { result, bad: resultOf(result, step.name) }
  }

  it('with an exit code blocks what reads from it; the others go on; its folder and log stay', async () => {
    const bad = shellStep('bad', 'echo half > out; echo what went wrong >&2; exit 3', {
      outputs: ['out'],
    })
    const { result, bad: step } = await run(bad)
    expect(verdicts(result)).toEqual(['bad:failed', 'other:ran', 'next:blocked'])
    expect(result.outcome).toBe('failed')
    expect(step).toMatchObject({ exitCode: 3, attempts: 1, outputs: [] })
    expect(step.because).toContain('ended with exit code 3')
    expect(readFileSync(step.logPath ?? '', 'utf8')).toBe('what went wrong\n')
    const [kept = ''] = step.hint?.match(/\/\S+work\/attempt_\w+/) ?? []
    expect(readFileSync(`${kept}/out`, 'utf8')).toBe('half\n')
    expect(resultOf(result, 'next').because).toBe('step bad, which it reads from, failed')
    expect(verdicts(await shop.run([bad, next]))).toEqual(['bad:failed', 'next:blocked'])
  })

  it('is tried again as often as declared, and only its last folder stays', async () => {
    const flaky = shellStep(
      'flaky',
      `echo . >> ${shop.dir}/tries; [ $(wc -l < ${shop.dir}/tries) -eq 3 ] && echo ok > out`,
      { outputs: ['out'], retries: 2 },
    )
    const { bad: step } = await run(flaky)
    expect(step).toMatchObject({ verdict: 'ran', attempts: 3 })
    expect(readdirSync(`${shop.dir}/.lockstep/work`)).toEqual([])
  })

  it('by not writing its output fails with what it wrote instead', async () => {
    const { bad: step } = await run(
      shellStep('bad', 'echo x > oot', { outputs: ['out'], retries: 3 }),
    )
    expect(step).toMatchObject({ verdict: 'failed', exitCode: 0, attempts: 1 })
    expect(step.because).toBe(
      'step bad ended well but did not write its output out; did you mean oot? (new files: oot)',
    )
  })

  it('by writing a link to somewhere else is refused', async () => {
    const file = await run(shellStep('file', 'ln -s /etc/passwd out', { outputs: ['out'] }))
    expect(file.bad.because).toMatch(/symbolic link/)
    const folder = shellStep('folder', 'ln -s /etc away', { outputs: ['away/passwd'] })
    const away = await shop.run([{ ...folder, command: { shell: 'rmdir away; ln -s /etc away' } }])
    expect(resultOf(away, 'folder')).toMatchObject({
      verdict: 'failed',
      because: expect.stringMatching(/symbolic link/),
    })
    expect(shop.actions.records.map((record) => record.step)).toEqual(['other'])
  })

  it('by naming a command that does not exist says which and asks whether it is installed', async () => {
    const { bad: step } = await run({
      ...shellStep('bad', '', { outputs: ['out'], retries: 5 }),
      command: { argv: ['no-such-program', 'x'] },
    })
    expect(step).toMatchObject({ verdict: 'failed', attempts: 1 })
    expect(step.because).toBe(
      'step bad: the command no-such-program was not found; is it installed?',
    )
  })
})

describe('before anything runs', () => {
  it('every missing input and parameter is named, with the nearest name there is', async () => {
    await shop.write('data/raw.csv', 'x')
    const one = shellStep('one', 'true', { inputs: ['data/row.csv', 'data/raw.csv', '*.txt'] })
    const two = shellStep('two', 'true', { params: [{ file: 'params.yaml', key: 'a' }] })
    await expect(shop.run([one, two])).rejects.toThrow(
      /3 problems:\n.*no file params\.yaml\n.*did you mean data\/raw\.csv\?\n.*\*\.txt matches no file/,
    )
    expect(shop.events).toEqual([])
  })

  it('links in the inputs are refused, also on the way to them', async () => {
    await symlink('/etc', `${shop.dir}/etc`)
    for (const input of ['etc', 'etc/passwd', 'etc/*']) {
      await expect(shop.run([shellStep('s', 'true', { inputs: [input] })])).rejects.toMatchObject({
        code: 'build.link_refused',
      })
    }
  })

  it('a folder that cannot be written is one clear error', async () => {
    await rm(`${shop.dir}/.lockstep/work`, { recursive: true, force: true })
    await writeFile(`${shop.dir}/.lockstep/work`, '')
    await expect(shop.run([shellStep('s', 'true')])).rejects.toMatchObject({
      code: 'build.store_unwritable',
      kind: 'unavailable',
    })
  })

  it('an input that changes after the run began is not used under its old digest', async () => {
    await shop.write('late.txt', 'before')
    const slow = shellStep('slow', `echo changed > ${shop.dir}/late.txt; echo x > out`, {
      outputs: ['out'],
    })
    const reader = shellStep('reader', 'cat late.txt', { inputs: ['out', 'late.txt'] })
    await expect(shop.run([slow, reader])).rejects.toMatchObject({ code: 'step.input_changed' })
    expect(statSync(`${shop.dir}/late.txt`).size).toBe(8)
  })
})
