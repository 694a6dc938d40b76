// The listening ports of one gateway worker: one per environment, shared with the other workers through SO_REUSEPORT.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'
import { sentenceOf } from '../../foundation/errors.ts'
import type { Logger } from '../../foundation/logger.ts'
import { brokenRequestText } from './infer-front.ts'

export interface PortState {
  readonly port: number
  readonly bound: boolean
  /** Why it is not. */
  readonly reason?: string
}

export type OnRequest = (req: IncomingMessage, res: ServerResponse) => void

export interface PortsOptions {
  readonly host: string
  readonly logger: Logger
  readonly onRequest: (port: number) => OnRequest
}

interface OpenPort {
  readonly server: Server
  reason: string | undefined
  bound: boolean
}

export class Ports {
  readonly #options: PortsOptions
  readonly #open = new Map<number, OpenPort>()

  constructor(options: PortsOptions) {
    this.#options = options
  }

  /** Listens on exactly these; what runs on a port that goes is finished. A port that cannot be had is reported, not thrown. */
  async ensure(ports: readonly number[]): Promise<void> {
    for (const [port, open] of this.#open) {
      if (ports.includes(port)) continue
      this.#open.delete(port)
      open.server.close()
    }
    await Promise.all(ports.map((port) => this.#listen(port)))
  }

  states(): readonly PortState[] {
    return [...this.#open].map(([port, { bound, reason }]) =>
      reason === undefined ? { port, bound } : { port, bound, reason },
    )
  }

  /** Tries the ports again that could not be had. */
  async retry(): Promise<void> {
    const missing = [...this.#open].filter(([, open]) => open.reason !== undefined)
    await Promise.all(missing.map(([port]) => this.#listen(port)))
  }

  /** http's own close() would also cut idle connections, on which a request may just be arriving. */
  stopAccepting(): void {
    for (const { server } of this.#open.values()) NetServer.prototype.close.call(server)
  }

  closeConnections(): void {
    for (const { server } of this.#open.values()) server.closeAllConnections()
  }

  async #listen(port: number): Promise<void> {
    const known = this.#open.get(port)
    if (known !== undefined && known.reason === undefined) return
    const { host, logger, onRequest } = this.#options
    const open: OpenPort = { server: newServer(onRequest(port)), reason: undefined, bound: false }
    this.#open.set(port, open)
    await new Promise<void>((resolve) => {
      open.server.once('error', (error) => {
        open.reason = sentenceOf(error)
        if (known === undefined) {
          logger.error('port cannot be listened on', { port, reason: open.reason })
        }
        resolve()
      })
      open.server.listen({ port, host, reusePort: true }, () => {
        open.bound = true
        logger.info('listening', { host, port })
        resolve()
      })
    })
  }
}

/** Idle connections outlive those of any proxy in front, or it would reuse one that is just being closed (undici#3141). */
function newServer(onRequest: OnRequest): Server {
  const server = createServer(
    { keepAliveTimeout: 72_000, headersTimeout: 60_000, requestTimeout: 60_000, noDelay: true },
    onRequest,
  )
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(brokenRequestText())
    else socket.destroy()
  })
  return server
}
