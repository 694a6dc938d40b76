// Two halves of the rows by a hash of their keys: a row keeps its half whatever stands around it.

export interface Halves {
  /** Row numbers, rising. */
  readonly first: Uint32Array
  readonly second: Uint32Array
}

/** Rows of one key stay together; without keys each row is its own. */
export function splitHalves(
  keys: ArrayLike<unknown> | undefined,
  rows: number,
  seed: string,
): Halves {
  const first: number[] = []
  const second: number[] = []
  for (let row = 0; row < rows; row++) {
    const key = keys === undefined ? row : keys[row]
    const half = hash(`${seed}\u0000${String(key)}`) & 1 ? first : second
    half.push(row)
  }
  return { first: Uint32Array.from(first), second: Uint32Array.from(second) }
}

/** FNV-1a (32 bits) with the finisher of MurmurHash3, so that the last bit is as good as any. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
