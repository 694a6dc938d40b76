// A tar file as a container of contents: links, devices and names that lead out of the folder are told, every file looked into.
// Format: POSIX ustar and pax, GNU long names.
import { type ByteSource, latin1, UnreadableContent, utf8, windowOf } from './byte-source.ts'
import { badMemberName } from './member-names.ts'
import { countMember, found, memberOf, type Scan, shown } from './scan.ts'
import type { Member } from './scan-zip.ts'
import type { Place } from './security-finding.ts'

const block = 512
const again = 'save the model again without links and with plain relative names'

export function scanTar(
  scan: Scan,
  place: Place,
  { source, look }: { readonly source: ByteSource; readonly look: (member: Member) => void },
): void {
  let longName: string | undefined
  for (let at = 0; at + block <= source.size; ) {
    const header = source.read(at, block)
    if (header.every((byte) => byte === 0)) return
    if (!isChecked(header)) throw new UnreadableContent('a tar header is broken', at)
    const size = sizeOf(header, at)
    const type = String.fromCharCode(header[156] ?? 0)
    const from = at + block
    if (from + size > source.size) throw new UnreadableContent('a member reaches past the end', at)
    at = from + Math.ceil(size / block) * block
    if (type === 'L' || type === 'x') {
      const bytes = source.read(from, Math.min(size, 65_536))
      longName = type === 'L' ? field(bytes, 0, bytes.length) : (paxPath(bytes) ?? longName)
      continue
    }
    if (type === 'g' || type === 'K') continue
    if (!countMember(scan, place)) return
    const name = longName ?? nameOf(header)
    longName = undefined
    const where = memberOf(place, shown(name))
    tellMember(scan, where, { name, type, target: field(header, 157, 100) })
    if (size > 0) look({ name, place: where, source: windowOf(source, from, size) })
  }
}

/** True for a header whose checksum fits: how a tar without a magic is told from anything else. */
export function isTarHeader(source: ByteSource): boolean {
  const header = source.read(0, block)
  return header.length === block && header[0] !== 0 && isChecked(header)
}

function isChecked(header: Uint8Array): boolean {
  const told = Number.parseInt(field(header, 148, 8).trim(), 8)
  let sum = 8 * 32
  for (let at = 0; at < block; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0
  return told === sum
}

function tellMember(
  scan: Scan,
  place: Place,
  { name, type, target }: { name: string; type: string; target: string },
): void {
  const bad = badMemberName(name)
  if (bad !== undefined)
    found(scan, {
      rule: 'archive.path',
      severity: 'critical',
      place,
      what: `unpacking would write outside the folder: ${bad} (${shown(name)})`,
      next: again,
    })
  if (['1', '2'].includes(type))
    found(scan, {
      rule: 'archive.link',
      severity: 'critical',
      place,
      what: `${shown(name)} is a link to ${shown(target)}, through which later members are written elsewhere`,
      next: again,
    })
  if (['3', '4', '6'].includes(type))
    found(scan, {
      rule: 'archive.link',
      severity: 'critical',
      place,
      what: `${shown(name)} is a device or pipe, which no model holds`,
      next: again,
    })
}

function sizeOf(header: Uint8Array, at: number): number {
  const [first = 0] = header.subarray(124, 125)
  if (first >= 0x80) throw new UnreadableContent('a member is larger than 8 GiB', at)
  const size = Number.parseInt(field(header, 124, 12).trim() || '0', 8)
  if (!Number.isSafeInteger(size) || size < 0)
    throw new UnreadableContent('a tar header has no size', at)
  return size
}

function nameOf(header: Uint8Array): string {
  const name = field(header, 0, 100)
  const prefix = latin1(header.subarray(257, 262)) === 'ustar' ? field(header, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** Text up to the first zero byte. */
function field(bytes: Uint8Array, from: number, length: number): string {
  const part = bytes.subarray(from, from + length)
  const end = part.indexOf(0)
  return utf8(end < 0 ? part : part.subarray(0, end))
}

function paxPath(bytes: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(utf8(bytes))?.[1]
}
