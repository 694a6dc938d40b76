// Talking to one registry about one repository: who we are, asking again when it is busy or gone, and errors a person can act on.
// Sources: OCI distribution spec 1.1; Docker registry token authentication (distribution, docs/spec/auth).
import type { Clock } from '../../foundation/clock.ts'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { createHttpClient, type HttpBody, type HttpReply, shortText } from './http-exchange.ts'
import { fetchToken, parseChallenge } from './registry-challenge.ts'
import type { Credentials } from './registry-credentials.ts'
import type { RegistryReference } from './registry-reference.ts'

export interface RegistryAsk {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  /** Below `/v2/<repository>/`, or a whole address the registry gave. */
  readonly at: string | URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: HttpBody
  /** What is being done, for errors: `sending model.onnx`. */
  readonly doing: string
  /** Statuses the caller handles; everything else is an error. */
  readonly expect: readonly number[]
  /** `once`: the caller knows better how to go on after a break. */
  readonly retry?: 'once'
}

export interface RegistrySession {
  readonly reference: RegistryReference
  readonly signal: AbortSignal
  readonly clock: Clock
  ask(ask: RegistryAsk): Promise<HttpReply>
  close(): void
}

export interface SessionOptions {
  readonly reference: RegistryReference
  readonly credentials: Credentials | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly wish: 'pull' | 'pull,push'
}

const attempts = 6
const longestWaitMs = 60_000

export function openSession(options: SessionOptions): RegistrySession {
  const { reference, clock, signal } = options
  const http = createHttpClient()
  let authorization: string | undefined
  /** Many requests may be refused at once; one of them gets the token for all. */
  let asking: Promise<string | undefined> | undefined
  let hasAnswered = false

  const authorized = async (ask: RegistryAsk): Promise<HttpReply> => {
    const url = new URL(
      typeof ask.at === 'string' ? `/v2/${reference.repository}/${ask.at}` : ask.at,
      reference.origin,
    )
    const send = (secret: string | undefined) =>
      http.exchange({
        ...{ method: ask.method, url, signal },
        headers: {
          'user-agent': 'lockstep',
          ...ask.headers,
          // An upload may be sent to another host, which must not learn who we are.
          ...(secret !== undefined && url.origin === reference.origin
            ? { authorization: secret }
            : {}),
        },
        ...(ask.body ? { body: ask.body } : {}),
      })
    const used = authorization
    const reply = await send(used)
    if (reply.status !== 401 || url.origin !== reference.origin) return reply
    const challenge = parseChallenge(reply.header('www-authenticate') ?? '')
    reply.body.resume()
    if (authorization === used || asking) {
      asking ??= fetchToken({ ...options, challenge, http }).finally(() => {
        asking = undefined
      })
      authorization = await asking
    }
    return authorization === undefined ? reply : send(authorization)
  }

  const ask = async (wanted: RegistryAsk): Promise<HttpReply> => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === attempts || wanted.retry === 'once'
      let waitMs = Math.min(longestWaitMs, 250 * 2 ** attempt)
      try {
        const reply = await authorized(wanted)
        hasAnswered = true
        if (wanted.expect.includes(reply.status)) return reply
        if (last || !isPassing(reply.status)) throw await failure(options, wanted, reply)
        waitMs = retryAfter(reply, clock) ?? waitMs
        reply.body.resume()
      } catch (error) {
        if (error instanceof LockstepError) throw error
        if (signal.aborted) throw interrupted(options, wanted)
        // A wrong name should not look like a slow registry.
        if (last || (!hasAnswered && attempt === 2)) throw unreachable(options, wanted, error)
      }
      await clock.sleep(waitMs, signal)
      if (signal.aborted) throw interrupted(options, wanted)
    }
  }
  return { reference, signal, clock, ask, close: () => http.close() }
}

export function isPassing(status: number): boolean {
  return status === 429 || status === 408 || status >= 500
}

function retryAfter(reply: HttpReply, clock: Clock): number | undefined {
  const said = reply.header('retry-after')
  if (said === undefined) return undefined
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - clock.now()
  return Number.isFinite(ms) ? Math.min(longestWaitMs, Math.max(0, ms)) : undefined
}

async function failure(
  { reference, credentials, wish }: SessionOptions,
  { doing }: RegistryAsk,
  reply: HttpReply,
): Promise<LockstepError> {
  const { status } = reply
  const said = saidIn(await shortText(reply, 64 << 10))
  const answer = `${reference.host} answered ${status}${said ? ` (${said})` : ''}`
  const who =
    credentials === undefined
      ? 'without credentials'
      : credentials.kind === 'password'
        ? `as ${credentials.user}`
        : 'with the identity token of docker login'
  const message = `${doing} failed: ${answer}`
  if (status === 401 || status === 403) {
    return new LockstepError({
      code: status === 401 ? 'registry.unauthenticated' : 'registry.forbidden',
      kind: status === 401 ? 'unauthenticated' : 'forbidden',
      message: `${reference.host} does not let us ${wish === 'pull' ? 'read' : 'write'} ${reference.repository} ${who}: ${answer}; nothing was changed`,
      hint: `docker login ${reference.host}, or set LOCKSTEP_REGISTRY_USER and LOCKSTEP_REGISTRY_PASSWORD`,
    })
  }
  if (status === 404)
    return new LockstepError({
      code: 'registry.not_found',
      kind: 'not_found',
      message: `${reference.text} is not there: ${answer}`,
      hint: 'check the name and the tag',
    })
  if (isPassing(status))
    return new LockstepError({
      code: 'registry.busy',
      kind: status === 429 ? 'limit' : 'unavailable',
      message: `${message}, also after ${attempts} attempts`,
      hint: 'try again later; what has arrived is not sent again',
    })
  return new LockstepError({ code: 'registry.refused', kind: 'precondition', message })
}

/** The first error of the registry's JSON answer. */
function saidIn(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: string; message?: string }[] }
    const first = errors?.[0]
    return [first?.code, first?.message].filter(Boolean).join(': ').slice(0, 300)
  } catch {
    return ''
  }
}

function unreachable(
  { reference }: SessionOptions,
  { doing }: RegistryAsk,
  error: unknown,
): LockstepError {
  return new LockstepError({
    code: 'registry.unreachable',
    kind: 'unavailable',
    message: `${doing} failed: the connection to ${reference.host} broke (${sentenceOf(error) || String(error)})`,
    hint: 'try again: what has arrived is not sent again',
    cause: error,
  })
}

export function interrupted(
  { reference }: Pick<SessionOptions, 'reference'>,
  { doing }: { readonly doing: string },
): LockstepError {
  return new LockstepError({
    code: 'registry.interrupted',
    kind: 'unavailable',
    message: `${doing} was interrupted; ${reference.text} was left as it was`,
    hint: 'try again: what has arrived is not sent again',
  })
}
