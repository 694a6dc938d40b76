// One supervised process, with real children and a clock of our own: every pause lasts exactly as long as the test says.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, isAlive } from '../../../../test/support/eventually.ts'
import { TestClock } from '../../../../test/support/test-clock.ts'
import { silentLogger } from '../../../foundation/logger.ts'
import { type Child, superviseChild } from './child.ts'

let folder: string
let clock: TestClock
let started: Child[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-child-'))
  clock = new TestClock()
  started = []
})
afterEach(async () => {
  await Promise.all(started.map((child) => child.stop(0)))
  await rm(folder, { recursive: true, force: true })
})

const serving =
  'process.send("ready"); process.on("disconnect", () => process.exit()); setInterval(() => {}, 1000)'
const stubborn = `process.on("SIGTERM", () => {}); ${serving}`

function supervise(argv: readonly string[]): Child {
  const child = superviseChild(
    {
      id: 'worker',
      kind: 'replica',
      argv,
      env: {},
      cwd: folder,
      logFile: join(folder, 'worker.log'),
      socketPath: null,
    },
    { clock, logger: silentLogger },
  )
  started.push(child)
  return child
}
const script = (code: string) => supervise([process.execPath, '-e', code])
const phaseOf = (child: Child, phase: string) =>
  eventually(
    () => child.view(),
    (view) => view.phase === phase,
  )
const restartsOf = (child: Child, restarts: number) =>
  eventually(
    () => child.view(),
    (view) => view.restarts === restarts && view.pid === null,
  )

test('is starting until it says it is ready', async () => {
  const child = script(serving)
  expect(child.view()).toMatchObject({ phase: 'starting', restarts: 0, because: null })
  expect((await phaseOf(child, 'ready')).pid).toBeGreaterThan(0)
})

test('one that ends is started again after a pause that grows, and shows as failed from the fourth time on', async () => {
  const child = script('console.log("hello"); process.exit(3)')
  const pauses = [50, 200, 500, 1000, 2000, 5000]
  for (const [index, pause] of pauses.entries()) {
    const view = await restartsOf(child, index + 1)
    expect(view.because).toBe('ended with exit code 3')
    expect(view.phase).toBe(index < 3 ? 'starting' : 'failed')
    clock.advance(pause - 1)
    expect(child.view().pid).toBeNull()
    clock.advance(1)
  }
  await restartsOf(child, pauses.length + 1)
  expect(await readFile(join(folder, 'worker.log'), 'utf8')).toBe('hello\n'.repeat(7))
})

test('one that lived for ten seconds starts again with the shortest pause, however often', async () => {
  const child = script(serving)
  for (let life = 1; life <= 6; life++) {
    const { pid } = await phaseOf(child, 'ready')
    clock.advance('10s')
    process.kill(pid ?? 0, 'SIGKILL')
    expect(await restartsOf(child, life)).toMatchObject({
      phase: 'starting',
      because: 'ended by SIGKILL',
    })
    clock.advance(50)
  }
})

test('a command that does not exist is told as such, and tried again', async () => {
  const child = supervise([join(folder, 'none')])
  const view = await restartsOf(child, 1)
  expect(view.because).toMatch(/^could not start: .*ENOENT/)
  clock.advance(50)
  await restartsOf(child, 2)
})

test('stopping asks politely and starts it no more', async () => {
  const child = script(serving)
  const { pid } = await phaseOf(child, 'ready')
  await child.stop(60_000)
  expect(isAlive(pid ?? 0)).toBe(false)
  clock.advance('1h')
  expect(child.view()).toMatchObject({ phase: 'stopping', pid: null, restarts: 0 })
})

test('one that does not listen is killed when the grace is over', async () => {
  const child = script(stubborn)
  const { pid } = await phaseOf(child, 'ready')
  const stopped = child.stop(6000)
  clock.advance(5999)
  await new Promise((resolve) => setImmediate(resolve))
  expect(isAlive(pid ?? 0)).toBe(true)
  clock.advance(1)
  await stopped
  expect(isAlive(pid ?? 0)).toBe(false)
})

test('stopping between two lives is at once', async () => {
  const child = script('process.exit(1)')
  await restartsOf(child, 1)
  await child.stop(60_000)
  clock.advance('1h')
  expect(child.view()).toMatchObject({ pid: null, phase: 'stopping' })
})
