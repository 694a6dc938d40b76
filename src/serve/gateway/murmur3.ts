// MurmurHash3 x86 32 bits (Austin Appleby, public domain): a fast, well-mixed hash for assigning traffic. Not for secrets.

const encoder = new TextEncoder()

/** Over the UTF-8 bytes of `text`. Unsigned 32 bits. */
export function murmur3(text: string, seed = 0): number {
  const bytes = encoder.encode(text)
  const blocks = bytes.length & ~3
  let hash = seed | 0
  for (let at = 0; at < blocks; at += 4) {
    const block =
      byte(bytes, at) |
      (byte(bytes, at + 1) << 8) |
      (byte(bytes, at + 2) << 16) |
      (byte(bytes, at + 3) << 24)
    hash ^= scramble(block)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let at = bytes.length - 1; at >= blocks; at--) tail = (tail << 8) | byte(bytes, at)
  if (blocks < bytes.length) hash ^= scramble(tail)
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}
