// A registry in memory that can be told to misbehave: to lack the referrers API, to be busy, to break off, to lie, to redirect.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface FakeRegistry {
  readonly host: string
  readonly blobs: Map<string, Buffer>
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly type: string }>
  /** `PATCH /v2/income/blobs/uploads/1`, in order. */
  readonly asked: string[]
}

export interface Manners {
  readonly referrers?: 'api' | 'none' | 'half'
  /** Sees every request first; true when it has answered or broken off. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean
  readonly uploadStatus?: 'exact' | 'none'
  readonly ranges?: 'honoured' | 'ignored'
  readonly blobOf?: (digest: string, bytes: Buffer) => Buffer
}

const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export async function openFakeRegistry(manners: Manners = {}): Promise<FakeRegistry> {
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, { bytes: Buffer; type: string }>()
  const uploads = new Map<string, Buffer>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (manners.before?.(request, response)) return
    void answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, blobs, manifests, asked }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://x')
    const [, part = '', name = ''] =
      /^\/v2\/income\/(blobs|manifests|referrers)\/(.*)$/.exec(url.pathname) ?? []
    if (part === 'manifests') return answerManifest(request, response, name)
    if (part === 'referrers') return answerReferrers(response, name)
    if (part === 'blobs' && name.startsWith('uploads/')) return answerUpload(request, response, url)
    const blob = blobs.get(name)
    if (!blob) return send(response, 404)
    const bytes = manners.blobOf?.(name, blob) ?? blob
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN)
    if (request.method === 'HEAD') return send(response, 200)
    if (Number.isNaN(from) || manners.ranges === 'ignored') return send(response, 200, {}, bytes)
    send(
      response,
      206,
      { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` },
      bytes.subarray(from),
    )
  }

  async function answerManifest(request: IncomingMessage, response: ServerResponse, name: string) {
    if (request.method === 'PUT') {
      const bytes = await bodyOf(request)
      const kept = { bytes, type: request.headers['content-type'] ?? '' }
      manifests.set(name, kept)
      manifests.set(sha256(bytes), kept)
      const subject = (JSON.parse(bytes.toString()) as { subject?: { digest: string } }).subject
      const tracks = subject && manners.referrers === 'api'
      return send(response, 201, tracks ? { 'oci-subject': subject.digest } : {})
    }
    const found = manifests.get(name)
    if (!found) return send(response, 404)
    const headers = { 'content-type': found.type, 'docker-content-digest': sha256(found.bytes) }
    send(response, 200, headers, request.method === 'HEAD' ? undefined : found.bytes)
  }

  function answerReferrers(response: ServerResponse, subject: string) {
    if (manners.referrers === 'none') return send(response, 404)
    const about = [...manifests].filter(([name, { bytes }]) => {
      const manifest = JSON.parse(bytes.toString()) as { subject?: { digest: string } }
      return name.startsWith('sha256:') && manifest.subject?.digest === subject
    })
    const entries = manners.referrers === 'half' ? [] : about
    const listed = entries.map(([digest, { bytes, type }]) => ({
      mediaType: type,
      digest,
      size: bytes.length,
    }))
    send(response, 200, {}, Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: listed })))
  }

  async function answerUpload(request: IncomingMessage, response: ServerResponse, url: URL) {
    const id = url.pathname.split('/').at(-1) ?? ''
    const at = (upload: string) => ({ location: `/v2/income/blobs/uploads/${upload}` })
    if (request.method === 'POST') {
      const fresh = String(uploads.size + 1)
      uploads.set(fresh, Buffer.alloc(0))
      return send(response, 202, at(fresh))
    }
    const known = uploads.get(id)
    if (!known) return send(response, 404)
    if (request.method === 'GET') {
      if (manners.uploadStatus === 'none') return send(response, 405)
      return send(response, 204, { ...at(id), range: `0-${Math.max(0, known.length - 1)}` })
    }
    // What has arrived stays, also when the connection breaks in the middle.
    for await (const chunk of request)
      uploads.set(id, Buffer.concat([uploads.get(id) ?? known, chunk as Buffer]))
    if (request.method === 'PATCH') return send(response, 202, at(id))
    const whole = uploads.get(id) ?? known
    const digest = url.searchParams.get('digest') ?? ''
    if (sha256(whole) !== digest) return send(response, 400)
    blobs.set(digest, whole)
    send(response, 201)
  }
}

export function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body?: Buffer,
): void {
  response.writeHead(status, body ? { 'content-length': body.length, ...headers } : headers)
  response.end(body)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
