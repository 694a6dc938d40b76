// A zip file as a container of contents: its headers are compared, its names judged, and every member looked into.
import { type ByteSource, startsWith, UnreadableContent, windowOf } from './byte-source.ts'
import { inflate, tellBomb } from './inflate.ts'
import { badMemberName } from './member-names.ts'
import {
  bombFloorBytes,
  countMember,
  found,
  memberOf,
  notRead,
  placeAt,
  type Scan,
  shown,
} from './scan.ts'
import type { Place, SecurityRule, Severity } from './security-finding.ts'
import { readZip, type ZipDirectory, type ZipMember } from './zip-directory.ts'

export interface Member {
  readonly name: string
  readonly place: Place
  readonly source: ByteSource
}

/** Tells what is wrong with the archive itself; `look` is given each member that can be read. */
export function scanZip(
  scan: Scan,
  place: Place,
  { source, look }: { readonly source: ByteSource; readonly look: (member: Member) => void },
): void {
  const directory = readZip(source, () => countMember(scan, place))
  tellStructure(scan, place, directory, source)
  for (const member of directory.members) {
    if (member.name.endsWith('/') && member.size === 0) continue
    const at = memberOf(place, shown(member.name))
    tellMember(scan, at, member)
    const content = contentOf(scan, at, member, source)
    if (content !== undefined) look({ name: member.name, place: at, source: content })
  }
}

/** The directory without a scan of the contents, to tell what kind of zip this is; empty when it cannot be read. */
export function namesInZip(source: ByteSource): readonly string[] {
  let left = 20_000
  try {
    return readZip(source, () => left-- > 0).members.map(({ name }) => name)
  } catch (error) {
    if (error instanceof UnreadableContent) return []
    throw error
  }
}

const again =
  'save the model again with the tool that made it; a file like this is made to be read in two ways'

function tell(
  scan: Scan,
  place: Place,
  said: { rule: SecurityRule; severity: Severity; what: string },
): void {
  found(scan, { ...said, place, next: again })
}

function tellStructure(
  scan: Scan,
  place: Place,
  directory: ZipDirectory,
  source: ByteSource,
): void {
  const { members, directoryAt, isAmbiguous } = directory
  if (isAmbiguous)
    tell(scan, place, {
      rule: 'archive.headers_differ',
      severity: 'high',
      what: 'the zip has more than one end record, so loaders may see different contents',
    })
  const seen = new Set<string>()
  for (const { name } of members) {
    if (seen.has(name))
      tell(scan, memberOf(place, shown(name)), {
        rule: 'archive.duplicate',
        severity: 'high',
        what: `two members are called ${shown(name)}, and loaders differ in which they take`,
      })
    seen.add(name)
  }
  const sorted = members.toSorted((one, other) => one.headerAt - other.headerAt)
  let end = 0
  for (const { headerAt, contentAt, packed, name } of sorted) {
    if (headerAt < end)
      tell(scan, memberOf(place, shown(name)), {
        rule: 'archive.overlap',
        severity: 'high',
        what: `the member ${shown(name)} lies inside another one, which is how small archives become huge`,
      })
    tellHidden(scan, place, { source, from: end, to: headerAt })
    end = Math.max(end, contentAt + packed)
  }
  tellHidden(scan, place, { source, from: end, to: Math.min(directoryAt, source.size) })
}

function tellHidden(
  scan: Scan,
  place: Place,
  { source, from, to }: { source: ByteSource; from: number; to: number },
): void {
  // A descriptor of 12 to 24 bytes may follow a member; a member of its own needs more.
  for (let at = from; at + 30 <= to && at <= from + 24; at++) {
    if (!startsWith(source, 'PK\x03\x04', at)) continue
    tell(scan, placeAt(place, at), {
      rule: 'archive.hidden_member',
      severity: 'high',
      what: 'a member stands in the zip that its directory does not list',
    })
    return
  }
}

function tellMember(scan: Scan, place: Place, member: ZipMember): void {
  const bad = badMemberName(member.name)
  if (bad !== undefined)
    tell(scan, place, {
      rule: 'archive.path',
      severity: 'critical',
      what: `unpacking would write outside the folder: ${bad} (${shown(member.name)})`,
    })
  if (member.isLink)
    tell(scan, place, {
      rule: 'archive.link',
      severity: 'critical',
      what: `${shown(member.name)} is a symbolic link, through which later members are written elsewhere`,
    })
  if (member.differences.length > 0)
    tell(scan, place, {
      rule: 'archive.headers_differ',
      severity: 'high',
      what: `the two headers of ${shown(member.name)} disagree: ${shown(member.differences.join('; '))}`,
    })
}

function contentOf(
  scan: Scan,
  place: Place,
  member: ZipMember,
  source: ByteSource,
): ByteSource | undefined {
  const { method, packed, size, contentAt } = member
  if (method === 0 && contentAt + packed > source.size) {
    notRead(scan, place, 'its bytes reach past the end of the zip')
    return undefined
  }
  const bytes = windowOf(source, contentAt, packed)
  // Encrypted in one header only: some loaders read the bytes as they are, so they are looked at as they are.
  if ((member.flags & 1) !== 0 && member.differences.length === 0) {
    notRead(scan, place, 'it is encrypted')
    return undefined
  }
  if (method === 0) return bytes
  if (method !== 8 && method !== 93) {
    notRead(scan, place, `it is compressed by method ${method}, which is not read here`)
    return undefined
  }
  if (size > bombFloorBytes && size > packed * scan.limits.ratio) {
    tellBomb(scan, place, packed, size)
    return undefined
  }
  try {
    return inflate(scan, place, { source: bytes, how: method === 8 ? 'deflate' : 'zstd' })
  } catch (error) {
    if (!(error instanceof UnreadableContent)) throw error
    notRead(scan, place, error.message)
    return undefined
  }
}
