// Gates while everything goes wrong: a control plane killed while it judges, a replica that dies or never answers, a model that is an
// attack, a disk that fills while evidence is written. What is said is true, nothing is left behind, and the next run works.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ReleaseView, RunView } from '../../src/api/contract/views.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import {
  answer,
  leftovers,
  lockstep,
  processesOf,
  spawnLockstep,
  until,
} from './lockstep-process.ts'
import { looking, serve } from './served-project.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()

const part = (project: SmallProject, script: string) =>
  processesOf(project.dir).find(({ words }) => words[1]?.endsWith(script))

const beingJudged = (project: SmallProject) =>
  until('a replica that is judged', () => part(project, 'replica.ts'))

test('kill -9 of the control plane while gates are judged: the run goes on, with one release and one evidence', async () => {
  const project = await make()
  const served = await serve(project)
  onTestFinished(() => served.up.signalGroup('SIGTERM'))
  const { id } = await served.as('dana').startRun({ because: 'a test' })
  await looking('gating', async () => (await served.as('dana').run(id)).phase === 'gating')
  await beingJudged(project)
  process.kill(part(project, 'control.ts')?.pid ?? 0, 'SIGKILL')
  const ended = await looking('the end of the run', async () => {
    const seen = await served.as('dana').run(id)
    return seen.finishedAt !== null && seen
  })
  expect([ended.phase, ended.because]).toEqual([
    'succeeded',
    expect.stringMatching(/^every gate held; release 1 /),
  ])
  expect(ended.gates.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass'])
  expect(await served.as('dana').releases()).toHaveLength(1)
  served.up.signalGroup('SIGINT')
  expect((await served.up.ended).code).toBe(0)
  expect(await leftovers(project.dir)).toEqual([])
  expect((await lockstep(project.dir, 'gate', 'verify', '1')).code).toBe(0)
  expect((await lockstep(project.dir, 'audit')).code).toBe(0)
})

describe('the replica that is judged', () => {
  test.each([
    ['dies', 'SIGKILL'],
    ['stops answering', 'SIGSTOP'],
  ] as const)('%s under load: no pass, and the next run has one', async (_, signal) => {
    const project = await make()
    await project.edit('lockstep.yaml', (text) => text.replace('duration: 1s', 'duration: 3s'))
    const running = spawnLockstep(project.dir, 'run', '--json')
    const { pid, words } = await beingJudged(project)
    const { socketPath } = JSON.parse(words[2] ?? '{}') as { socketPath: string }
    await until('its socket', () => existsSync(socketPath))
    // Its holdout is scored by now, and its load lasts for three seconds.
    await systemClock.sleep(600)
    process.kill(pid, signal)
    const { code, stdout } = await running.ended
    const run = JSON.parse(stdout) as RunView
    expect([1, 3]).toContain(code)
    expect(run.phase).toMatch(/^(failed|errored)$/)
    expect(run.release).toBeNull()
    expect(await leftovers(project.dir)).toEqual([])
    const again = await answer<RunView>(project.dir, 'run')
    expect([again.code, again.document.phase]).toEqual([0, 'succeeded'])
  })
})

/** A pickle, whatever its name: loading it would make the file PWNED. */
const pickle = (dir: string) =>
  Buffer.concat([
    Buffer.from('\x80\x02cposix\nsystem\n', 'latin1'),
    Buffer.from(`X`),
    Buffer.from(Uint32Array.of(`touch ${dir}/PWNED`.length).buffer),
    Buffer.from(`touch ${dir}/PWNED\x85R.`, 'latin1'),
  ])

const field = (number: number, bytes: Buffer) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
const number = (at: number, value: number) => Buffer.from([at << 3, value])
const text = (at: number, value: string) => field(at, Buffer.from(value))
const entry = (key: string, value: string) =>
  field(13, Buffer.concat([text(1, key), text(2, value)]))

/** An ONNX model of one multiplication, whose weight lies in a file of the machine. */
function elsewhere(): Buffer {
  const floats = field(2, field(1, Buffer.concat([number(1, 1), field(2, field(1, number(1, 1)))])))
  const weight = Buffer.concat([
    ...[number(1, 1), number(2, 1), text(8, 'W')],
    ...[entry('location', '../../etc/passwd'), entry('length', '4'), number(14, 1)],
  ])
  const node = Buffer.concat([text(1, 'age'), text(1, 'W'), text(2, 'score'), text(4, 'Mul')])
  const graph = Buffer.concat([
    ...[field(1, node), text(2, 'g'), field(5, weight)],
    ...[field(11, Buffer.concat([text(1, 'age'), floats]))],
    ...[field(12, Buffer.concat([text(1, 'score'), floats]))],
  ])
  const graphField = Buffer.concat([
    Buffer.from([(7 << 3) | 2, (graph.length & 127) | 128, graph.length >> 7]),
    graph,
  ])
  return Buffer.concat([number(1, 8), graphField, field(8, number(2, 13))])
}

describe('a model that is an attack', () => {
  test.each([
    ['a pickle called onnx', pickle, /loading the pickle imports posix\.system/],
    [
      'weights outside the folder',
      elsewhere,
      /are read from \.\.\/\.\.\/etc\/passwd: that leads out/,
    ],
  ] as const)(
    '%s is refused with or without a scan, and never loaded',
    async (_, model, sentence) => {
      const project = await make()
      await writeFile(join(project.dir, 'attack.bin'), model(project.dir))
      await project.edit('lockstep.yaml', (yaml) =>
        yaml
          .replace(/run: lockstep train .*/, 'shell: cp attack.bin model.onnx')
          .replace('inputs: [train.parquet]', 'inputs: [train.parquet, attack.bin]'),
      )
      const bare = await answer<RunView>(project.dir, 'run')
      expect([bare.code, bare.document.phase]).toEqual([1, 'errored'])
      expect(bare.document.because).toMatch(
        /^gates .*: the model cannot be served: .* is not a readable ONNX/,
      )
      await project.edit('lockstep.yaml', (yaml) =>
        yaml.replace('gates:\n', 'gates:\n  security: [scan clean]\n'),
      )
      const scanned = await answer<RunView>(project.dir, 'run')
      expect([scanned.code, scanned.document.phase]).toEqual([3, 'failed'])
      expect(scanned.document.because).toMatch(sentence)
      expect(existsSync(join(project.dir, 'PWNED'))).toBe(false)
      expect((await answer<ReleaseView[]>(project.dir, 'releases')).document).toEqual([])
      expect(await leftovers(project.dir)).toEqual([])
    },
  )
})

describe.skipIf(!canMount())('a disk (needs the right to mount)', () => {
  test('that fills while gates are judged: said so, and with space again everything is there', async () => {
    const project = await make()
    const disk = join(project.dir, '.lockstep')
    await mkdir(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk])
    try {
      const running = spawnLockstep(project.dir, 'run')
      await beingJudged(project)
      execFileSync('sh', ['-c', `cat /dev/zero > ${disk}/ballast || true`], { stdio: 'ignore' })
      const { code, stderr, stdout } = await running.ended
      expect(code).toBe(1)
      expect(stderr + stdout).toMatch(/disk is full|no space left/i)
      expect(stderr).not.toMatch(/bug|at .*\.ts:/)
      expect(await leftovers(project.dir)).toEqual([])
      await rm(join(disk, 'ballast'))
      expect((await lockstep(project.dir, 'run')).code).toBe(0)
      expect((await answer<ReleaseView[]>(project.dir, 'releases')).document).toHaveLength(1)
      expect((await lockstep(project.dir, 'gate', 'verify', '1')).code).toBe(0)
      expect((await lockstep(project.dir, 'audit')).code).toBe(0)
    } finally {
      execFileSync('umount', [disk])
    }
  })
})

/** Root in a container often may not. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    })
    return process.getuid?.() === 0
  } catch {
    return false
  }
}
