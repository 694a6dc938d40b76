// The supervisor with small stand-ins for control, gateways and replicas: real processes, real sockets.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, isAlive } from '../../../../test/support/eventually.ts'
import { silentLogger } from '../../../foundation/logger.ts'
import { systemClock } from '../../../foundation/system-clock.ts'
import { type DataFolder, dataFolder, socketNames } from '../../../project/data-folder.ts'
import { callLocal } from './local-http.ts'
import type { ReplicaSpec, SupervisorView } from './process-spec.ts'
import { type Supervisor, type SupervisorOptions, startSupervisor } from './supervisor.ts'

let folder: DataFolder
let running: Supervisor[]
beforeEach(async () => {
  folder = dataFolder(await mkdtemp(join(tmpdir(), 'lockstep-up-')))
  running = []
})
afterEach(async () => {
  await Promise.all(running.map((supervisor) => supervisor.stop()))
  await rm(join(folder.root, '..'), { recursive: true, force: true })
})

const standIn =
  'process.send("ready"); process.on("disconnect", () => process.exit()); setInterval(() => {}, 1000)'
const line = (code: string) => ({ argv: [process.execPath, '-e', code], env: {} })

async function up(changes: Partial<SupervisorOptions> = {}): Promise<Supervisor> {
  const supervisor = await startSupervisor({
    folder,
    pid: process.pid,
    workers: 2,
    clock: systemClock,
    logger: silentLogger,
    launch: {
      control: () => line(standIn),
      gateway: () => line(standIn),
      replica: () => line(standIn),
    },
    ...changes,
  })
  running.push(supervisor)
  return supervisor
}

function replica(id: string): ReplicaSpec {
  return {
    id,
    environment: 'staging',
    model: 'income',
    releaseId: `release-of-${id}`,
    release: '1',
    modelPath: '/model.onnx',
    digest: 'sha256:0',
    socketPath: join(folder.sockets, `${id}.sock`),
  }
}
const socketPath = () => join(folder.sockets, socketNames.supervisor)
const put = async (...ids: string[]) =>
  (
    await callLocal({
      socketPath: socketPath(),
      method: 'PUT',
      path: '/replicas',
      body: { replicas: ids.map(replica) },
      timeoutMs: 10_000,
    })
  ).body as SupervisorView
const pids = (view: SupervisorView) => new Map(view.children.map((one) => [one.id, one.pid]))
const allReady = (supervisor: Supervisor) =>
  eventually(supervisor.view, (view) => view.children.every((one) => one.phase === 'ready'))

test('keeps control and each gateway worker running, and says so on its socket', async () => {
  const supervisor = await up()
  const view = await allReady(supervisor)
  expect(view.children.map((one) => one.id)).toEqual(['gateway-0', 'gateway-1', 'control'])
  const answer = await callLocal({ socketPath: socketPath(), method: 'GET', path: '/processes' })
  expect(answer.body).toEqual(view)
  const control = pids(view).get('control') ?? 0
  process.kill(control, 'SIGKILL')
  const again = await eventually(supervisor.view, (seen) =>
    seen.children.some(
      (one) => one.id === 'control' && one.restarts === 1 && one.phase === 'ready',
    ),
  )
  expect(pids(again).get('control')).not.toBe(control)
  expect(pids(again).get('gateway-0')).toBe(pids(view).get('gateway-0'))
})

test('a new set of replicas starts what is missing, stops what is not in it, and leaves the rest alone', async () => {
  const supervisor = await up()
  await put('a', 'b')
  const before = pids(await allReady(supervisor))
  const view = await put('b', 'c')
  expect(view.replicas.map((one) => one.id)).toEqual(['b', 'c'])
  expect(pids(view).get('b')).toBe(before.get('b'))
  expect(pids(view).has('a')).toBe(false)
  await eventually(
    () => isAlive(before.get('a') ?? 0),
    (alive) => !alive,
  )
  const kept = JSON.parse(await readFile(join(folder.run, 'replicas.json'), 'utf8'))
  expect(kept).toEqual(view.replicas)
})

test('requests that come at the same time end with the last one, and nobody is left over', async () => {
  const supervisor = await up({ workers: 0 })
  await Promise.all([put('a', 'b'), put('b'), put('b', 'c'), put('c', 'd')])
  const ids = supervisor.view().children.map((one) => one.id)
  expect(ids.sort()).toEqual(['c', 'control', 'd'])
})

test('a replica that is wanted again starts only after its predecessor is gone: they share a socket', async () => {
  const slow = `process.on("SIGTERM", () => setTimeout(() => process.exit(), 150)); ${standIn}`
  const supervisor = await up({
    workers: 0,
    launch: {
      control: () => line(standIn),
      gateway: () => line(standIn),
      replica: () => line(slow),
    },
  })
  await put('a')
  const first = pids(await allReady(supervisor)).get('a') ?? 0
  await put()
  expect(isAlive(first)).toBe(true)
  const second = pids(await put('a')).get('a') ?? 0
  expect(isAlive(first)).toBe(false)
  expect(second).not.toBe(first)
})

test('what ran last time runs again before control has said a word', async () => {
  const first = await up()
  await put('a')
  await first.stop()
  running = []
  expect((await up()).view().replicas.map((one) => one.id)).toEqual(['a'])
})

test.each(['{}', 'nonsense', 'null', ''])(
  'a damaged list of replicas (%j) counts as none',
  async (text) => {
    await (await up({ workers: 0 })).stop()
    running = []
    await writeFile(join(folder.run, 'replicas.json'), text)
    expect((await up({ workers: 0 })).view().replicas).toEqual([])
  },
)

test('a second supervisor for the same project is refused, and the first goes on', async () => {
  const first = await up()
  const before = pids(await allReady(first))
  await expect(up()).rejects.toMatchObject({
    code: 'platform.already_running',
    kind: 'conflict',
    message: expect.stringContaining(`(process ${process.pid})`),
  })
  expect(pids(first.view())).toEqual(before)
})

test('the socket of one that was killed is no obstacle', async () => {
  await (await up({ workers: 0 })).stop()
  running = []
  await writeFile(socketPath(), '')
  await expect(up({ workers: 0 })).resolves.toBeDefined()
})

test('stopping ends every child, also one that is just leaving, and the socket is gone', async () => {
  const supervisor = await up()
  await put('a', 'b')
  const all = [...pids(await allReady(supervisor)).values()].map((pid) => pid ?? 0)
  const stopped = put('b').then(() => supervisor.stop())
  await stopped
  expect(all.filter(isAlive)).toEqual([])
  await expect(
    callLocal({ socketPath: socketPath(), method: 'GET', path: '/processes' }),
  ).rejects.toMatchObject({ code: 'platform.unreachable' })
})

test('a question it does not know is answered no, with what was asked', async () => {
  await up({ workers: 0 })
  await expect(
    callLocal({ socketPath: socketPath(), method: 'POST', path: '/nonsense' }),
  ).rejects.toMatchObject({
    code: 'platform.refused',
    message: expect.stringContaining('the supervisor has no POST /nonsense'),
  })
  await expect(
    callLocal({ socketPath: socketPath(), method: 'PUT', path: '/replicas', body: {} }),
  ).rejects.toMatchObject({ code: 'platform.refused' })
})
