// A whole artifact, one file or a folder of them: every file looked into, and links told. The answer is plain JSON.
import type { ByteSource } from './byte-source.ts'
import { breaksPromise, promisedBy } from './detect-format.ts'
import { countMember, found, notRead, openScan, type ScanLimits, shown } from './scan.ts'
import { scanContent } from './scan-content.ts'
import type { ScannedFile, SecurityEvidence } from './security-finding.ts'

export type ArtifactFile =
  | { readonly path: string; readonly kind: 'file'; readonly open: () => OpenFile }
  | { readonly path: string; readonly kind: 'link'; readonly target: string }
  | { readonly path: string; readonly kind: 'other' }
  /** It could not be opened or listed. */
  | { readonly path: string; readonly kind: 'unread'; readonly because: string }

export interface OpenFile {
  readonly source: ByteSource
  close(): void
}

export interface ArtifactToScan {
  /** Sorted by path, so that findings come in the same order everywhere. */
  readonly files: readonly ArtifactFile[]
  readonly sizes: ReadonlyMap<string, number>
  readonly limits?: ScanLimits
}

export function scanArtifact({ files, sizes, limits }: ArtifactToScan): SecurityEvidence {
  const scan = openScan(limits)
  const scanned: ScannedFile[] = []
  if (files.length === 0) notRead(scan, { file: '.' }, 'the artifact has no files')
  for (const entry of files) {
    const place = { file: shown(entry.path) }
    if (!countMember(scan, place)) {
      notRead(scan, place, 'there are more files than a scan takes in')
      break
    }
    if (entry.kind === 'link')
      found(scan, {
        rule: 'tree.link',
        severity: 'high',
        place,
        what: `${place.file} is a link to ${shown(entry.target)}; whoever loads the model reads that instead`,
        next: 'put the file itself into the artifact',
      })
    else if (entry.kind === 'other') notRead(scan, place, 'it is neither a file nor a folder')
    else if (entry.kind === 'unread') notRead(scan, place, entry.because)
    else {
      const folder = entry.path.includes('/')
        ? entry.path.slice(0, entry.path.lastIndexOf('/') + 1)
        : ''
      const opened = entry.open()
      try {
        const { source } = opened
        const sizeBeside = (path: string) => sizes.get(`${folder}${path}`)
        const format = scanContent(scan, { source, place, name: entry.path, depth: 0, sizeBeside })
        const promised = promisedBy(entry.path)
        const isBroken =
          promised !== undefined && format !== 'empty' && breaksPromise(promised, format)
        scanned.push({
          path: entry.path,
          size: source.size,
          format,
          ...(isBroken ? { promised } : {}),
        })
      } finally {
        opened.close()
      }
    }
  }
  const { members, opcodes, bytes } = scan.spent
  return {
    files: scanned,
    findings: scan.findings,
    unread: scan.unread,
    counted: { members, opcodes, bytes },
  }
}
