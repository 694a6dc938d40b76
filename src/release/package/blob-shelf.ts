// Where the blobs of packages lie: a layout folder or an archive, both as places in files, so that nothing is copied to be read.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError, sentenceOf, systemCodeOf } from '../../foundation/errors.ts'
import type { Descriptor } from './oci.ts'
import type { TarBytes } from './tar-read.ts'

export interface Place {
  readonly path: string
  readonly offset: number
  readonly size: number
}

export interface BlobShelf {
  /** For sentences: `income.tar`. */
  readonly name: string
  /** The manifests it offers. */
  readonly index: readonly Descriptor[]
  locate(digest: Digest): Promise<Place | undefined>
}

export async function* streamOf({ path, offset, size }: Place): AsyncGenerator<Uint8Array> {
  if (size === 0) return
  yield* createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: 1 << 20 })
}

export async function readAll(place: Place): Promise<Buffer> {
  return withOpenBytes(place, async (bytes) => Buffer.from(await bytes.read(0, place.size)))
}

/** One open file for many small reads. */
export async function withOpenBytes<Answer>(
  place: Place,
  use: (bytes: TarBytes) => Promise<Answer>,
): Promise<Answer> {
  const file = await open(place.path, 'r').catch((error) => {
    throw unreadable(place.path, error)
  })
  try {
    return await use({
      size: place.size,
      async read(at, length) {
        const wanted = Math.max(0, Math.min(length, place.size - at))
        const bytes = Buffer.alloc(wanted)
        const { bytesRead } = await file.read(bytes, 0, wanted, place.offset + at)
        return bytes.subarray(0, bytesRead)
      },
    })
  } finally {
    await file.close()
  }
}

export function unreadable(path: string, error: unknown): LockstepError {
  return new LockstepError({
    code: 'package.unreadable',
    kind: 'not_found',
    message:
      systemCodeOf(error) === 'ENOENT'
        ? `there is no file ${path}`
        : `${path} cannot be read: ${sentenceOf(error)}`,
    hint: 'check the path and its permissions',
    cause: error,
  })
}
