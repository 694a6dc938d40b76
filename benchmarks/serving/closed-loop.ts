// A closed-loop load: each keep-alive connection sends its next request when it has its answer. Raw sockets, so that the
// load costs little on the machine it measures.
import { createConnection } from 'node:net'
import { stopwatch } from '../../src/foundation/system-clock.ts'

export interface LoadResult {
  readonly requests: number
  readonly failed: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface LoadOptions {
  readonly port: number
  readonly path: string
  readonly body: string
  readonly connections: number
  readonly durationMs: number
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { path, body } = options
  const head = `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  const request = Buffer.from(head + body)
  const elapsed = stopwatch()
  const latencies: number[] = []
  let failed = 0
  const ask = { ...options, request, elapsed, latencies, failedOne: () => failed++ }
  await Promise.all(Array.from({ length: options.connections }, () => runConnection(ask)))
  const seconds = elapsed() / 1000
  const sorted = Float64Array.from(latencies).sort()
  const at = (share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN
  const requests = sorted.length
  return { requests, failed, perSecond: requests / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

interface Connection {
  readonly port: number
  readonly durationMs: number
  readonly request: Buffer
  readonly elapsed: () => number
  readonly latencies: number[]
  readonly failedOne: () => void
}

function runConnection(load: Connection): Promise<void> {
  const { port, durationMs, request, elapsed, latencies } = load
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
    let sentAt = 0
    let text = ''
    const send = () => {
      sentAt = elapsed()
      socket.write(request)
    }
    socket.on('connect', send)
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      const headEnd = text.indexOf('\r\n\r\n')
      if (headEnd === -1) return
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (text.length < headEnd + 4 + length) return
      if (!text.startsWith('HTTP/1.1 200')) load.failedOne()
      text = ''
      latencies.push(elapsed() - sentAt)
      if (elapsed() < durationMs) send()
      else socket.destroy()
    })
  })
}
