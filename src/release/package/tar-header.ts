// One tar header, written in one way and read strictly: POSIX ustar, with pax records where a name or a size does not fit.
// Source: IEEE Std 1003.1-2017, pax, "ustar Interchange Format" and "pax Extended Header".
import { type Refusal, refuse } from '../../foundation/refusal.ts'

export const blockSize = 512

export interface TarEntry {
  readonly name: string
  readonly size: number
  readonly mode: '0644' | '0755'
}

export interface TarHeader {
  readonly name: string
  readonly size: number
  readonly mode: number
  /** `0` file, `5` folder, `x` pax records for the next entry; the rest is refused by the readers. */
  readonly type: string
}

/** Same entry, same bytes: time, owner and group are always zero. */
export function encodeHeader(entry: TarEntry): Buffer {
  const fitsName = Buffer.byteLength(entry.name) <= 100 && isAscii(entry.name)
  const fitsSize = entry.size <= 0o77777777777
  const head = ustar(entry, '0', {
    name: fitsName ? entry.name : 'long-name',
    size: fitsSize ? entry.size : 0,
  })
  if (fitsName && fitsSize) return head
  const records = [
    ...(fitsName ? [] : [record('path', entry.name)]),
    ...(fitsSize ? [] : [record('size', String(entry.size))]),
  ].join('')
  const body = Buffer.from(records, 'utf8')
  const pax = ustar({ ...entry, mode: '0644' }, 'x', { name: 'pax', size: body.length })
  return Buffer.concat([pax, body, Buffer.alloc(padding(body.length)), head])
}

/** Zeros after an entry's bytes, up to the next block. */
export function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize
}

/** Null for a block of zeros, which ends the archive. */
export function decodeHeader(block: Uint8Array): TarHeader | null | Refusal {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
  if (bytes.every((byte) => byte === 0)) return null
  // Strict in form, so that no byte of it can change unnoticed.
  const stated = /^([0-7]{6})\0 $/.exec(bytes.toString('latin1', 148, 156))?.[1]
  if (stated === undefined || Number.parseInt(stated, 8) !== checksum(bytes))
    return refuse('package.tar_damaged', 'a header does not fit its checksum')
  const size = octal(bytes.subarray(124, 136))
  const mode = octal(bytes.subarray(100, 108))
  if (size === undefined || mode === undefined)
    return refuse('package.tar_damaged', 'a header has a size or a mode that is no number')
  const name = text(bytes.subarray(0, 100))
  const isUstar = bytes.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isUstar ? text(bytes.subarray(345, 500)) : ''
  if (name === undefined || prefix === undefined)
    return refuse('package.tar_damaged', 'a header has a name that is not UTF-8')
  const type = bytes.toString('latin1', 156, 157)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    mode,
    type: type === '\0' ? '0' : type,
  }
}

/** What pax records may say here: another name, another size. Times are read over; anything else is refused. */
export function decodePax(
  bytes: Uint8Array,
): { readonly path?: string; readonly size?: number } | Refusal {
  let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const said: { path?: string; size?: number } = {}
  while (rest.length > 0) {
    const length = Number(/^([1-9]\d{0,6}) /.exec(rest.toString('latin1', 0, 8))?.[1] ?? Number.NaN)
    if (!(length <= rest.length) || rest[length - 1] !== 0x0a)
      return refuse('package.tar_damaged', 'pax records are malformed')
    const line = rest.toString('utf8', String(length).length + 1, length - 1)
    rest = rest.subarray(length)
    const [, key, value] = /^([^=]+)=([\s\S]*)$/.exec(line) ?? []
    if (key === 'path' && value !== undefined && said.path === undefined) said.path = value
    else if (key === 'size' && /^\d{1,15}$/.test(value ?? '') && said.size === undefined)
      said.size = Number(value)
    else if (key !== 'mtime' && key !== 'atime' && key !== 'ctime')
      return refuse(
        'package.tar_refused',
        `pax record ${JSON.stringify(key ?? line)} is not allowed`,
      )
  }
  return said
}

function ustar(
  { mode }: TarEntry,
  type: '0' | 'x',
  fields: { readonly name: string; readonly size: number },
): Buffer {
  const block = Buffer.alloc(blockSize)
  block.write(fields.name, 0, 'utf8')
  block.write(`000${mode}\0`, 100, 'latin1')
  block.write('0000000\u00000000000\0', 108, 'latin1')
  block.write(`${fields.size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  block.write('00000000000\0', 136, 'latin1')
  block.write(type, 156, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  block.write('0000000\u00000000000\0', 329, 'latin1')
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function checksum(block: Uint8Array): number {
  let sum = 8 * 0x20
  for (let index = 0; index < blockSize; index++) {
    if (index < 148 || index >= 156) sum += block[index] ?? 0
  }
  return sum
}

/** The length counts its own digits. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (String(length).length !== String(rest).length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

function octal(field: Buffer): number | undefined {
  const digits = /^ *([0-7]+)[ \0]+$/.exec(field.toString('latin1'))?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 8)
}

function text(field: Buffer): string | undefined {
  const end = field.indexOf(0)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      end < 0 ? field : field.subarray(0, end),
    )
  } catch {
    return undefined
  }
}

function isAscii(name: string): boolean {
  return Buffer.byteLength(name) === name.length
}
