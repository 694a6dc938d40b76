// The control plane's HTTP door: every method of the API over the one route table, answers as JSON, errors as problem+json.
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { LockstepError, sentenceOf } from '../foundation/errors.ts'
import type { Logger } from '../foundation/logger.ts'
import type { Actor } from '../store/object.ts'
import { inputSchemas } from './contract/inputs.ts'
import type { Route } from './contract/route.ts'
import { actorHeader, parametersOf, routeTable } from './contract/route-table.ts'
import type { LockstepApi } from './contract/routes.ts'
import { asLockstepError, largestBody, problemView } from './problems.ts'
import { tell } from './tell.ts'

export interface ServerOptions {
  /** The API as seen by one caller. */
  readonly apiFor: (actor: Actor) => LockstepApi
  /** Who is calling, from the request's headers; throws when the caller may not. */
  readonly authenticate: (request: {
    readonly actor: string | undefined
    readonly token: string | undefined
  }) => Actor
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  readonly logger: Logger
}

export function createServer(options: ServerOptions): FastifyInstance {
  const server = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: largestBody })
  for (const [method, route] of Object.entries(routeTable) as [keyof LockstepApi, Route][]) {
    server.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        const api = options.apiFor(options.authenticate(credentialsOf(request)))
        const args = argumentsOf(method, route, request)
        const work = api[method] as (...args: unknown[]) => Promise<unknown>
        if (route.tells) return tell(reply, (listener) => work(...args, listener), options.logger)
        return reply.send((await work(...args)) ?? null)
      },
    })
  }
  server.get('/', async (_request, reply) => reply.type('text/plain').send(signpost))
  server.get('/health', async () => ({ ok: true }))
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await options.metrics()),
  )
  server.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new LockstepError({
        code: 'api.no_route',
        kind: 'not_found',
        message: `there is no ${request.method} ${request.url.split('?')[0]}`,
      }),
    ),
  )
  server.setErrorHandler((error, request, reply) => {
    const known = asLockstepError(error)
    if (known.kind === 'internal')
      options.logger.error('request failed', {
        url: request.url,
        error: sentenceOf(error),
        stack: error instanceof Error ? error.stack : undefined,
      })
    return sendProblem(reply, known)
  })
  return server
}

/** For whoever opens the address in a browser. */
const signpost = `This is a Lockstep control plane.

  /health    is it up
  /metrics   Prometheus text
  /api/...   everything else; send Authorization: Bearer with the content of .lockstep/run/token,
             and ${actorHeader}: person:NAME

In the project folder: lockstep status
`

function credentialsOf(request: FastifyRequest): {
  actor: string | undefined
  token: string | undefined
} {
  const actor = request.headers[actorHeader]
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')
  return { actor: typeof actor === 'string' ? actor : undefined, token: bearer?.[1] }
}

function argumentsOf(method: keyof LockstepApi, route: Route, request: FastifyRequest): unknown[] {
  const params = request.params as Record<string, string>
  const leading = parametersOf(route.path).map((name) => params[name] ?? '')
  const schema = inputSchemas[method]
  const raw = route.method === 'GET' ? request.query : (request.body ?? {})
  if (!schema) return route.tells ? [...leading, {}] : leading
  const parsed = schema.safeParse(raw)
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`,
    )
    throw new LockstepError({
      code: 'api.invalid_input',
      kind: 'invalid',
      message: issues.join('; '),
    })
  }
  return [...leading, parsed.data]
}

/** RFC 9457. */
function sendProblem(reply: FastifyReply, error: LockstepError): FastifyReply {
  const view = problemView(error)
  return reply.status(view.status).type('application/problem+json').send(view)
}
