// Formats of numbers only: safetensors, GGUF and NumPy. Their headers are checked against the bytes that follow, because a
// reader in C that trusts them reads past its memory.
import {
  ByteCursor,
  type ByteSource,
  latin1,
  startsWith,
  UnreadableContent,
  utf8,
} from './byte-source.ts'
import { found, type Scan, step } from './scan.ts'
import type { Place } from './security-finding.ts'

/** https://github.com/huggingface/safetensors#format: 8 bytes of length, a JSON header of at most 100 MB, the tensors without gaps. */
const largestHeader = 100_000_000

export function looksLikeSafetensors(source: ByteSource): boolean {
  if (source.size < 10) return false
  const length = lengthAt(source)
  return length <= Math.min(largestHeader, source.size - 8) && startsWith(source, '{"', 8)
}

function lengthAt(source: ByteSource): number {
  const head = source.read(0, 8)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32
}

const bitsOf: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
}

export function scanSafetensors(scan: Scan, source: ByteSource): void {
  const length = lengthAt(source)
  const header = parseJson(utf8(source.read(8, length)))
  if (!isRecord(header)) throw new UnreadableContent('the header is no JSON object', 8)
  const room = source.size - 8 - length
  const parts = Object.entries(header).flatMap(([name, tensor]) =>
    name === '__metadata__' ? [] : [tensorOf(name, tensor)],
  )
  step(scan, 8, parts.length)
  parts.sort((one, other) => one.from - other.from || one.to - other.to)
  let end = 0
  for (const { name, from, to } of parts) {
    if (from !== end)
      throw new UnreadableContent(
        `the tensor ${name} does not begin where the one before it ends`,
        8,
      )
    end = to
  }
  if (end !== room)
    throw new UnreadableContent(`the tensors take ${end} bytes and ${room} follow the header`, 8)
}

function tensorOf(name: string, tensor: unknown): { name: string; from: number; to: number } {
  const short = name.slice(0, 80)
  const bad = (why: string) => new UnreadableContent(`the tensor ${short} ${why}`, 8)
  if (!isRecord(tensor)) throw bad('is not described')
  const { dtype, shape, data_offsets: offsets } = tensor
  const bits = typeof dtype === 'string' ? bitsOf[dtype] : undefined
  if (bits === undefined)
    throw bad(`has the type ${String(dtype).slice(0, 20)}, which is not known`)
  if (!isWholeNumbers(shape) || !isWholeNumbers(offsets)) throw bad('has no shape or place')
  const [from = 0, to = -1] = offsets
  const size = (shape.reduce((product, one) => product * one, 1) * bits) / 8
  if (to - from !== size) throw bad(`takes ${to - from} bytes and its shape needs ${size}`)
  return { name: short, from, to }
}

function isWholeNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** GGUF as the ggml project describes it: magic, version, counts, key-value pairs, then the tensors' places. */
export function scanGguf(scan: Scan, place: Place, source: ByteSource): void {
  const cursor = new ByteCursor(source, 4)
  const version = cursor.uint(4)
  if (version < 1 || version > 3)
    throw new UnreadableContent(`GGUF version ${version} is not known`, 4)
  const wide = version === 1 ? 4 : 8
  const tensors = cursor.uint(wide)
  const entries = cursor.uint(wide)
  const text = () => {
    const length = cursor.uint(wide)
    return { at: cursor.at, bytes: cursor.bytes(length) }
  }
  for (let index = 0; index < entries; index++) {
    step(scan, cursor.at)
    const key = utf8(text().bytes)
    const type = cursor.uint(4)
    if (type === 8) {
      const value = text()
      if (/chat_template|jinja|template/.test(key)) tellTemplate(scan, place, { ...value, key })
    } else skipGguf(scan, cursor, { type, wide, depth: 0 })
  }
  for (let index = 0; index < tensors; index++) {
    step(scan, cursor.at)
    text()
    const dimensions = cursor.uint(4)
    if (dimensions > 8)
      throw new UnreadableContent(`a tensor has ${dimensions} dimensions`, cursor.at)
    cursor.skip(dimensions * wide + 4 + 8)
  }
}

const ggufSizes = [1, 1, 2, 2, 4, 4, 4, 1, -1, -1, 8, 8, 8]

function skipGguf(
  scan: Scan,
  cursor: ByteCursor,
  { type, wide, depth }: { type: number; wide: number; depth: number },
): void {
  const size = ggufSizes[type]
  if (size === undefined || depth > 4)
    throw new UnreadableContent(`a value of type ${type} is not known`, cursor.at)
  if (type === 8) cursor.skip(cursor.uint(wide))
  if (type < 8 || type > 9) cursor.skip(size)
  if (type !== 9) return
  const inner = cursor.uint(4)
  const count = cursor.uint(wide)
  const each = ggufSizes[inner] ?? -1
  if (each > 0) cursor.skip(each * count)
  else
    for (let index = 0; index < count; index++) {
      step(scan, cursor.at)
      skipGguf(scan, cursor, { type: inner, wide, depth: depth + 1 })
    }
}

/** A chat template is a Jinja program; one that reaches for Python's insides leaves its sandbox where there is none. */
function tellTemplate(
  scan: Scan,
  place: Place,
  { key, at, bytes }: { key: string; at: number; bytes: Uint8Array },
): void {
  const reached = /__\w+__|\bcycler\b|\bjoiner\b|\blipsum\b|\battr\s*\(|\bimport\b/.exec(
    utf8(bytes),
  )
  if (reached === null) return
  found(scan, {
    rule: 'gguf.template',
    severity: 'high',
    place: { ...place, offset: at },
    subject: key.slice(0, 80),
    what: `the template ${key.slice(0, 80)} reaches for ${reached[0]}, with which a template runs Python code in servers that render it without a sandbox`,
    next: 'replace the template with the one the model was published with',
  })
}

export interface NpyHeader {
  /** Where the numbers, or the pickle, begin. */
  readonly contentAt: number
  readonly holdsObjects: boolean
}

/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
export function readNpy(source: ByteSource): NpyHeader {
  const cursor = new ByteCursor(source, 6)
  const major = cursor.u8()
  cursor.skip(1)
  if (major < 1 || major > 3) throw new UnreadableContent(`npy version ${major} is not known`, 6)
  const length = cursor.uint(major === 1 ? 2 : 4)
  if (length > 1 << 20) throw new UnreadableContent('the npy header is too long', 8)
  const header = latin1(cursor.bytes(length))
  const descr = /['"]descr['"]\s*:\s*(\[[\s\S]*?\]\s*,\s*['"]|['"][^'"]*['"])/.exec(header)?.[1]
  if (descr === undefined) throw new UnreadableContent('the npy header names no type', 8)
  return { contentAt: cursor.at, holdsObjects: /['"][<>|=]?O\d*['"]/.test(descr) }
}
