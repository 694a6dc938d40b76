import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parametersOf, routeTable } from '../api/contract/route-table.ts'
import { LockstepError } from '../foundation/errors.ts'
import { createClient, requestOf } from './http-client.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, unknown>
  readonly body: string
}

let dir: string
let server: Server
let socketPath: string
let seen: Seen[]
let answer: { status: number; body: string }

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-client-'))
  socketPath = join(dir, 'c.sock')
  seen = []
  answer = { status: 200, body: '{}' }
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dir, { recursive: true, force: true })
})

const client = () => createClient({ target: { socketPath }, actor: 'person:olga', token: 't0' })

describe('a client over a unix socket', () => {
  test('puts the rest of a GET into the query and says who asks', async () => {
    answer = { status: 200, body: '[{"seq":7}]' }
    const events = await client().events({ after: 6, object: 'run/1 a' })
    expect(events).toEqual([{ seq: 7 }])
    expect(seen[0]?.method).toBe('GET')
    expect(seen[0]?.url).toBe('/api/events?after=6&object=run%2F1+a')
    expect(seen[0]?.headers['x-lockstep-actor']).toBe('person:olga')
    expect(seen[0]?.headers.authorization).toBe('Bearer t0')
  })

  test('fills the path from the leading strings and sends the rest as JSON', async () => {
    await client().commandRollout('rol/1', 'pause', { because: 'zürich' })
    expect(seen[0]?.url).toBe('/api/rollouts/rol%2F1/pause')
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ because: 'zürich' })
  })

  test('a name that no header can carry is refused before anything is sent', async () => {
    const api = createClient({ target: { socketPath }, actor: 'person:Олга' })
    await expect(api.status()).rejects.toMatchObject({ kind: 'invalid', code: 'client.bad_actor' })
    expect(seen).toEqual([])
  })

  test('turns a problem document into the error it means', async () => {
    answer = {
      status: 409,
      body: JSON.stringify({
        type: 'about:blank',
        title: 'Conflict',
        status: 409,
        code: 'approval.stale',
        detail: 'the content changed since it was shown',
        hint: 'look again: lockstep approve',
        details: { binding: 'b' },
      }),
    }
    const error = await client()
      .approve('p1', { binding: 'a' })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(LockstepError)
    expect(error).toMatchObject({
      code: 'approval.stale',
      kind: 'conflict',
      message: 'the content changed since it was shown',
      hint: 'look again: lockstep approve',
      details: { binding: 'b' },
    })
  })

  test('says so when the other side is no control plane', async () => {
    answer = { status: 200, body: '<html>hello</html>' }
    await expect(client().status()).rejects.toThrow(
      'GET /api/status was answered with HTTP 200 and a body that is no Lockstep document: <html>hello</html>',
    )
  })

  test('an answer that does not come in time is a timeout', async () => {
    const slow = createServer(() => {})
    const path = join(dir, 's.sock')
    await new Promise<void>((resolve) => slow.listen(path, resolve))
    const api = createClient({ target: { socketPath: path }, actor: 'person:a', timeoutMs: 20 })
    await expect(api.status()).rejects.toMatchObject({ kind: 'timeout' })
    slow.closeAllConnections()
    slow.close()
  })

  test('a connection closed while idle is opened again', async () => {
    const api = client()
    await api.status()
    server.closeIdleConnections()
    await api.status()
    expect(seen).toHaveLength(2)
  })
})

test('a client over a URL keeps its path prefix', async () => {
  const tcp = createServer((request, response) => response.end(JSON.stringify(request.url)))
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const address = tcp.address()
  const port = typeof address === 'object' ? address?.port : 0
  const api = createClient({ target: { url: `http://127.0.0.1:${port}/ls/` }, actor: 'person:a' })
  expect(await api.audit()).toBe('/ls/api/audit')
  tcp.closeAllConnections()
  tcp.close()
})

test('no control plane: says where and what to type', async () => {
  const target = { socketPath: join(dir, 'none.sock') }
  const api = createClient({ target, actor: 'person:a', projectDir: '/work/income' })
  await expect(api.status()).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'no control plane is running in /work/income',
    hint: 'lockstep up',
  })
})

test('a bad URL is refused before anything is sent', () => {
  expect(() => createClient({ target: { url: 'localhost:7070' }, actor: 'a' })).toThrow(
    "'localhost:7070' is not the URL of a control plane",
  )
})

test('every route of the table can be requested', () => {
  for (const route of Object.values(routeTable)) {
    const args = parametersOf(route.path).map((name) => `a ${name}`)
    const { path } = requestOf(route, [...args, {}])
    expect(path).not.toContain(':')
    expect(path).not.toContain(' ')
  }
})
