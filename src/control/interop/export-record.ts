// Records in the formats of others, written on demand; nothing in Lockstep reads them back.
import { LockstepError } from '../../foundation/errors.ts'
import type { KeepingWorld } from '../keeping/roots.ts'
import { croissantOf } from './croissant.ts'
import { cyclonedxOf } from './cyclonedx.ts'
import { openLineageOf } from './open-lineage.ts'
import { type RecordQuestion, type ReleaseFacts, recordFacts } from './record-facts.ts'

export interface RecordRequest extends RecordQuestion {
  readonly format: 'openlineage' | 'croissant' | 'cyclonedx'
}

export interface ExportedRecord {
  readonly text: string
  /** What the document does not say, because the record does not. */
  readonly notes: readonly string[]
}

export async function exportRecord(
  world: KeepingWorld,
  request: RecordRequest,
): Promise<ExportedRecord> {
  const facts = await recordFacts(world, request)
  const { format, subject } = request
  if (format === 'openlineage') {
    if (!facts.run) throw noRun(subject)
    const lines = openLineageOf(facts, facts.run).map((event) => JSON.stringify(event))
    return { text: `${lines.join('\n')}\n`, notes: [] }
  }
  if (!facts.release) throw noRelease(subject, format)
  const text = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`
  if (format === 'cyclonedx') {
    return { text: text(cyclonedxOf(facts, facts.release)), notes: locksMissing(facts.release) }
  }
  for (const dataset of facts.release.datasets) {
    if (dataset.files.length === 0) throw noFiles(subject, dataset.name)
  }
  return { text: text(croissantOf(facts, facts.release)), notes: [] }
}

function locksMissing({ runtimes }: ReleaseFacts): string[] {
  if (runtimes.length === 0)
    return ['no step declared a language environment: no packages are listed']
  return runtimes
    .filter((runtime) => runtime.lockText === null)
    .map(
      (runtime) => `the lock file ${runtime.lockPath} is not stored: its packages are not listed`,
    )
}

function noRun(subject: string): LockstepError {
  return new LockstepError({
    code: 'export.no_run',
    kind: 'precondition',
    message: `the run behind '${subject}' is not recorded here, so it has no events`,
    hint: 'a release that was imported keeps its provenance: lockstep export-record RELEASE --format cyclonedx',
  })
}

function noRelease(subject: string, format: string): LockstepError {
  return new LockstepError({
    code: 'export.no_release',
    kind: 'precondition',
    message: `'${subject}' made no release whose record can be read; ${format} describes a release`,
    hint: 'lockstep export-record RELEASE, or --format openlineage for a run',
  })
}

function noFiles(subject: string, dataset: string): LockstepError {
  return new LockstepError({
    code: 'export.files_unknown',
    kind: 'precondition',
    message: `the record of '${subject}' does not say which files dataset ${dataset} was made of`,
    hint: `declare it again under data: in lockstep.yaml as it was then`,
  })
}
