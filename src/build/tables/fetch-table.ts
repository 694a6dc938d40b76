// A table behind an http address, brought into a local folder before it is read: the engine itself never uses the network.
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { formatBytes } from '../../foundation/format-bytes.ts'

export interface FetchLimits {
  /** Default 10 GB. */
  readonly maxBytes?: number
  readonly signal: AbortSignal
}

const defaultMaxBytes = 10e9

export function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path)
}

/** Resolves to the file, which keeps its name because its ending says its kind. */
export async function fetchTable(
  url: string,
  folder: string,
  { maxBytes = defaultMaxBytes, signal }: FetchLimits,
): Promise<string> {
  const path = join(folder, nameOf(url))
  let got = 0
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      got += chunk.length
      done(got > maxBytes ? tooBig(url, maxBytes) : null, chunk)
    },
  })
  try {
    const response = await fetch(url, { signal, redirect: 'follow' })
    if (!response.ok || response.body === null) throw refused(url, response.status)
    const declared = Number(response.headers.get('content-length') ?? 0)
    if (declared > maxBytes) throw tooBig(url, maxBytes)
    await pipeline(Readable.fromWeb(response.body), counted, createWriteStream(path), { signal })
    return path
  } catch (error) {
    await rm(path, { force: true })
    throw error instanceof LockstepError ? error : unreachable(url, error)
  }
}

function nameOf(url: string): string {
  const name = basename(decodeURIComponent(new URL(url).pathname))
  return name === '' || name === '..' ? 'table' : name
}

function refused(url: string, status: number): LockstepError {
  return new LockstepError({
    code: 'tables.url_refused',
    kind: status === 404 ? 'not_found' : 'unavailable',
    message: `${url} was not given: the server answered ${status}.`,
    hint: 'Check the address; one that needs a login must be downloaded first.',
    details: { url, status },
  })
}

function tooBig(url: string, maxBytes: number): LockstepError {
  return new LockstepError({
    code: 'tables.url_too_big',
    kind: 'limit',
    message: `${url} is larger than the ${formatBytes(maxBytes)} that are downloaded for a check.`,
    hint: 'Download it, and check the file.',
    details: { url, maxBytes },
  })
}

function unreachable(url: string, error: unknown): LockstepError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return new LockstepError({
    code: 'tables.url_unreachable',
    kind: 'unavailable',
    message: `${url} cannot be read: ${sentenceOf(cause)}.`,
    hint: 'Check the address and the network, or download the file first.',
    details: { url },
    cause: error,
  })
}
