// The typed client of a control plane: one method per route of the contract, over a unix socket or a URL.
// A refused connection, a problem document and a torn answer all arrive as a LockstepError.
import type { Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { type Listener, lineType, type ProgressView, type Route } from '../api/contract/route.ts'
import { actorHeader, parametersOf, routeTable } from '../api/contract/route-table.ts'
import type { LockstepApi } from '../api/contract/routes.ts'
import { LockstepError, systemCodeOf } from '../foundation/errors.ts'
import { type HttpAnswer, readAnswer, requestFailed } from './answers.ts'
import { readTold, type Told } from './told-lines.ts'

export type ClientTarget = { readonly socketPath: string } | { readonly url: string }

export interface ClientOptions {
  readonly target: ClientTarget
  /** `person:olga`; recorded with every command. */
  readonly actor: string
  readonly token?: string
  /** Named in "no control plane is running in …". */
  readonly projectDir?: string
  /** Silence on the connection longer than this is an error of kind `timeout`. */
  readonly timeoutMs?: number
}

export function createClient(options: ClientOptions): LockstepApi {
  const send = sender(options)
  const methods = Object.entries(routeTable).map(([name, route]) => [
    name,
    (...args: unknown[]) => send(requestOf(route, args), listenerOf(route, args)),
  ])
  // The table is typed over the keys of LockstepApi, and each method's arguments follow its route's rule.
  return Object.fromEntries(methods) as unknown as LockstepApi
}

/** Long work ends its arguments with who listens. */
function listenerOf(route: Route, args: readonly unknown[]): Listener | undefined {
  if (!route.tells) return undefined
  return args[parametersOf(route.path).length + 1] as Listener | undefined
}

export interface ApiRequest {
  readonly method: Route['method']
  readonly path: string
  readonly body: string | null
}

/** Leading strings fill the path; the object that is left is the query of a GET or the body of a POST. */
export function requestOf(route: Route, args: readonly unknown[]): ApiRequest {
  const names = parametersOf(route.path)
  let path = route.path
  for (const [index, name] of names.entries()) {
    const value = args[index]
    if (typeof value !== 'string' || value === '') {
      throw new LockstepError({
        code: 'client.missing_argument',
        kind: 'invalid',
        message: `${route.method} ${route.path} needs a ${name}`,
      })
    }
    path = path.replace(`:${name}`, encodeURIComponent(value))
  }
  const rest = (args[names.length] ?? {}) as Record<string, unknown>
  if (route.method === 'GET') return { method: 'GET', path: path + queryOf(rest), body: null }
  return { method: 'POST', path, body: JSON.stringify(rest) }
}

function queryOf(values: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) query.set(name, String(value))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

type Send = (request: ApiRequest, listener?: Listener) => Promise<unknown>

function sender(options: ClientOptions): Send {
  const { target } = options
  const where = 'url' in target ? target.url : target.socketPath
  const base = 'url' in target ? parseUrl(target.url) : null
  const secure = base?.protocol === 'https:'
  const agent = new (secure ? https : http).Agent({ keepAlive: true, maxSockets: 8 })
  const request = secure ? https.request : http.request
  return async (call, listener) => {
    const settings: RequestOptions = {
      ...placeOf(target, base, call.path),
      method: call.method,
      agent: agent as HttpAgent,
      timeout: options.timeoutMs ?? 60_000,
      headers: headersOf(options, call.body),
      ...(listener ? { signal: listener.signal } : {}),
    }
    try {
      const told = listener && ((progress: ProgressView) => listener.told(progress))
      return readAnswer(await exchangePatiently(() => request(settings), call, told), call)
    } catch (error) {
      throw requestFailed(error, { where, projectDir: options.projectDir })
    }
  }
}

function placeOf(target: ClientTarget, base: URL | null, path: string): RequestOptions {
  if ('socketPath' in target) return { socketPath: target.socketPath, path }
  return {
    hostname: base?.hostname.replace(/^\[|\]$/g, ''),
    port: base?.port,
    path: `${base?.pathname.replace(/\/$/, '') ?? ''}${path}`,
  }
}

function headersOf(options: ClientOptions, body: string | null): Record<string, string> {
  requireActor(options.actor)
  const headers: Record<string, string> = {
    accept: 'application/json, application/problem+json',
    [actorHeader]: options.actor,
  }
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`
  if (body !== null) {
    headers['content-type'] = 'application/json'
    headers['content-length'] = String(Buffer.byteLength(body))
  }
  return headers
}

/** A kept connection may close just as it is used again: a question is then asked once more, a command is not. */
async function exchangePatiently(
  open: () => http.ClientRequest,
  { method, body }: ApiRequest,
  told?: Told,
): Promise<HttpAnswer> {
  const first = open()
  try {
    return await exchange(first, body, told)
  } catch (error) {
    const torn = systemCodeOf(error) === 'ECONNRESET' || systemCodeOf(error) === 'EPIPE'
    if (!torn || !first.reusedSocket || method !== 'GET') throw error
    return exchange(open(), body, told)
  }
}

function exchange(
  request: http.ClientRequest,
  body: string | null,
  told?: Told,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('timeout', () => {
      request.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }))
    })
    request.on('response', (response: IncomingMessage) => {
      response.on('error', reject)
      const status = response.statusCode ?? 0
      if (response.headers['content-type'] === lineType) {
        readTold(response, told ?? (() => {})).then(resolve, reject)
        return
      }
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status, text: Buffer.concat(chunks).toString('utf8') }))
    })
    request.end(body ?? undefined)
  })
}

/** It travels as a header, which is ASCII. */
function requireActor(actor: string): void {
  if (/^[\x20-\x7e]+$/.test(actor)) return
  throw new LockstepError({
    code: 'client.bad_actor',
    kind: 'invalid',
    message: `'${actor}' cannot be sent as a name: only ASCII letters, digits and signs can`,
    hint: 'give another one with --as or LOCKSTEP_ACTOR',
  })
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed && /^https?:$/.test(parsed.protocol)) return parsed
  throw new LockstepError({
    code: 'client.bad_url',
    kind: 'invalid',
    message: `'${url}' is not the URL of a control plane`,
    hint: 'write it as http://host:port',
  })
}
