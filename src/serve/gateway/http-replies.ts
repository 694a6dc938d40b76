// Writing answers and reading bodies on bare node:http, with as little work per request as there can be.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorBody, type Situation, statusTable } from '../protocol/status.ts'

const json = 'application/json'
const retryAfterSeconds = '1'
const joinUpTo = 64 * 1024

/** `headers` are name, value, name, value. */
export function reply(
  res: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: readonly string[] = [],
): void {
  if (res.destroyed) return
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length
  const head = ['Content-Type', json, 'Content-Length', String(bytes), ...headers]
  if (status === 503) head.push('Retry-After', retryAfterSeconds)
  res.writeHead(status, head)
  // A string leaves in one write together with the head; latin1 carries any bytes unchanged.
  if (typeof body === 'string') res.end(body)
  else if (bytes <= joinUpTo) res.end(body.toString('latin1'), 'latin1')
  else res.end(body)
}

export function replyError(
  res: ServerResponse,
  situation: Situation,
  sentence: string,
  headers: readonly string[] = [],
): void {
  reply(res, statusTable[situation], errorBody(sentence), headers)
}

/** How far past the limit a body is still read and thrown away, so that the client gets to see the 413. */
const patience = 4

/**
 * Collects the body. `settle` gets it, or 'too_large'; when the client goes away it is never called.
 */
export function readBody(
  req: IncomingMessage,
  limit: number,
  settle: (body: Buffer | 'too_large') => void,
): void {
  if (Number(req.headers['content-length'] ?? 0) > limit * patience) {
    settle('too_large')
    return
  }
  let first: Buffer | undefined
  let more: Buffer[] | undefined
  let size = 0
  req.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) {
      first = undefined
      more = undefined
      if (size > limit * patience) req.destroy()
    } else if (first === undefined) first = chunk
    else if (more === undefined) more = [first, chunk]
    else more.push(chunk)
  })
  req.on('end', () => {
    if (size > limit) settle('too_large')
    else settle(more === undefined ? (first ?? empty) : Buffer.concat(more, size))
  })
}

const empty = Buffer.alloc(0)
