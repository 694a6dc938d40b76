// Bytes that are read where they lie, in pieces: a file of any size, a member of an archive, or memory.

export interface ByteSource {
  readonly size: number
  /** At most `length` bytes from `at`; fewer at the end. Must not be written to. */
  readonly read: (at: number, length: number) => Uint8Array
}

/** Why something cannot be read further; caught where the scan of one content begins, never seen outside. */
export class UnreadableContent extends Error {
  readonly offset: number

  constructor(because: string, offset: number) {
    super(because)
    this.offset = offset
  }
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (at, length) => bytes.subarray(Math.max(0, at), Math.max(0, at + length)),
  }
}

/** A part of another source, clamped to it. */
export function windowOf(source: ByteSource, start: number, length: number): ByteSource {
  const from = Math.min(Math.max(0, start), source.size)
  const size = Math.min(Math.max(0, length), source.size - from)
  return {
    size,
    read: (at, wanted) => {
      if (at >= size || at < 0) return new Uint8Array(0)
      return source.read(from + at, Math.min(wanted, size - at))
    },
  }
}

const pageBytes = 64 * 1024

/** Reads forward through a source; past its end it throws UnreadableContent. */
export class ByteCursor {
  readonly source: ByteSource
  at: number
  #page: Uint8Array = new Uint8Array(0)
  #pageStart = 0

  constructor(source: ByteSource, at = 0) {
    this.source = source
    this.at = at
  }

  get left(): number {
    return this.source.size - this.at
  }

  u8(): number {
    const within = this.at - this.#pageStart
    const known = within >= 0 ? this.#page[within] : undefined
    if (known !== undefined) {
      this.at++
      return known
    }
    this.#page = this.source.read(this.at, pageBytes)
    this.#pageStart = this.at
    const first = this.#page[0]
    if (first === undefined) throw new UnreadableContent('it ends in the middle', this.at)
    this.at++
    return first
  }

  /** Little-endian and unsigned; up to 6 bytes are exact, 8 are refused beyond 2^53. */
  uint(bytes: number): number {
    let value = 0
    let scale = 1
    const from = this.at
    for (let index = 0; index < bytes; index++) {
      value += this.u8() * scale
      scale *= 256
    }
    if (value > Number.MAX_SAFE_INTEGER) throw new UnreadableContent('a length beyond 2^53', from)
    return value
  }

  bytes(length: number): Uint8Array {
    if (length > this.left) {
      throw new UnreadableContent(
        `${length} bytes are announced and ${Math.max(0, this.left)} are left`,
        this.at,
      )
    }
    const found = this.source.read(this.at, length)
    this.at += length
    return found
  }

  skip(length: number): void {
    if (length > this.left) {
      throw new UnreadableContent(
        `${length} bytes are announced and ${Math.max(0, this.left)} are left`,
        this.at,
      )
    }
    this.at += length
  }

  /** Up to a line feed, without it. */
  line(longest: number): Uint8Array {
    const from = this.at
    let length = 0
    while (this.u8() !== 10) {
      if (++length > longest)
        throw new UnreadableContent(`a line is longer than ${longest} bytes`, from)
    }
    return this.source.read(from, length)
  }
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

export function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

export function startsWith(source: ByteSource, text: string, at = 0): boolean {
  return latin1(source.read(at, text.length)) === text
}
