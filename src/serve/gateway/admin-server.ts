// The gateway's private door, a unix socket for control and the supervisor: new routing, status, metrics, drain.
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Instant } from '../../foundation/clock.ts'
import { sentenceOf } from '../../foundation/errors.ts'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { errorBody } from '../protocol/status.ts'
import { checkSocketPath } from '../runtime/socket-path.ts'
import { readBody, reply } from './http-replies.ts'
import type { PortState } from './ports.ts'

export interface AppliedRouting {
  readonly epoch: number
  readonly appliedAt: Instant
  /** Ports of the snapshot that another program holds; they are tried again. */
  readonly portsMissing: readonly PortState[]
}

export interface RoutingStatus {
  readonly epoch: number
  readonly workerId: string
  readonly draining: boolean
  readonly inFlight: number
  readonly ports: readonly PortState[]
  readonly replicas: readonly {
    readonly id: string
    readonly socketPath: string
    readonly connected: boolean
    readonly inFlight: number
  }[]
}

export interface AdminCalls {
  /** `serve.routing_stale` when a newer epoch is in force, `serve.routing_invalid` when it makes no sense. */
  readonly applyRouting: (value: unknown) => Promise<AppliedRouting | Refusal>
  readonly status: () => RoutingStatus
  readonly metrics: () => string
  /** Starts the drain and answers at once with how many requests are on their way. */
  readonly drain: () => { readonly inFlight: number }
}

const refusalStatus: Record<string, number> = {
  'serve.routing_stale': 409,
  'serve.routing_invalid': 400,
}

const maxSnapshotBytes = 16 * 1024 * 1024

export async function listenAdmin(socketPath: string, calls: AdminCalls): Promise<Server> {
  checkSocketPath(socketPath)
  await rm(socketPath, { force: true })
  const server = createServer((req, res) => answerAdmin(req, res, calls))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  return server
}

function answerAdmin(req: IncomingMessage, res: ServerResponse, calls: AdminCalls): void {
  const call = `${req.method} ${req.url}`
  if (call === 'PUT /routing') {
    readBody(req, maxSnapshotBytes, (body) => void putRouting(res, body, calls))
    return
  }
  req.resume()
  if (call === 'GET /routing') reply(res, 200, JSON.stringify(calls.status()))
  else if (call === 'GET /metrics') {
    res.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(calls.metrics())
  } else if (call === 'POST /drain') {
    reply(res, 202, JSON.stringify({ draining: true, ...calls.drain() }))
  } else {
    const known = 'PUT /routing, GET /routing, GET /metrics, POST /drain'
    reply(res, 404, errorBody(`no such call ${call}; known: ${known}`))
  }
}

async function putRouting(
  res: ServerResponse,
  body: Buffer | 'too_large',
  calls: AdminCalls,
): Promise<void> {
  const value = readSnapshot(body)
  const applied = isRefusal(value)
    ? value
    : await calls.applyRouting(value).catch((error: unknown) => {
        // A bug of ours: the caller learns of it instead of waiting for ever.
        return refuse('serve.routing_broken', sentenceOf(error))
      })
  if (isRefusal(applied)) {
    const status = refusalStatus[applied.refused] ?? 500
    reply(res, status, errorBody(applied.because))
  } else reply(res, 200, JSON.stringify(applied))
}

function readSnapshot(body: Buffer | 'too_large'): unknown {
  if (body === 'too_large') return refuse('serve.routing_invalid', 'the snapshot is too large')
  try {
    return JSON.parse(body.toString())
  } catch {
    return refuse('serve.routing_invalid', 'the snapshot is not JSON')
  }
}
