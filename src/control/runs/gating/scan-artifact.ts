// The files of the packaged model, scanned when some gate asks for it: before anything loads them, and straight from the store.
import { basename } from 'node:path'
import type { ContentStore } from '../../../build/artifacts/content-store.ts'
import type { StepOutput } from '../../../build/pipeline/step-run.ts'
import type { Clock } from '../../../foundation/clock.ts'
import type { GateSpec } from '../../../project/gate-spec.ts'
import { hasProblems } from '../../../verify/gates/check-spec.ts'
import type { GateEvidenceInput } from '../../../verify/gates/gate-evidence.ts'
import { parseCheck } from '../../../verify/gates/language/parse-check.ts'
import { scanApart } from '../../../verify/security/scan-apart-fs.ts'
import type { NamedFile } from '../../../verify/security/scan-files-fs.ts'

export interface ArtifactScanRequest {
  readonly gates: readonly GateSpec[]
  /** What the step made: one file or a folder of them. */
  readonly artifact: StepOutput
  readonly content: Pick<ContentStore, 'pathOf' | 'readTree'>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Empty when no check is about the artifact's files. */
export async function scanAskedFor(
  request: ArtifactScanRequest,
): Promise<Pick<GateEvidenceInput, 'security'>> {
  const { gates, clock, signal } = request
  const isAsked = gates.some(({ checks }) =>
    checks.some(({ text, options }) => {
      const parsed = parseCheck(text, options)
      return !hasProblems(parsed) && parsed.kind === 'security'
    }),
  )
  if (!isAsked) return {}
  const security = await scanApart({ files: await filesOf(request), clock, signal })
  signal.throwIfAborted()
  return { security }
}

async function filesOf({ artifact, content }: ArtifactScanRequest): Promise<readonly NamedFile[]> {
  const { kind, path, digest } = artifact
  if (kind === 'file') return [{ path: basename(path), location: content.pathOf(digest) }]
  const entries = await content.readTree(digest)
  return entries.map((entry) => ({ path: entry.path, location: content.pathOf(entry.digest) }))
}
