// Small JSON requests and answers over unix sockets, for the processes of one machine.

import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { LockstepError, sentenceOf } from '../../../foundation/errors.ts'

export interface LocalRequest {
  readonly socketPath: string
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly timeoutMs?: number
}

export interface LocalAnswer {
  readonly status: number
  readonly body: unknown
}

/** Rejects with kind `unavailable` when nobody answers in time, and with `platform.refused` for an answer that is a no. */
export function callLocal({
  socketPath,
  method,
  path,
  body,
  timeoutMs = 2000,
}: LocalRequest): Promise<LocalAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(
        new LockstepError({
          code: 'platform.unreachable',
          kind: 'unavailable',
          cause: error,
          message: `no answer from ${socketPath}: ${sentenceOf(error)}`,
        }),
      )
    const call = request(
      {
        socketPath,
        method,
        path,
        agent: false,
        timeout: timeoutMs,
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        const status = answer.statusCode ?? 0
        readJson(answer).then((json) => {
          if (status < 400) resolve({ status, body: json })
          else reject(refused({ socketPath, method, path, status, body: json }))
        }, fail)
      },
    )
    call.on('timeout', () => call.destroy(new Error(`nothing within ${timeoutMs} ms`)))
    call.on('error', fail)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

function refused(answer: {
  readonly socketPath: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly body: unknown
}): LockstepError {
  const { socketPath, method, path, status, body } = answer
  const said = (body as { error?: unknown } | undefined)?.error
  return new LockstepError({
    code: 'platform.refused',
    kind: status < 500 ? 'conflict' : 'unavailable',
    message: `${socketPath} answered ${method} ${path} with ${status}: ${typeof said === 'string' ? said : 'no reason given'}`,
  })
}

export type LocalHandler = (method: string, path: string, body: unknown) => Promise<LocalAnswer>

/** Serves `handler` on a unix socket, replacing a stale one. */
export async function serveLocal(socketPath: string, handler: LocalHandler): Promise<Server> {
  await rm(socketPath, { force: true })
  const server = createServer((incoming, outgoing) => {
    readJson(incoming)
      .then((body) => handler(incoming.method ?? 'GET', incoming.url ?? '/', body))
      .catch((error): LocalAnswer => ({ status: 500, body: { error: sentenceOf(error) } }))
      .then(({ status, body }) => {
        outgoing.writeHead(status, { 'content-type': 'application/json' })
        outgoing.end(JSON.stringify(body ?? null))
      })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  return server
}

async function readJson(stream: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  return text === '' ? undefined : JSON.parse(text)
}
