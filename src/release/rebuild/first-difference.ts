// Two files that should be equal: where they first differ, and whether only their wrapping or their order does. Pure.
import { gunzipSync } from 'node:zlib'
import { compareOnnx } from '../../build/baseline/compare-onnx.ts'
import { canonicalJson, type Json } from '../../foundation/canonical-json.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { type ArchiveEntry, isTar, isZip, readTar, readZip } from './archive-entries.ts'

export interface FileDifference {
  /** First differing byte; the shorter file's length when it is the beginning of the other. */
  readonly offset: number
  /** What of it differs: `content` unless everything inside is equal. */
  readonly kind: 'archive_metadata' | 'order' | 'content'
  /** `at byte 812: tensor coef, largest difference 3.1e-7`. */
  readonly sentence: string
}

/** Null for equal bytes. */
export function firstDifference(recorded: Buffer, rebuilt: Buffer): FileDifference | null {
  const offset = firstOffset(recorded, rebuilt)
  if (offset === null) return null
  const at = `first difference at byte ${offset}`
  const found =
    archives(recorded, rebuilt) ??
    json(recorded, rebuilt) ??
    text(recorded, rebuilt) ??
    onnx(recorded, rebuilt) ??
    sizes(recorded, rebuilt)
  return { offset, kind: found.kind, sentence: `${at}: ${found.sentence}` }
}

type Found = Omit<FileDifference, 'offset'>

function firstOffset(a: Buffer, b: Buffer): number | null {
  const shorter = Math.min(a.length, b.length)
  // Whole blocks first: comparing byte by byte in JavaScript would take seconds for a gigabyte.
  const block = 65_536
  for (let start = 0; start < shorter; start += block) {
    const end = Math.min(shorter, start + block)
    if (a.compare(b, start, end, start, end) === 0) continue
    for (let at = start; at < end; at++) if (a[at] !== b[at]) return at
  }
  return a.length === b.length ? null : shorter
}

function archives(a: Buffer, b: Buffer): Found | null {
  if (isGzip(a) && isGzip(b)) {
    const [one, two] = [inflated(a), inflated(b)]
    if (!one || !two) return null
    const inside = firstDifference(one, two)
    if (inside === null)
      return metadata('the gzip header or compression differs, the content is equal')
    return { kind: inside.kind, sentence: `inside the gzip, ${inside.sentence}` }
  }
  const read = isZip(a) && isZip(b) ? readZip : isTar(a) && isTar(b) ? readTar : null
  if (!read) return null
  const [before, after] = [read(a), read(b)]
  if (isRefusal(before) || isRefusal(after)) return null
  return entries(before, after)
}

function entries(before: readonly ArchiveEntry[], after: readonly ArchiveEntry[]): Found {
  const known = new Map(before.map((entry) => [entry.name, entry.content]))
  const other = after.find((entry) => known.get(entry.name) !== entry.content)
  const gone = before.find((entry) => !after.some(({ name }) => name === entry.name))
  if (other) return content(`entry ${other.name} of the archive differs`)
  if (gone) return content(`entry ${gone.name} of the archive is gone`)
  return metadata('its entries hold the same bytes; their times, order or attributes differ')
}

function json(a: Buffer, b: Buffer): Found | null {
  const [one, two] = [parsed(a), parsed(b)]
  if (one === undefined || two === undefined) return null
  if (canonicalJson(one) === canonicalJson(two)) {
    return { kind: 'order', sentence: 'the JSON says the same, in another order or layout' }
  }
  const place = firstMember(one, two, '$')
  return content(`JSON ${place ?? 'differs'}`)
}

function firstMember(a: Json, b: Json, path: string): string | null {
  if (canonicalJson(a) === canonicalJson(b)) return null
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${path}: ${shown(a)} → ${shown(b)}`
  }
  const [one, two] = [Object.entries(a), new Map(Object.entries(b))]
  for (const [key, value] of one) {
    const place = Array.isArray(a) ? `${path}[${key}]` : `${path}.${key}`
    if (!two.has(key)) return `${place} is gone`
    const inside = firstMember(value ?? null, two.get(key) ?? null, place)
    if (inside !== null) return inside
  }
  return `${path} has more members`
}

function text(a: Buffer, b: Buffer): Found | null {
  if (!isText(a) || !isText(b)) return null
  const [one, two] = [a.toString('utf8').split('\n'), b.toString('utf8').split('\n')]
  const line = one.findIndex((value, at) => value !== two[at])
  const at = line < 0 ? one.length : line
  const sorted = (lines: readonly string[]) => [...lines].sort().join('\n')
  if (one.length === two.length && sorted(one) === sorted(two)) {
    return { kind: 'order', sentence: `the same lines in another order, from line ${at + 1}` }
  }
  return content(`line ${at + 1}: ${shown(one[at] ?? null)} → ${shown(two[at] ?? null)}`)
}

function onnx(a: Buffer, b: Buffer): Found | null {
  const found = compareOnnx(a, b)
  return found === null ? null : content(found)
}

function sizes(a: Buffer, b: Buffer): Found {
  return content(
    a.length === b.length ? `both have ${a.length} bytes` : `${a.length} → ${b.length} bytes`,
  )
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b

function inflated(bytes: Buffer): Buffer | null {
  try {
    return gunzipSync(bytes, { maxOutputLength: 512 * 2 ** 20 })
  } catch {
    return null
  }
}

function parsed(bytes: Buffer): Json | undefined {
  if (bytes.length > 64 * 2 ** 20 || !/^\s*[[{]/.test(bytes.subarray(0, 64).toString('latin1')))
    return undefined
  try {
    return JSON.parse(bytes.toString('utf8')) as Json
  } catch {
    return undefined
  }
}

function isText(bytes: Buffer): boolean {
  if (bytes.length > 64 * 2 ** 20 || bytes.includes(0)) return false
  return !bytes.subarray(0, 65_536).toString('utf8').slice(0, -2).includes('\ufffd')
}

function shown(value: Json): string {
  const written = JSON.stringify(value)
  return written.length > 60 ? `${written.slice(0, 57)}…` : written
}

function content(sentence: string): Found {
  return { kind: 'content', sentence }
}

function metadata(sentence: string): Found {
  return { kind: 'archive_metadata', sentence }
}
