// The HTTP door over a scripted API: what comes in is checked, what goes wrong is a problem document.
import { beforeEach, describe, expect, test } from 'vitest'
import { LockstepError } from '../foundation/errors.ts'
import type { Logger } from '../foundation/logger.ts'
import { silentLogger } from '../foundation/logger.ts'
import { actorHeader, parametersOf, routeTable } from './contract/route-table.ts'
import type { LockstepApi } from './contract/routes.ts'
import { createServer } from './server.ts'

let calls: { readonly actor: string; readonly method: string; readonly args: unknown[] }[]
let logged: string[]
let answer: () => unknown
beforeEach(() => {
  calls = []
  logged = []
  answer = () => ({ fine: true })
})

function door() {
  const logger: Logger = { ...silentLogger, error: (message) => logged.push(message) }
  return createServer({
    apiFor: (actor) =>
      new Proxy({} as LockstepApi, {
        get:
          (_, method) =>
          async (...args: unknown[]) => {
            calls.push({ actor, method: String(method), args })
            return answer()
          },
      }),
    authenticate: ({ actor, token }) => {
      if (actor === 'person:olga' && token !== 'wrong') return actor
      throw new LockstepError({
        code: 'api.no_actor',
        kind: 'unauthenticated',
        message: 'the request does not say who is asking',
        hint: 'give --as NAME',
      })
    },
    metrics: async () => 'lockstep_up 1\n',
    logger,
  })
}

const olga = { [actorHeader]: 'person:olga' }
const ask = async (
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  payload?: object | string,
  headers: Record<string, string> = olga,
) => {
  const answered = await door().inject({
    method,
    url,
    headers,
    ...(payload === undefined ? {} : { payload }),
  })
  return {
    status: answered.statusCode,
    type: answered.headers['content-type'],
    body: answered.json(),
  }
}

describe('a question', () => {
  test('reaches its method with the parts of the path and the checked rest, as its caller', async () => {
    await ask('GET', '/api/runs/7')
    await ask('GET', '/api/events?after=5&limit=10')
    await ask('POST', '/api/runs', { force: true })
    await ask('POST', '/api/rollouts/r1/abort', { because: 'harm' })
    await ask('POST', '/api/environments/production/hold', {})
    expect(calls).toEqual([
      { actor: 'person:olga', method: 'run', args: ['7'] },
      { actor: 'person:olga', method: 'events', args: [{ after: 5, limit: 10 }] },
      { actor: 'person:olga', method: 'startRun', args: [{ force: true }] },
      {
        actor: 'person:olga',
        method: 'commandRollout',
        args: ['r1', 'abort', { because: 'harm' }],
      },
      { actor: 'person:olga', method: 'hold', args: ['production', {}] },
    ])
  })

  test('for nothing is answered null, and a name in the path may hold any letters', async () => {
    answer = () => undefined
    expect((await ask('GET', '/api/runs/7')).body).toBeNull()
    await ask('GET', `/api/promotions/${encodeURIComponent('a/b ü')}`)
    expect(calls.at(-1)?.args).toEqual(['a/b ü'])
  })

  test('every method of the API has its route, and no two share one', () => {
    const routes = Object.values(routeTable).map(
      ({ method, path }) => `${method} ${path.replace(/:[a-z]+/g, ':x')}`,
    )
    expect(new Set(routes).size).toBe(routes.length)
    expect(parametersOf('/api/rollouts/:rollout/:command')).toEqual(['rollout', 'command'])
  })
})

describe('what goes wrong is a problem document (RFC 9457)', () => {
  test('a route that does not exist', async () => {
    expect(await ask('GET', '/api/nonsense?x=1')).toEqual({
      status: 404,
      type: 'application/problem+json; charset=utf-8',
      body: {
        type: 'https://lockstep.dev/problems/api.no_route',
        title: 'not_found',
        status: 404,
        code: 'api.no_route',
        detail: 'there is no GET /api/nonsense',
      },
    })
    expect((await ask('PUT', '/api/runs', {})).status).toBe(404)
  })

  test('input that is wrong, with every fault in it', async () => {
    const { status, body } = await ask('POST', '/api/promotions', {
      release: 0,
      environment: '',
      extra: 1,
    })
    expect(status).toBe(400)
    expect(body).toMatchObject({ code: 'api.invalid_input' })
    for (const part of ['release: ', 'environment: ', 'extra']) expect(body.detail).toContain(part)
    expect((await ask('GET', '/api/events?limit=1001')).body.detail).toContain('limit')
    expect((await ask('GET', '/api/events?after=-1')).status).toBe(400)
    expect((await ask('GET', '/api/events?after=x')).status).toBe(400)
    expect(calls).toEqual([])
  })

  test('a body that is no JSON, or of another type', async () => {
    const json = { ...olga, 'content-type': 'application/json' }
    expect(await ask('POST', '/api/runs', '{"force": ', json)).toMatchObject({
      status: 400,
      body: { title: 'invalid' },
    })
    expect((await ask('POST', '/api/runs', '[]', json)).status).toBe(400)
    const text = { ...olga, 'content-type': 'text/csv' }
    expect((await ask('POST', '/api/runs', 'a,b', text)).status).toBe(400)
    expect(logged).toEqual([])
  })

  test('a body that is too large is refused without inviting to try again', async () => {
    const { status, body } = await ask('POST', '/api/runs', { because: 'x'.repeat(1_100_000) })
    expect(status).toBe(400)
    expect(body).toMatchObject({
      code: 'api.too_large',
      detail: expect.stringContaining('larger than the 1048576 bytes'),
    })
    expect(calls).toEqual([])
  })

  test('nobody asking', async () => {
    for (const headers of [
      {},
      { [actorHeader]: 'person:mallory' },
      { ...olga, authorization: 'Bearer wrong' },
    ])
      expect(await ask('GET', '/api/status', undefined, headers)).toMatchObject({
        status: 401,
        body: { code: 'api.no_actor', hint: 'give --as NAME' },
      })
    expect(calls).toEqual([])
  })

  test('an answer the API refuses, with its details', async () => {
    answer = () => {
      throw new LockstepError({
        code: 'store.transition_refused',
        kind: 'conflict',
        message: 'no',
        details: { allowed: ['on'] },
      })
    }
    expect(await ask('GET', '/api/runs')).toMatchObject({
      status: 409,
      body: { code: 'store.transition_refused', details: { allowed: ['on'] } },
    })
    expect(logged).toEqual([])
  })

  test('a bug of ours is told and logged', async () => {
    answer = () => {
      throw new TypeError('x is not a function')
    }
    expect(await ask('GET', '/api/runs')).toMatchObject({
      status: 500,
      body: { code: 'api.internal', detail: 'x is not a function' },
    })
    expect(logged).toEqual(['request failed'])
  })
})

test('health and metrics need nobody', async () => {
  const server = door()
  expect((await server.inject('/health')).json()).toEqual({ ok: true })
  const metrics = await server.inject('/metrics')
  expect(metrics.headers['content-type']).toContain('version=0.0.4')
  expect(metrics.body).toBe('lockstep_up 1\n')
})
