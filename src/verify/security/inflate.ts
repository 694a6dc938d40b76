// Compressed bytes made plain, never past the limits of the scan: a bomb is found by stopping, not by falling over.
import {
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
  zstdDecompressSync,
} from 'node:zlib'
import { type ByteSource, memorySource, UnreadableContent } from './byte-source.ts'
import { bombFloorBytes, found, type Scan } from './scan.ts'
import type { Place } from './security-finding.ts'

export type Compression = 'deflate' | 'zlib' | 'gzip' | 'zstd'

const inflaters: Readonly<
  Record<Compression, (packed: Uint8Array, options: ZlibOptions) => Buffer>
> = {
  deflate: inflateRawSync,
  zlib: inflateSync,
  gzip: gunzipSync,
  zstd: (packed, options) =>
    zstdDecompressSync(packed, { maxOutputLength: options.maxOutputLength }),
}

/** Throws UnreadableContent for what is broken or too large; the latter is a finding as well when it is a bomb. */
export function inflate(
  scan: Scan,
  place: Place,
  { source, how }: { readonly source: ByteSource; readonly how: Compression },
): ByteSource {
  const { limits, spent } = scan
  if (source.size > limits.inflatedBytes)
    throw new UnreadableContent(`${source.size} compressed bytes are more than a scan takes in`, 0)
  const most = Math.min(limits.inflatedBytes, limits.inflatedTotal - spent.inflated)
  const bombAt = Math.max(bombFloorBytes, source.size * limits.ratio)
  const bytes = attempt(how, source.read(0, source.size), Math.max(1, Math.min(most, bombAt)))
  if (bytes instanceof Uint8Array) {
    spent.inflated += bytes.length
    return memorySource(bytes)
  }
  if (bytes === 'broken') throw new UnreadableContent(`its ${how} stream is broken`, 0)
  if (bombAt <= most) tellBomb(scan, place, source.size, bombAt)
  throw new UnreadableContent(`it becomes more than ${Math.min(most, bombAt)} bytes`, 0)
}

function attempt(
  how: Compression,
  packed: Uint8Array,
  most: number,
): Uint8Array | 'broken' | 'too_large' {
  try {
    return inflaters[how](packed, { maxOutputLength: most })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'broken'
  }
}

export function tellBomb(scan: Scan, place: Place, packed: number, becomes: number): void {
  found(scan, {
    rule: 'archive.bomb',
    severity: 'high',
    place,
    what: `${packed} compressed bytes become more than ${becomes}: loading it exhausts memory or disk`,
    next: 'do not unpack it; save the model again without such parts',
  })
}
