// What is recorded of a scan for one check: enough to judge it again without the artifact.
import type {
  ArtifactFormat,
  SecurityEvidence,
  SecurityFinding,
  Severity,
  Unread,
} from './security-finding.ts'
import { severities } from './security-finding.ts'

/** Files of one format, with the first few names. */
export interface FormatCount {
  readonly format: ArtifactFormat
  /** What their ending promises, when that is something else. */
  readonly promised: ArtifactFormat | null
  readonly files: number
  readonly paths: readonly string[]
}

export type SecurityStatistics =
  | {
      readonly method: 'formats'
      readonly kinds: readonly FormatCount[]
      /** Entries that are no readable file. */
      readonly unread: readonly Unread[]
    }
  | {
      readonly method: 'scan'
      readonly files: number
      readonly members: number
      readonly opcodes: number
      readonly bytes: number
      readonly counts: Readonly<Record<Severity, number>>
      readonly findings: readonly SecurityFinding[]
      readonly unread: readonly Unread[]
    }

const pathsKept = 5

export function formatStatistics({
  files,
  unread,
  findings,
}: SecurityEvidence): SecurityStatistics {
  const groups = Map.groupBy(files, ({ format, promised }) => `${format} ${promised ?? ''}`)
  const kinds = [...groups.values()].flatMap((alike): FormatCount[] => {
    const [first] = alike
    if (first === undefined) return []
    const paths = alike.slice(0, pathsKept).map(({ path }) => path)
    return [{ format: first.format, promised: first.promised ?? null, files: alike.length, paths }]
  })
  const seen = new Set(files.map(({ path }) => path))
  const links = findings
    .filter(({ rule }) => rule === 'tree.link')
    .map(({ place, what }) => ({ place, because: what }))
  return {
    method: 'formats',
    kinds,
    unread: [...unread.filter(({ place }) => !seen.has(place.file)), ...links],
  }
}

export function scanStatistics(evidence: SecurityEvidence): SecurityStatistics {
  const { files, findings, unread, counted } = evidence
  const counts = Object.fromEntries(
    severities.map((one) => [one, findings.filter(({ severity }) => severity === one).length]),
  ) as Record<Severity, number>
  return { method: 'scan', files: files.length, ...counted, counts, findings, unread }
}
