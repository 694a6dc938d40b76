// Manifests and what refers to them in one repository; registries without the referrers API get an index under a tag instead.
// Source: OCI distribution spec 1.1, "Listing Referrers" and "Referrers Tag Schema".
import { type Digest, digestOf, isDigest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { HttpReply } from './http-exchange.ts'
import { indexText } from './layout-folder.ts'
import {
  type Descriptor,
  largestManifest,
  mediaTypes,
  parseImageManifest,
  parseIndex,
} from './oci.ts'
import { streamOfBytes } from './registry-challenge.ts'
import type { RegistrySession } from './registry-session.ts'

export interface FoundManifest {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
}

const accepted = `${mediaTypes.manifest}, ${mediaTypes.index}`

/** Undefined when it is not there. The bytes have the digest that was asked for. */
export async function getManifest(
  session: RegistrySession,
  named: string,
): Promise<FoundManifest | undefined> {
  const { host, repository } = session.reference
  const reply = await session.ask({
    ...{ method: 'GET', at: `manifests/${named}`, doing: `reading ${repository} at ${named}` },
    headers: { accept: accepted },
    expect: [200, 404],
  })
  if (reply.status === 404) {
    reply.body.resume()
    return undefined
  }
  const bytes = await wholeBody(session, reply)
  const digest = digestOf(bytes)
  const stated = isDigest(named) ? named : reply.header('docker-content-digest')
  if (stated !== undefined && stated !== digest)
    throw new LockstepError({
      code: 'registry.manifest_differs',
      kind: 'precondition',
      message: `${host} sent another manifest for ${repository} at ${named} than it states: ${digest} instead of ${stated}`,
      hint: 'the registry is damaged or lying: push the release again from where it was made',
    })
  const mediaType = reply.header('content-type')?.split(';')[0] ?? ''
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes }
}

export async function hasManifest(session: RegistrySession, digest: Digest): Promise<boolean> {
  const reply = await session.ask({
    ...{ method: 'HEAD', at: `manifests/${digest}`, doing: `looking for ${digest}` },
    headers: { accept: accepted },
    expect: [200, 404],
  })
  reply.body.resume()
  return reply.status === 200
}

/** Resolves to true when the registry says that it keeps track of what the manifest refers to. */
export async function putManifest(
  session: RegistrySession,
  named: string,
  manifest: { readonly bytes: Uint8Array; readonly mediaType: string },
): Promise<boolean> {
  const { bytes, mediaType } = manifest
  const reply = await session.ask({
    ...{ method: 'PUT', at: `manifests/${named}`, doing: `writing ${named}` },
    headers: { 'content-type': mediaType },
    body: { size: bytes.length, open: () => streamOfBytes(bytes) },
    expect: [201, 200],
  })
  reply.body.resume()
  return reply.header('oci-subject') !== undefined
}

export interface ReferrersAnswer {
  readonly referrers: readonly Descriptor[]
  /** Does the registry have the API? */
  readonly byApi: boolean
}

/** What refers to the manifest, by the API or by the tag that stands in for it. */
export async function referrersOf(
  session: RegistrySession,
  subject: Digest,
): Promise<ReferrersAnswer> {
  const found: Descriptor[] = []
  let at: string | URL = `referrers/${subject}`
  for (let page = 0; page < 100; page++) {
    const reply = await session.ask({
      ...{ method: 'GET', at, doing: `reading what refers to ${subject}` },
      headers: { accept: mediaTypes.index },
      expect: [200, 404, 400, 405, 501],
    })
    if (reply.status !== 200) {
      reply.body.resume()
      return { referrers: await taggedReferrers(session, subject), byApi: false }
    }
    const entries = parseIndex(await wholeBody(session, reply))
    // Some registries answer every unknown path with a page of their own.
    if (isRefusal(entries))
      return { referrers: await taggedReferrers(session, subject), byApi: false }
    found.push(...entries)
    const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(reply.header('link') ?? '')?.[1]
    if (next === undefined) break
    at = new URL(next, reply.url)
  }
  // Written by a client of another registry version, they may stand under the tag all the same.
  const tagged = found.length === 0 ? await taggedReferrers(session, subject) : []
  return { referrers: [...found, ...tagged], byApi: true }
}

/** Two writers may read the same old list: who finds itself missing afterwards writes again. */
export async function addTaggedReferrers(
  session: RegistrySession,
  subject: Digest,
  added: readonly Descriptor[],
): Promise<void> {
  const attempts = 5
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const known = await taggedReferrers(session, subject)
    const missing = added.filter((one) => !known.some(({ digest }) => digest === one.digest))
    if (missing.length === 0) return
    const all = [...known, ...missing].sort((a, b) => (a.digest < b.digest ? -1 : 1))
    await putManifest(session, tagOf(subject), {
      bytes: Buffer.from(indexText(all)),
      mediaType: mediaTypes.index,
    })
  }
  throw new LockstepError({
    code: 'registry.referrers_contended',
    kind: 'conflict',
    message: `the list ${tagOf(subject)} in ${session.reference.repository} was overwritten ${attempts} times by someone else`,
    hint: 'push again when the other push is done',
  })
}

async function taggedReferrers(
  session: RegistrySession,
  subject: Digest,
): Promise<readonly Descriptor[]> {
  const index = await getManifest(session, tagOf(subject))
  if (!index) return []
  const entries = parseIndex(index.bytes)
  if (!isRefusal(entries)) return entries
  // A tag of that name that is something else is left alone.
  throw new LockstepError({
    code: 'registry.referrers_unreadable',
    kind: 'conflict',
    message: `the tag ${tagOf(subject)} in ${session.reference.repository}, which should list referrers, cannot be read: ${entries.because}`,
    hint: 'remove the tag, then try again',
  })
}

export function manifestOrThrow(session: RegistrySession, found: FoundManifest) {
  const manifest = parseImageManifest(found.bytes)
  if (!isRefusal(manifest)) return manifest
  throw new LockstepError({
    code: manifest.refused,
    kind: 'invalid',
    message: `${session.reference.text} is no release: ${manifest.because}`,
    hint: 'lockstep push puts a release there',
  })
}

function tagOf(subject: Digest): string {
  return subject.replace(':', '-')
}

async function wholeBody(session: RegistrySession, reply: HttpReply): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestManifest) {
      throw new LockstepError({
        code: 'registry.manifest_too_big',
        kind: 'invalid',
        message: `${session.reference.host} sent a manifest of more than ${largestManifest} bytes`,
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
