// One HTTP request and its answer, streamed both ways; redirects are followed without carrying secrets to another host.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

export interface HttpAsk {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: HttpBody
  readonly signal: AbortSignal
}

/** Opened again for each attempt. */
export interface HttpBody {
  readonly size: number
  open(): Readable
}

export interface HttpReply {
  readonly status: number
  header(name: string): string | undefined
  readonly body: IncomingMessage
  /** After redirects. */
  readonly url: URL
}

export interface HttpClient {
  exchange(ask: HttpAsk): Promise<HttpReply>
  close(): void
}

/** A silent connection is a broken one. */
const silenceMs = 60_000
const mostRedirects = 5

export function createHttpClient(): HttpClient {
  const options = { keepAlive: true, maxSockets: 8, timeout: silenceMs }
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) }
  const exchange = async (ask: HttpAsk, redirects = 0): Promise<HttpReply> => {
    const reply = await once(ask, ask.url.protocol === 'https:' ? agents.https : agents.http)
    const target = reply.header('location')
    if (![301, 302, 303, 307, 308].includes(reply.status) || target === undefined) return reply
    reply.body.resume()
    const url = new URL(target, ask.url)
    if (redirects === mostRedirects) throw new Error(`${ask.url.host} redirects without end`)
    if (ask.url.protocol === 'https:' && url.protocol !== 'https:')
      throw new Error(`${ask.url.host} redirects to ${url.host} without encryption`)
    const { authorization: _secret, ...others } = ask.headers
    const headers = url.host === ask.url.host ? ask.headers : others
    return exchange({ ...ask, url, headers }, redirects + 1)
  }
  return {
    exchange: (ask) => exchange(ask),
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

function once(ask: HttpAsk, agent: HttpAgent | HttpsAgent): Promise<HttpReply> {
  const { method, url, body, signal } = ask
  const headers = {
    ...ask.headers,
    ...(body || (method !== 'GET' && method !== 'HEAD')
      ? { 'content-length': String(body?.size ?? 0) }
      : {}),
  }
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const sent = send(url, { method, headers, agent, signal, timeout: silenceMs })
    sent.on('timeout', () =>
      sent.destroy(new Error(`${url.host} has been silent for ${silenceMs / 1000} s`)),
    )
    sent.on('error', reject)
    sent.on('response', (response) =>
      resolve({
        status: response.statusCode ?? 0,
        header: (name) => {
          const value = response.headers[name]
          return Array.isArray(value) ? value.join(', ') : value
        },
        body: response,
        url,
      }),
    )
    if (!body) sent.end()
    // A server may answer before it has read everything; its answer counts, not the broken pipe.
    else pipeline(body.open(), sent).catch(reject)
  })
}

/** A small answer as text; what is longer is cut off and the connection dropped. */
export async function shortText(reply: HttpReply, most: number): Promise<string> {
  const stated = Number(reply.header('content-length') ?? 0)
  if (stated > most) {
    reply.body.destroy()
    return ''
  }
  let size = 0
  reply.body.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > most) reply.body.destroy()
  })
  return textOf(reply.body).catch(() => '')
}
