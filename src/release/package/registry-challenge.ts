// What a registry asks for with 401, and the answer to it: Basic, or a token from its token server.
import { Readable } from 'node:stream'
import { LockstepError } from '../../foundation/errors.ts'
import { type HttpClient, shortText } from './http-exchange.ts'
import { parseObject } from './oci.ts'
import type { Credentials } from './registry-credentials.ts'
import type { RegistryReference } from './registry-reference.ts'

export interface Challenge {
  readonly scheme: 'basic' | 'bearer' | 'other'
  readonly realm: string
  /** The `service` of the protocol: for whom the token is meant. */
  readonly audience: string
  readonly scope: string
}

/** `Bearer realm="https://…",service="…",scope="…"`. */
export function parseChallenge(text: string): Challenge {
  const [, scheme = '', rest = ''] = /^\s*(\w+)\s*(.*)$/s.exec(text) ?? []
  const said = new Map<string, string>()
  for (const [, key = '', quoted, plain] of rest.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g))
    said.set(key.toLowerCase(), quoted ?? plain ?? '')
  const known = scheme.toLowerCase()
  return {
    scheme: known === 'basic' || known === 'bearer' ? known : 'other',
    realm: said.get('realm') ?? '',
    audience: said.get('service') ?? '',
    scope: said.get('scope') ?? '',
  }
}

export interface TokenRequest {
  readonly reference: RegistryReference
  readonly credentials: Credentials | undefined
  readonly challenge: Challenge
  readonly wish: 'pull' | 'pull,push'
  readonly http: HttpClient
  readonly signal: AbortSignal
}

/** The Authorization header to use from now on; undefined when there is nothing to say. */
export async function fetchToken(request: TokenRequest): Promise<string | undefined> {
  const { reference, credentials, challenge, wish, http, signal } = request
  const basic =
    credentials?.kind === 'password'
      ? `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
      : undefined
  if (challenge.scheme !== 'bearer') return challenge.scheme === 'basic' ? basic : undefined
  const url = realmOf(reference, challenge)
  const scope = `repository:${reference.repository}:${wish}`
  const asked = { service: challenge.audience, scope, client_id: 'lockstep' }
  if (credentials?.kind !== 'identity')
    for (const [key, value] of Object.entries(asked)) url.searchParams.set(key, value)
  const form = Buffer.from(
    new URLSearchParams({
      ...asked,
      grant_type: 'refresh_token',
      refresh_token: credentials?.kind === 'identity' ? credentials.token : '',
    }).toString(),
  )
  const reply = await http.exchange(
    credentials?.kind === 'identity'
      ? {
          ...{ method: 'POST', url, signal },
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: { size: form.length, open: () => streamOfBytes(form) },
        }
      : { method: 'GET', url, signal, headers: basic ? { authorization: basic } : {} },
  )
  const answer = parseObject(Buffer.from(await shortText(reply, 1 << 20)))
  const token = answer?.token ?? answer?.access_token
  if (reply.status === 200 && typeof token === 'string') return `Bearer ${token}`
  if (reply.status >= 500 || reply.status === 429)
    throw new Error(`the token server ${url.host} answered ${reply.status}`)
  throw new LockstepError({
    code: 'registry.unauthenticated',
    kind: 'unauthenticated',
    message: `${url.host}, which gives out tokens for ${reference.host}, answered ${reply.status} to ${credentials ? 'our credentials' : 'a request without credentials'}; nothing was changed`,
    hint: `docker login ${reference.host}, or set LOCKSTEP_REGISTRY_USER and LOCKSTEP_REGISTRY_PASSWORD`,
  })
}

/** The realm is chosen by the registry: it may not make us send a password in the clear. */
function realmOf(reference: RegistryReference, { realm }: Challenge): URL {
  const url = URL.parse(realm)
  const isPlain = reference.origin.startsWith('http:')
  if (url && (url.protocol === 'https:' || (isPlain && url.protocol === 'http:'))) return url
  throw new LockstepError({
    code: 'registry.bad_challenge',
    kind: 'precondition',
    message: `${reference.host} sends us for a token to ${JSON.stringify(realm)}, which is no encrypted address; no credentials were sent`,
  })
}

export function streamOfBytes(bytes: Uint8Array): Readable {
  return Readable.from([bytes])
}
