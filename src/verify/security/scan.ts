// One scan under way: what it found so far and how much work it may still do. Limits are counts of work, not seconds, so
// that the same artifact gives the same findings on every machine.
import { UnreadableContent } from './byte-source.ts'
import type { Place, SecurityFinding, Unread } from './security-finding.ts'

export interface ScanLimits {
  /** Pickle instructions, protobuf fields and the like, over the whole artifact. */
  readonly steps: number
  /** Members of all archives together, and files of the artifact. */
  readonly members: number
  /** Archives inside archives, pickles inside pickles. */
  readonly depth: number
  /** Bytes that one compressed content may become, and all of them together. */
  readonly inflatedBytes: number
  readonly inflatedTotal: number
  /** From this factor on, and at 16 MiB or more, a compressed content counts as a bomb. */
  readonly ratio: number
  /** More findings than this are counted as one that says so. */
  readonly findings: number
}

export const scanLimits: ScanLimits = {
  steps: 50_000_000,
  members: 100_000,
  depth: 6,
  inflatedBytes: 512 * 1024 ** 2,
  inflatedTotal: 2 * 1024 ** 3,
  ratio: 200,
  findings: 200,
}

export const bombFloorBytes = 16 * 1024 ** 2

export interface Scan {
  readonly limits: ScanLimits
  readonly findings: SecurityFinding[]
  readonly unread: Unread[]
  readonly spent: {
    steps: number
    members: number
    inflated: number
    bytes: number
    opcodes: number
  }
}

export function openScan(limits: ScanLimits = scanLimits): Scan {
  return {
    limits,
    findings: [],
    unread: [],
    spent: { steps: 0, members: 0, inflated: 0, bytes: 0, opcodes: 0 },
  }
}

/** The same finding at many places is told once for each of the first few. */
const alikeTold = 5

export function found(scan: Scan, finding: SecurityFinding): void {
  const isAlike = ({ rule, subject, place }: SecurityFinding) =>
    rule === finding.rule && subject === finding.subject && place.file === finding.place.file
  if (finding.subject !== undefined && scan.findings.filter(isAlike).length >= alikeTold) return
  if (scan.findings.length < scan.limits.findings) scan.findings.push(finding)
  else notRead(scan, finding.place, `there are more than ${scan.limits.findings} findings`)
}

export function notRead(scan: Scan, place: Place, because: string): void {
  const last = scan.unread.at(-1)
  if (last?.because === because && last.place.file === place.file) return
  if (scan.unread.length < scan.limits.findings) scan.unread.push({ place, because })
}

export function step(scan: Scan, at: number, count = 1): void {
  scan.spent.steps += count
  if (scan.spent.steps > scan.limits.steps) {
    throw new UnreadableContent(
      `it takes more than ${scan.limits.steps} steps to look through; the scan stops here`,
      at,
    )
  }
}

/** False, once, when there are too many. */
export function countMember(scan: Scan, place: Place): boolean {
  scan.spent.members++
  if (scan.spent.members <= scan.limits.members) return true
  if (scan.spent.members === scan.limits.members + 1) {
    found(scan, {
      rule: 'archive.bomb',
      severity: 'high',
      place,
      what: `there are more than ${scan.limits.members} files and members, which exhausts whoever unpacks them`,
      next: 'save the model with fewer parts',
    })
  }
  return false
}

/** `place` with an offset; inside an archive the file stays the archive. */
export function placeAt(place: Place, offset: number): Place {
  return { ...place, offset }
}

export function memberOf(place: Place, name: string): Place {
  const { file, member } = place
  return { file, member: member === undefined ? name : `${member}!/${name}` }
}

/** Names out of files can hold anything: one line, printable, bounded. */
export function shown(name: string): string {
  const plain = name.replace(
    /[^\x20-\x7e\u00a1-\uffff]/g,
    (mark) => `\\x${mark.charCodeAt(0).toString(16)}`,
  )
  return plain.length > 120 ? `${plain.slice(0, 117)}...` : plain
}
