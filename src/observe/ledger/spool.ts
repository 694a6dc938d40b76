// The spool: a folder in which gateway workers leave segments and from which control takes them, in order, exactly once.
// Files are deleted only after the commit; what cannot be read is moved to rejected/, so one bad file never stops the others.
import { mkdir, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCodeOf } from '../../foundation/errors.ts'
import type { Logger } from '../../foundation/logger.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { mergeEvidence } from './evidence.ts'
import type { LedgerPort } from './ledger-port.ts'
import { parseSegment } from './segment.ts'

export interface DrainRequest {
  /** `.lockstep/spool` */
  readonly folder: string
  readonly ledger: LedgerPort
  readonly logger: Logger
}

export interface DrainReport {
  readonly stored: number
  readonly duplicates: number
  readonly rejected: number
  /** What the workers say they lost, in the segments stored now. */
  readonly dropped: { readonly capture: number; readonly mirror: number; readonly evidence: number }
}

/** A worker writes a hidden `.tmp` first and renames it, so half-written files are never seen. */
const evidenceName = /^evidence-.*\.json$/

/** A failing ledger throws and leaves its file and all later ones for the next call. */
export async function drainEvidence(request: DrainRequest): Promise<DrainReport> {
  const dropped = { capture: 0, mirror: 0, evidence: 0 }
  const report = { stored: 0, duplicates: 0, rejected: 0, dropped }
  for (const name of await segmentNames(request.folder, evidenceName)) {
    const path = join(request.folder, name)
    const text = await readFile(path, 'utf8').catch(ignoreMissing)
    if (text === undefined) continue
    const segment = parseSegment(text)
    if (isRefusal(segment)) {
      await rejectSegment(request, name, segment.because)
      report.rejected++
      continue
    }
    const answer = await request.ledger.ingest(name, mergeEvidence([], segment.counts))
    await unlink(path).catch(ignoreMissing)
    if (answer === 'duplicate') {
      report.duplicates++
      continue
    }
    report.stored++
    dropped.capture += segment.dropped.capture
    dropped.mirror += segment.dropped.mirror
    dropped.evidence += segment.dropped.evidence
  }
  return report
}

/** By name; counts add up in any order. An absent folder is an empty one. */
export async function segmentNames(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch(ignoreMissing)
  return (names ?? []).filter((name) => pattern.test(name)).sort()
}

export async function rejectSegment(
  place: { readonly folder: string; readonly logger: Logger },
  name: string,
  because: string,
): Promise<void> {
  const rejected = join(place.folder, 'rejected')
  await mkdir(rejected, { recursive: true })
  await rename(join(place.folder, name), join(rejected, name)).catch(ignoreMissing)
  place.logger.error('a spool segment cannot be read and was set aside', {
    segment: name,
    movedTo: rejected,
    because,
  })
}

/** Another process may have taken the file between listing and reading. */
export function ignoreMissing(error: unknown): undefined {
  if (systemCodeOf(error) === 'ENOENT') return undefined
  throw error
}
