// One blob to a registry, straight from its file: only when missing, small ones in one piece, big ones in pieces that a broken connection does not undo.
// Source: OCI distribution spec 1.1, "Pushing a blob in chunks".
import { createReadStream } from 'node:fs'
import { LockstepError } from '../../foundation/errors.ts'
import type { Place } from './blob-shelf.ts'
import type { HttpBody, HttpReply } from './http-exchange.ts'
import type { Descriptor } from './oci.ts'
import { interrupted, isPassing, type RegistrySession } from './registry-session.ts'

export interface SendBlob {
  readonly session: RegistrySession
  readonly blob: Descriptor
  readonly place: Place
  /** For errors: `model.onnx`. */
  readonly name: string
  readonly pieceBytes: number
  /** Another repository of this registry that may have it. */
  readonly mountFrom?: string | undefined
  /** Bytes that have arrived, so far, of this blob. */
  readonly told: (arrived: number) => void
}

export const defaultPieceBytes = 16 << 20
const mostRestarts = 5

/** What had to be sent: nothing when the registry has it. */
export async function sendBlob(request: SendBlob): Promise<'there' | 'mounted' | 'sent'> {
  const { session, blob, name, told } = request
  const head = await session.ask({
    ...{ method: 'HEAD', at: `blobs/${blob.digest}`, doing: `looking for ${name}` },
    expect: [200, 404],
  })
  head.body.resume()
  if (head.status === 200) {
    told(blob.size)
    return 'there'
  }
  for (let restart = 0; ; restart++) {
    const opened = await openUpload(request)
    if (opened === 'mounted') {
      told(blob.size)
      return 'mounted'
    }
    const done =
      blob.size <= request.pieceBytes
        ? await sendWhole(request, opened)
        : await sendPieces(request, opened)
    if (done) return 'sent'
    if (session.signal.aborted) throw interrupted(session, { doing: `sending ${name}` })
    if (restart === mostRestarts) throw keepsBreaking(request)
    await session.clock.sleep(Math.min(10_000, 250 * 2 ** restart), session.signal)
  }
}

async function openUpload({ session, blob, name, pieceBytes, mountFrom }: SendBlob) {
  const mount = mountFrom
    ? `?mount=${encodeURIComponent(blob.digest)}&from=${encodeURIComponent(mountFrom)}`
    : ''
  const reply = await session.ask({
    ...{ method: 'POST', at: `blobs/uploads/${mount}`, doing: `sending ${name}` },
    expect: [201, 202],
  })
  reply.body.resume()
  if (reply.status === 201) return 'mounted'
  const least = Number(reply.header('oci-chunk-min-length') ?? 0)
  return { at: locationOf(reply, session), pieceBytes: Math.max(pieceBytes, least || 0) }
}

type Upload = Exclude<Awaited<ReturnType<typeof openUpload>>, 'mounted'>

/** False when the connection broke: then it is sent again from its beginning. */
async function sendWhole(request: SendBlob, upload: Upload): Promise<boolean> {
  const { blob, place, told } = request
  const reply = await put(request, upload.at, part(place, 0, blob.size))
  if (reply) told(blob.size)
  return reply
}

async function sendPieces(request: SendBlob, upload: Upload): Promise<boolean> {
  const { session, blob, place, name, told } = request
  let { at } = upload
  let arrived = 0
  let idle = 0
  while (arrived < blob.size) {
    const to = Math.min(arrived + upload.pieceBytes, blob.size)
    const reply = await session
      .ask({
        ...{ method: 'PATCH', at, doing: `sending ${name}`, retry: 'once' as const },
        headers: {
          'content-type': 'application/octet-stream',
          'content-range': `${arrived}-${to - 1}`,
        },
        body: part(place, arrived, to),
        expect: [202, 204, 416, 404, 408, 429, 500, 502, 503, 504],
      })
      .catch(unlessBroken)
    reply?.body.resume()
    if (reply && (reply.status === 202 || reply.status === 204)) {
      arrived = to
      at = locationOf(reply, session)
      idle = 0
      told(arrived)
      continue
    }
    if (reply?.status === 404 || idle++ === mostRestarts || session.signal.aborted) return false
    const status = await statusOf(request, at)
    // A registry that cannot say how much it has, or has something else, gets the blob from its beginning.
    if (!status || status.arrived < arrived || status.arrived > to) return false
    if (status.arrived > arrived) idle = 0
    arrived = status.arrived
    at = status.at
    told(arrived)
    await session.clock.sleep(250 * 2 ** idle, session.signal)
  }
  return put(request, at, undefined)
}

async function put(
  { session, blob, name }: SendBlob,
  at: URL,
  body: HttpBody | undefined,
): Promise<boolean> {
  const whole = new URL(at)
  whole.searchParams.set('digest', blob.digest)
  const reply = await session
    .ask({
      ...{ method: 'PUT', at: whole, doing: `sending ${name}`, retry: 'once' as const },
      headers: { 'content-type': 'application/octet-stream' },
      ...(body ? { body } : {}),
      expect: [201, 204, 404, 416, 408, 429, 500, 502, 503, 504],
    })
    .catch(unlessBroken)
  reply?.body.resume()
  if (reply?.status === 201 || reply?.status === 204) return true
  if (reply && isPassing(reply.status)) await session.clock.sleep(1000, session.signal)
  return false
}

/** How much of an interrupted upload has arrived. */
async function statusOf(
  { session, name }: SendBlob,
  at: URL,
): Promise<{ readonly arrived: number; readonly at: URL } | undefined> {
  const reply = await session
    .ask({ method: 'GET', at, doing: `sending ${name}`, expect: [204, 200, 404, 405, 400, 416] })
    .catch(unlessBroken)
  reply?.body.resume()
  if (reply?.status !== 204 && reply?.status !== 200) return undefined
  const last = /^(?:bytes=)?0-(\d+)$/.exec(reply.header('range') ?? '')?.[1]
  if (last === undefined) return undefined
  // `0-0` is what registries say both for nothing and for one byte; a piece is never one byte, so it is nothing.
  const arrived = Number(last) === 0 ? 0 : Number(last) + 1
  return { arrived, at: reply.header('location') === undefined ? at : locationOf(reply, session) }
}

function part({ path, offset }: Place, from: number, to: number): HttpBody {
  return {
    size: to - from,
    open: () =>
      createReadStream(path, {
        ...{ start: offset + from, end: offset + to - 1, highWaterMark: 1 << 18 },
        ...(to === from ? { start: 0, end: 0 } : {}),
      }),
  }
}

function locationOf(reply: HttpReply, session: RegistrySession): URL {
  const said = reply.header('location')
  const url = said === undefined ? null : URL.parse(said, reply.url.href)
  const isDowngrade = session.reference.origin.startsWith('https:') && url?.protocol !== 'https:'
  if (url && !isDowngrade) return url
  throw new LockstepError({
    code: 'registry.bad_location',
    kind: 'precondition',
    message: `${session.reference.host} said to send a blob to ${JSON.stringify(said ?? null)}, which is no ${isDowngrade ? 'encrypted ' : ''}address`,
  })
}

function unlessBroken(error: unknown): undefined {
  if (error instanceof LockstepError && error.code === 'registry.unreachable') return undefined
  throw error
}

function keepsBreaking({ session, name }: SendBlob): LockstepError {
  return new LockstepError({
    code: 'registry.keeps_breaking',
    kind: 'unavailable',
    message: `sending ${name} to ${session.reference.host} failed ${mostRestarts + 1} times; no manifest or tag was written`,
    hint: 'try again: what has arrived is not sent again',
  })
}
