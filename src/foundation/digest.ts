// sha256 digests: the identity of everything immutable.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { canonicalJson } from './canonical-json.ts'

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`

export function digestOf(bytes: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Digest of the canonical JSON (RFC 8785) of a value. */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalJson(value))
}

/** Streams the file; memory does not grow with its size. Throws the file system's error as it is. */
export async function digestOfFile(path: string): Promise<Digest> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return `sha256:${hash.digest('hex')}`
}

export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}

/** The first twelve hex digits, for people. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}
