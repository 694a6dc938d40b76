// Steps that fail, hang or flood, and people who stop a run: nothing is left running, nothing is lost, the next run works.
import { copyFile, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunView } from '../../src/api/contract/views.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import { isAlive } from '../support/eventually.ts'
import {
  answer,
  leftovers,
  lockstep,
  processesOf,
  spawnLockstep,
  until,
} from './lockstep-process.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()
let project: SmallProject
const file = (name: string) => join(project.dir, name)

beforeAll(async () => {
  project = await make()
  await copyFile(file('lockstep.yaml'), file('lockstep.yaml.good'))
  expect((await lockstep(project.dir, 'run')).code).toBe(0)
})

afterEach(async () => {
  expect(await leftovers(project.dir)).toEqual([])
  expect(await stepsRunning()).toEqual([])
  await copyFile(file('lockstep.yaml.good'), file('lockstep.yaml'))
  expect((await lockstep(project.dir, 'run')).code).toBe(0)
})

/** `train` becomes a shell command; the other steps stay in the cache. */
const train = (shell: string, more = '') =>
  project.edit('lockstep.yaml', (text) =>
    text.replace(
      /run: lockstep train .*/,
      `shell: ${JSON.stringify(shell)}${more === '' ? '' : `\n    ${more}`}`,
    ),
  )

/** Processes of the project that carry the name of an attempt in their environment. */
async function stepsRunning(): Promise<number[]> {
  const own = processesOf(project.dir).map(({ pid }) => pid)
  const named = await Promise.all(
    own.map(async (pid) =>
      (await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')).includes(
        'LOCKSTEP_ATTEMPT=',
      ),
    ),
  )
  return own.filter((_, index) => named[index])
}

describe('steps', () => {
  test('one that exits with 3', async () => {
    await train('echo the reason >&2; exit 3')
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([1, 'errored'])
    expect(document.because).toMatch(
      /^step train: .*ended with exit code 3; it said: the reason \(Its work folder was kept: /,
    )
    const log = /its log: (\S+\.log)/.exec(document.because)?.[1] ?? ''
    expect(await readFile(log, 'utf8')).toContain('the reason')
  })

  test('one that hangs past its timeout, with a child of its own', async () => {
    await train('sleep 600 & (trap "" TERM; setsid sleep 600) & sleep 600', 'timeout: 1s')
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([124, 'timed_out'])
    expect(document.because).toMatch(
      /^step train: it ran longer than its timeout of 1\.0 s and was ended/,
    )
  })

  test('one that prints 50 MB: the log is bounded, the run goes on', async () => {
    await train(
      "yes 'a line of noise' | head -c 50000000; lockstep train baseline --data train.parquet --params params.yaml --out model.onnx",
    )
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([0, 'succeeded'])
    const { stdout } = await lockstep(
      project.dir,
      'logs',
      '--run',
      String(document.number),
      '--step',
      'train',
    )
    expect(stdout).toContain('bytes left out')
    expect(stdout.length).toBeLessThan(6_000_000)
    const logs = file('.lockstep/logs/steps')
    for (const name of await readdir(logs).catch(() => []))
      expect((await stat(join(logs, name))).size).toBeLessThan(3_000_000)
  })
})

/** Whoever only looks must not set going again what someone stopped. */
async function lookingChangesNothing(): Promise<void> {
  const { document: before } = await answer<readonly RunView[]>(project.dir, 'runs')
  const { document: after } = await answer<readonly RunView[]>(project.dir, 'runs')
  expect(after.map(({ phase, because }) => [phase, because])).toEqual(
    before.map(({ phase, because }) => [phase, because]),
  )
  expect(await stepsRunning()).toEqual([])
}

describe('Ctrl-C during lockstep run', () => {
  const slow =
    'sleep 1; lockstep train baseline --data train.parquet --params params.yaml --out model.onnx'

  test.each([
    ['before the program has loaded', async () => void (await systemClock.sleep(30)), ''],
    [
      'while its control plane starts',
      async () => void (await until('control', () => processesOf(project.dir).length > 1)),
      '',
    ],
    [
      'in training',
      async () => void (await until('a step', async () => (await stepsRunning()).length > 0)),
      'stopped',
    ],
    [
      'in gating',
      async () =>
        void (await until('a replica', () =>
          processesOf(project.dir).some(({ words }) => words[1]?.endsWith('replica.ts')),
        )),
      'stopped',
    ],
  ])('%s', async (_, moment, says) => {
    await train(`${slow} # ${_}`)
    const run = spawnLockstep(project.dir, 'run')
    await moment()
    const children = processesOf(project.dir).map(({ pid }) => pid)
    run.signalGroup('SIGINT')
    const { code, stderr } = await run.ended
    expect(code).toBe(130)
    expect(stderr).toContain(says)
    expect(stderr).not.toMatch(/bug|at .*\.ts:/)
    await until('their end', () => children.every((pid) => !isAlive(pid)), 3000)
    await lookingChangesNothing()
    const again = await answer<RunView>(project.dir, 'run')
    expect(again.code).toBe(0)
    const runs = await answer<readonly RunView[]>(project.dir, 'runs')
    expect(
      runs.document
        .map((one) => one.phase)
        .filter((phase) => !['succeeded', 'unchanged', 'errored', 'timed_out'].includes(phase)),
    ).toEqual([])
  })
})

describe('kill -9', () => {
  test.each(['the whole process group', 'only the command'])(
    '%s of lockstep run',
    async (which) => {
      await train(
        `sleep 1 # ${which}\nlockstep train baseline --data train.parquet --params params.yaml --out model.onnx`,
      )
      const run = spawnLockstep(project.dir, 'run')
      await until('a step', async () => (await stepsRunning()).length > 0)
      if (which === 'only the command') process.kill(run.pid, 'SIGKILL')
      else
        for (const { pid, words } of processesOf(project.dir))
          if (!words[0]?.includes('sh')) process.kill(pid, 'SIGKILL')
      expect((await run.ended).code).toBe(137)
      expect(await leftovers(project.dir, 8000)).toEqual([])
      const again = await answer<RunView>(project.dir, 'run')
      expect([again.code, again.document.finishedAt !== null]).toEqual([0, true])
      const { document } = await answer<readonly RunView[]>(project.dir, 'runs')
      expect(document.slice(0, 2).map((one) => one.phase)).toEqual(['unchanged', 'succeeded'])
    },
  )
})
