// The local platform against a scripted supervisor and scripted gateways, over the real sockets.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DataFolder, dataFolder, socketNames } from '../../../project/data-folder.ts'
import type { RoutingSnapshot } from '../../../serve/gateway/routing.ts'
import type { DesiredModel, DesiredServing } from '../../environments/desired-serving.ts'
import { deploymentKey, type Platform } from '../platform.ts'
import { serveLocal } from './local-http.ts'
import { createLocalPlatform } from './local-platform.ts'
import type { ChildView, ReplicaSpec, SupervisorView } from './process-spec.ts'

interface ScriptedGateway {
  epoch: number
  answers: boolean
}

let folder: DataFolder
let servers: Server[]
let log: string[]
let replicas: ReplicaSpec[]
let phases: Map<string, ChildView['phase']>
let gateways: ScriptedGateway[]

beforeEach(async () => {
  folder = dataFolder(await mkdtemp(join(tmpdir(), 'lockstep-platform-')))
  await mkdir(folder.sockets, { recursive: true })
  log = []
  replicas = []
  phases = new Map()
  gateways = [
    { epoch: -1, answers: true },
    { epoch: -1, answers: true },
  ]
  servers = [await scriptedSupervisor(), ...(await Promise.all(gateways.map(scriptedGateway)))]
})
afterEach(async () => {
  for (const server of servers) server.close()
  await rm(join(folder.root, '..'), { recursive: true, force: true })
})

function scriptedSupervisor(): Promise<Server> {
  const view = (): SupervisorView => ({
    pid: 1,
    replicas,
    children: [
      ...gateways.map((_, worker) => child('gateway', `gateway-${worker}`, gatewaySocket(worker))),
      ...replicas.map((spec) => child('replica', spec.id, spec.socketPath)),
    ],
  })
  return serveLocal(join(folder.sockets, socketNames.supervisor), async (method, path, body) => {
    if (method === 'PUT' && path === '/replicas') {
      replicas = (body as { replicas: ReplicaSpec[] }).replicas
      log.push(`replicas ${replicas.map((spec) => spec.release).join(' ')}`)
    }
    return { status: 200, body: view() }
  })
}

function scriptedGateway(gateway: ScriptedGateway, worker: number): Promise<Server> {
  return serveLocal(gatewaySocket(worker), async (method, _path, body) => {
    if (!gateway.answers) return { status: 503, body: { error: 'busy' } }
    if (method === 'PUT') {
      const { epoch } = body as RoutingSnapshot
      if (epoch < gateway.epoch) return { status: 409, body: { error: 'older' } }
      gateway.epoch = epoch
      log.push(`gateway ${worker} epoch ${epoch}`)
    }
    return { status: 200, body: { epoch: gateway.epoch } }
  })
}

function child(kind: ChildView['kind'], id: string, socketPath: string): ChildView {
  const phase = phases.get(id) ?? 'ready'
  return {
    id,
    kind,
    phase,
    pid: 7,
    restarts: 0,
    because: phase === 'failed' ? 'exit 1' : null,
    socketPath,
  }
}

const gatewaySocket = (worker: number) => join(folder.sockets, socketNames.gateway(worker))
const ref = (number: number) => ({ releaseId: `rel_${number}`, number })

function desired(changes: Partial<DesiredModel> = {}): DesiredServing {
  const model: DesiredModel = {
    model: 'income',
    salt: 'salt',
    epoch: 1,
    rolloutId: null,
    stable: ref(1),
    candidate: null,
    candidateBp: 0,
    mirrorBp: 0,
    warm: [],
    replicas: 1,
    ...changes,
  }
  return { environments: [{ environment: 'staging', port: 8081, models: [model] }] }
}

function platform(): Platform {
  return createLocalPlatform(folder, async (releaseId) => ({
    modelPath: `/objects/${releaseId}`,
    digest: 'sha256:0',
  }))
}
const snapshot = async () => JSON.parse(await readFile(folder.snapshot, 'utf8')) as RoutingSnapshot
const epochOf = async (one: Platform) =>
  (await one.observe()).epochs.get(deploymentKey('income', 'staging'))

describe('ensure', () => {
  test('starts new replicas, then moves traffic, and only then removes the old ones', async () => {
    const one = platform()
    await one.ensure(desired())
    log.length = 0
    await one.ensure(desired({ stable: ref(2), epoch: 2 }))
    expect(log.map((line) => line.replace(/gateway \d/, 'gateway'))).toEqual([
      'replicas 1 2',
      'gateway epoch 2',
      'gateway epoch 2',
      'replicas 2',
    ])
    expect(await snapshot()).toMatchObject({
      epoch: 2,
      environments: [{ port: 8081, models: [{ stable: { releaseId: 'rel_2', release: '2' } }] }],
    })
  })

  test('what is warm runs without a route; what is routed names its replicas', async () => {
    await platform().ensure(
      desired({
        candidate: ref(2),
        candidateBp: 1000,
        rolloutId: 'r',
        warm: [ref(3)],
        replicas: 2,
      }),
    )
    expect(replicas.map((spec) => spec.release)).toEqual(['1', '1', '2', '2', '3', '3'])
    expect(new Set(replicas.map((spec) => spec.socketPath)).size).toBe(6)
    const [model] = (await snapshot()).environments[0]?.models ?? []
    expect(model).toMatchObject({ candidateBp: 1000, rolloutId: 'r', salt: 'salt' })
    expect(model?.candidate?.replicas.map((one) => one.id)).toEqual(
      replicas.filter((spec) => spec.release === '2').map((spec) => spec.id),
    )
  })

  test('again changes nothing, also from a control plane that has just started', async () => {
    await platform().ensure(desired())
    log.length = 0
    await platform().ensure(desired())
    expect(log).toEqual([])
    expect(await snapshot()).toMatchObject({ epoch: 1 })
  })

  test('a worker that missed the news is told again by the next ensure', async () => {
    const one = platform()
    const [, slow] = gateways
    if (slow) slow.answers = false
    await one.ensure(desired())
    expect(await epochOf(one)).toBeNull()
    if (slow) slow.answers = true
    log.length = 0
    await one.ensure(desired())
    expect(log).toEqual(['gateway 1 epoch 1'])
    expect(await epochOf(one)).toBe(1)
  })

  test('a release that may not serve stops the whole ensure before anything moves', async () => {
    const one = createLocalPlatform(folder, async (id) => {
      throw new Error(`${id} may not serve`)
    })
    await expect(one.ensure(desired())).rejects.toThrow('rel_1 may not serve')
    expect(log).toEqual([])
  })

  test('without a supervisor it says who does not answer', async () => {
    servers[0]?.close()
    await expect(platform().ensure(desired())).rejects.toMatchObject({
      code: 'platform.unreachable',
      kind: 'unavailable',
    })
  })
})

describe('the routing file', () => {
  test.each([
    ['half written', '{"epoch": 5, "environ'],
    ['empty', ''],
    ['of another shape', '{"epoch": "five"}'],
    ['null', 'null'],
  ])('%s: a fresh one is written, newer than what any gateway has applied', async (_, text) => {
    await platform().ensure(desired())
    for (const gateway of gateways) gateway.epoch = 41
    await mkdir(dirname(folder.snapshot), { recursive: true })
    await writeFile(folder.snapshot, text)
    const one = platform()
    await one.ensure(desired())
    expect((await snapshot()).epoch).toBe(42)
    expect(gateways.map((gateway) => gateway.epoch)).toEqual([42, 42])
    expect(await epochOf(one)).toBe(1)
  })

  test('put back from an old backup, it is passed over as well', async () => {
    await platform().ensure(desired())
    for (const gateway of gateways) gateway.epoch = 9
    const one = platform()
    await one.ensure(desired())
    expect((await snapshot()).epoch).toBe(10)
  })
})

describe('observe', () => {
  test('tells of each replica whether it is ready, starting or failed, and why', async () => {
    const one = platform()
    await one.ensure(desired({ candidate: ref(2), rolloutId: 'r', warm: [ref(3)] }))
    const [a, b, c] = replicas.map((spec) => spec.id)
    phases = new Map([
      [a ?? '', 'ready'],
      [b ?? '', 'failed'],
      [c ?? '', 'stopping'],
    ])
    const seen = (await one.observe()).replicas
    expect(seen.map(({ releaseId, phase, because }) => [releaseId, phase, because])).toEqual([
      ['rel_1', 'ready', null],
      ['rel_2', 'failed', 'exit 1'],
      ['rel_3', 'starting', null],
    ])
  })

  test('knows the epoch only when every worker has applied it', async () => {
    const one = platform()
    expect((await one.observe()).epochs.size).toBe(0)
    await one.ensure(desired({ epoch: 5 }))
    expect(await epochOf(one)).toBe(5)
    const [first] = gateways
    if (first) first.epoch = 0
    expect(await epochOf(one)).toBeNull()
    if (first) first.answers = false
    expect(await epochOf(one)).toBeNull()
  })

  test('no gateway at all is no observation', async () => {
    const one = platform()
    await one.ensure(desired())
    gateways = []
    expect(await epochOf(one)).toBeNull()
  })
})
