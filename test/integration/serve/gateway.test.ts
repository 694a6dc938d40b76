// Requests through a gateway and real replicas: what clients see, and what control gets to know.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/foundation/logger.ts'
import { addBody, freePort, inferPath, Stage, snapshotOf, tensor } from './stage.ts'

let stage: Stage
let port: number
beforeEach(async () => {
  stage = await Stage.open()
  port = await freePort()
})
afterEach(() => stage.close())

describe('a model that serves release 1', () => {
  it('answers over the Open Inference Protocol', async () => {
    const stable = await stage.replica('adder', '1')
    const { admin } = await stage.gateway()
    const applied = await stage.route(admin, 1, port, { stable })
    expect(applied).toMatchObject({ status: 200 })
    expect(JSON.parse(applied.text)).toMatchObject({ epoch: 1, portsMissing: [] })

    const answered = await stage.ask({ port }, { path: inferPath, body: addBody(0.1, 0.2) })
    expect(answered.status).toBe(200)
    expect(answered.headers).toMatchObject({
      'x-lockstep-release': '1',
      'content-type': 'application/json',
    })
    expect(JSON.parse(answered.text)).toEqual({
      model_name: 'm',
      model_version: '1',
      id: answered.headers['x-lockstep-prediction-id'],
      outputs: [{ name: 'sum', datatype: 'FP32', shape: [1, 1], data: [0.3] }],
    })
    for (const path of ['/v2', '/v2/health/live', '/v2/health/ready', '/v2/models/m/ready']) {
      expect([path, (await stage.ask({ port }, { path })).status]).toEqual([path, 200])
    }
    const metadata = await stage.ask({ port }, { path: '/v2/models/m' })
    expect(JSON.parse(metadata.text)).toMatchObject({ name: 'm', versions: ['1'] })
    const pinned = { path: '/v2/models/m/versions/1/infer', body: addBody(1, 1) }
    expect((await stage.ask({ port }, pinned)).status).toBe(200)
  })

  it('says exactly what is wrong with a request', async () => {
    const stable = await stage.replica('adder', '1')
    const { admin } = await stage.gateway({ maxBodyBytes: 10_000 })
    await stage.route(admin, 1, port, { stable })
    const infer = async (body: string | Buffer, headers: Record<string, string> = {}) => {
      const answered = await stage.ask({ port }, { path: inferPath, body, headers })
      return [answered.status, (JSON.parse(answered.text) as { error: string }).error]
    }
    expect(await infer('{"inputs"')).toEqual([400, expect.stringContaining('not JSON')])
    expect(await infer(Buffer.from([0x7b, 0xff, 0x7d]))).toEqual([
      400,
      'the body is not valid UTF-8 text',
    ])
    expect(await infer('{"inputs":[]}')).toEqual([
      400,
      'input "a" is missing; the model needs a, b',
    ])
    const wrongType = JSON.stringify({
      inputs: [tensor('a', 'FP64', [1]), tensor('b', 'FP32', [1])],
    })
    expect(await infer(wrongType)).toEqual([400, 'input "a" must have datatype FP32, got "FP64"'])
    expect(await infer('x'.repeat(20_000))).toEqual([
      413,
      expect.stringContaining('larger than 10000'),
    ])
    expect(await infer(addBody(1, 2), { 'content-encoding': 'gzip' })).toEqual([
      415,
      expect.stringContaining('gzip'),
    ])
    expect(await infer(addBody(1, 2), { 'inference-header-content-length': '9' })).toEqual([
      400,
      expect.stringContaining('binary tensor data is not supported yet'),
    ])
    const paths: [string, string, number][] = [
      ['GET', inferPath, 405],
      ['POST', '/v2/models/other/infer', 404],
      ['POST', '/v2/models/m/versions/9/infer', 404],
      ['GET', '/v1/models', 404],
    ]
    for (const [method, path, status] of paths) {
      const body = method === 'POST' ? addBody(1, 2) : undefined
      const answered = await stage.ask({ port }, { method, path, ...(body ? { body } : {}) })
      expect([path, answered.status]).toEqual([path, status])
      expect(JSON.parse(answered.text)).toEqual({ error: expect.any(String) })
    }
  })

  it('answers 500 to the one request the model raises on, and 200 to its neighbours', async () => {
    const stable = await stage.replica('picky', '1')
    const { admin, gateway } = await stage.gateway()
    await stage.route(admin, 1, port, { stable })
    const pick = (index: number) => JSON.stringify({ inputs: [tensor('index', 'INT64', [index])] })
    const indices = Array.from({ length: 60 }, (_, at) => (at === 30 ? 99 : at % 4))
    const statuses = await Promise.all(
      indices.map(
        async (index) => (await stage.ask({ port }, { path: inferPath, body: pick(index) })).status,
      ),
    )
    expect(statuses.filter((status) => status === 500)).toHaveLength(1)
    expect(statuses[30]).toBe(500)
    await gateway.stop()
    const [count] = await stage.evidence()
    expect(count).toMatchObject({ arm: 'stable', releaseId: 'rel_1' })
    expect((await stage.evidence()).reduce((sum, { errors }) => sum + errors, 0)).toBe(1)
    expect((await stage.evidence()).some(({ firstErrorAt }) => firstErrorAt !== null)).toBe(true)
  })
})

describe('a rollout of release 2', () => {
  it('splits by key, the same way every time, and counts each arm', async () => {
    const [stable, candidate] = await Promise.all([
      stage.replica('adder', '1'),
      stage.replica('adder-plus-ten', '2'),
    ])
    const { admin, gateway } = await stage.gateway()
    const rollout = { rolloutId: 'rlt_1', stable, candidate, candidateBp: 3000 }
    await stage.route(admin, 1, port, rollout)
    const releaseFor = async (key: string) => {
      const headers = { 'x-lockstep-key': key }
      const answered = await stage.ask({ port }, { path: inferPath, body: addBody(1, 2), headers })
      const sum = (JSON.parse(answered.text) as { outputs: { data: number[] }[] }).outputs[0]?.data
      const release = answered.headers['x-lockstep-release']
      expect(sum).toEqual([release === '2' ? 13 : 3])
      return release
    }
    const keys = Array.from({ length: 200 }, (_, at) => `customer-${at}`)
    const first = await Promise.all(keys.map(releaseFor))
    expect(await Promise.all(keys.map(releaseFor))).toEqual(first)
    const toCandidate = first.filter((release) => release === '2').length
    expect(toCandidate).toBeGreaterThan(30)
    expect(toCandidate).toBeLessThan(95)
    await gateway.stop()
    const seen = { stable: 0, candidate: 0 }
    for (const { arm, requests, rolloutId, candidateBp } of await stage.evidence()) {
      expect({ rolloutId, candidateBp }).toEqual({ rolloutId: 'rlt_1', candidateBp: 3000 })
      if (arm === 'stable' || arm === 'candidate') seen[arm] += requests
    }
    expect(seen).toEqual({ stable: 400 - 2 * toCandidate, candidate: 2 * toCandidate })
  })

  it('mirrors to the candidate without the client noticing', async () => {
    const [stable, candidate] = await Promise.all([
      stage.replica('adder', '1'),
      stage.replica('adder-plus-ten', '2'),
    ])
    const { admin, gateway } = await stage.gateway()
    await stage.route(admin, 1, port, { rolloutId: 'rlt_1', stable, candidate, mirrorBp: 10_000 })
    for (let round = 0; round < 20; round++) {
      const answered = await stage.ask({ port }, { path: inferPath, body: addBody(1, 2) })
      expect(answered.headers['x-lockstep-release']).toBe('1')
    }
    await gateway.stop()
    const mirrored = (await stage.evidence()).filter(({ arm }) => arm === 'mirror')
    expect(mirrored.reduce((sum, { requests }) => sum + requests, 0)).toBe(20)
  })

  it('refuses older routing and nonsense', async () => {
    const stable = await stage.replica('adder', '1')
    const { admin } = await stage.gateway()
    await stage.route(admin, 5, port, { stable })
    const stale = await stage.route(admin, 4, port, {})
    expect([stale.status, stale.text]).toEqual([409, expect.stringContaining('older than 5')])
    const wrong = await stage.route(admin, 6, port, { stable, candidateBp: 500 })
    expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('no candidate')])
    const status = await stage.ask(admin, { path: '/routing' })
    expect(JSON.parse(status.text)).toMatchObject({
      epoch: 5,
      workerId: 'w1',
      ports: [{ port, bound: true }],
      replicas: [{ id: 'r1', connected: true }],
    })
  })
})

describe('a gateway without a control plane', () => {
  it('serves from the routing file after a restart', async () => {
    const stable = await stage.replica('adder', '1')
    await writeFile(
      join(stage.folder, 'routing.json'),
      JSON.stringify(snapshotOf(7, port, { stable })),
    )
    const { gateway } = await stage.gateway()
    expect(gateway.status().epoch).toBe(7)
    const ask = () => stage.ask({ port }, { path: inferPath, body: addBody(1, 2) })
    expect((await ask()).status).toBe(200)
    await gateway.stop()
    await stage.gateway()
    expect((await ask()).status).toBe(200)
  })

  it('starts with a corrupt routing file, says so once, and waits for control', async () => {
    await writeFile(join(stage.folder, 'routing.json'), '{"epoch": 7, "environ')
    const errors: string[] = []
    const logger = { ...silentLogger, error: (message: string) => errors.push(message) }
    const { gateway, admin } = await stage.gateway({}, logger)
    expect(errors).toEqual(['routing file is not used; waiting for control'])
    expect(gateway.status()).toMatchObject({ epoch: -1, ports: [] })
    const stable = await stage.replica('adder', '1')
    await stage.route(admin, 1, port, { stable })
    expect((await stage.ask({ port }, { path: '/v2/health/ready' })).status).toBe(200)
  })

  it('says 503 with Retry-After when no replica is there, and is not ready', async () => {
    const { admin } = await stage.gateway({ deadlineMs: 100 })
    const stable = {
      releaseId: 'rel_1',
      release: '1',
      replicas: [{ id: 'r1', socketPath: join(stage.folder, 'nobody.sock') }],
    }
    await stage.route(admin, 1, port, { stable })
    const answered = await stage.ask({ port }, { path: inferPath, body: addBody(1, 2) })
    expect([answered.status, answered.text]).toEqual([
      503,
      '{"error":"release 1 has no replica that is up"}',
    ])
    expect(answered.headers['retry-after']).toBe('1')
    expect((await stage.ask({ port }, { path: '/v2/health/ready' })).status).toBe(503)
  })

  it('keeps counting while the spool cannot be written, and writes it all later', async () => {
    const stable = await stage.replica('adder', '1')
    const blocked = join(stage.folder, 'spool')
    await writeFile(blocked, 'a file where the folder should be')
    const { admin, gateway } = await stage.gateway()
    await stage.route(admin, 1, port, { stable })
    for (let round = 0; round < 10; round++) {
      const answered = await stage.ask({ port }, { path: inferPath, body: addBody(1, 2) })
      expect(answered.status).toBe(200)
    }
    await rm(blocked)
    await gateway.stop()
    const total = (await stage.evidence()).reduce((sum, { requests }) => sum + requests, 0)
    expect(total).toBe(10)
  })
})

it('two workers share one port, and one of them can stop', async () => {
  const stable = await stage.replica('adder', '1')
  const first = await stage.gateway()
  const second = await stage.gateway()
  for (const { admin } of [first, second]) {
    const applied = await stage.route(admin, 1, port, { stable })
    expect(JSON.parse(applied.text)).toMatchObject({ portsMissing: [] })
  }
  await first.gateway.stop()
  const answered = await stage.ask({ port }, { path: inferPath, body: addBody(1, 2) })
  expect(answered.status).toBe(200)
  const metrics = await stage.ask(second.admin, { path: '/metrics' })
  expect(metrics.text).toContain('lockstep_gateway_routing_epoch{worker="w1"} 1')
  expect(metrics.text).toContain('lockstep_gateway_replica_connected{replica="r1"} 1')
})

describe('captured traffic', () => {
  it('is one line of JSON per answered request, also when the request was pretty-printed', async () => {
    const stable = await stage.replica('adder', '1')
    const { admin, gateway } = await stage.gateway({ capture: { sampleRate: 1 } })
    await stage.route(admin, 1, port, { stable })
    const pretty = JSON.stringify(JSON.parse(addBody(1, 2)), null, 2)
    await stage.ask({ port }, { path: inferPath, body: pretty })
    await stage.ask({ port }, { path: inferPath, body: 'not json' })
    await gateway.stop()
    const spool = join(stage.folder, 'spool')
    const names = (await readdir(spool)).filter((name) => name.startsWith('capture-'))
    const texts = await Promise.all(names.map((name) => readFile(join(spool, name), 'utf8')))
    const lines = texts.join('').trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      environment: 'production',
      model: 'm',
      releaseId: 'rel_1',
      arm: 'stable',
      status: 200,
      request: { inputs: [{ name: 'a', data: [1] }, { name: 'b' }] },
      response: { outputs: [{ name: 'sum', data: [3] }] },
    })
  })
})
