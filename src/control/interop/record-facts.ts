// Everything a foreign format may want to know of a run or release, read once from the records.

import { isWithin } from '../../build/artifacts/relative-path.ts'
import { globMatcher, isGlob } from '../../build/pipeline/path-pattern.ts'
import type { KeyInput, StepKeyDocument } from '../../build/pipeline/step-key.ts'
import type { StepOutput } from '../../build/pipeline/step-run.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { DatasetSpec } from '../../project/project-spec.ts'
import type { ManifestDataset, ManifestRuntime, ReleaseManifest } from '../../release/manifest.ts'
import type { Release } from '../../release/release.ts'
import { findRelease } from '../keeping/find-object.ts'
import { readLineage } from '../keeping/read-lineage.ts'
import type { KeepingWorld } from '../keeping/roots.ts'
import type { Shelf } from '../keeping/shelf.ts'
import type { Run } from '../runs/run.ts'

export interface StepFacts {
  readonly document: StepKeyDocument
  readonly outputs: readonly StepOutput[]
}

export interface DataFile {
  readonly path: string
  readonly digest: Digest
  /** Null when only the digest was recorded. */
  readonly size: number | null
}

export interface DatasetFacts extends ManifestDataset {
  /** Empty when the record does not say which files they were. */
  readonly files: readonly DataFile[]
}

export interface RuntimeFacts extends ManifestRuntime {
  /** Null when the lock file is not stored. */
  readonly lockText: string | null
}

export interface ReleaseFacts {
  readonly release: Release
  readonly manifest: ReleaseManifest
  readonly datasets: readonly DatasetFacts[]
  readonly runtimes: readonly RuntimeFacts[]
}

export interface RecordFacts {
  readonly project: string
  readonly model: string
  readonly run: Run | null
  readonly release: ReleaseFacts | null
  /** By step name: those whose result is still known. */
  readonly steps: ReadonlyMap<string, StepFacts>
}

export interface RecordQuestion {
  /** `3`, `release:3`, an alias, `run:4`. */
  readonly subject: string
  readonly project: string
  readonly model: string
  /** As declared now: which files a dataset is made of. */
  readonly datasets: readonly DatasetSpec[]
}

export async function recordFacts(
  world: KeepingWorld,
  question: RecordQuestion,
): Promise<RecordFacts> {
  const { subject, project, model } = question
  const { runs, releases, manifests } = await readLineage(world, model)
  const asked = /^run[: ](.+)$/.exec(subject)?.[1]
  const release = asked
    ? releases.find((one) => runs.some((run) => isAsked(run, asked) && run.id === one.runId))
    : await findRelease(world, subject)
  const run = runs.find((one) => (asked ? isAsked(one, asked) : one.id === release?.runId)) ?? null
  if (asked ? !run : !release) throw unknownRecord(subject)
  const steps = run ? await stepFacts(world, run) : new Map<string, StepFacts>()
  const manifest = release && manifests.get(release.id)
  if (!release || !manifest) return { project, model, run, release: null, steps }
  return {
    ...{ project, model, run, steps },
    release: {
      ...{ release, manifest },
      datasets: await datasetFacts(world, manifest, { specs: question.datasets, steps }),
      runtimes: await Promise.all(
        manifest.environment.runtimes.map(async (runtime) => ({
          ...runtime,
          lockText: (await world.shelf.bytes(runtime.lock))?.toString('utf8') ?? null,
        })),
      ),
    },
  }
}

async function stepFacts({ db }: KeepingWorld, run: Run): Promise<Map<string, StepFacts>> {
  const facts = new Map<string, StepFacts>()
  for (const { name, key } of run.steps) {
    if (key === null) continue
    const row = await db.selectFrom('actions').selectAll().where('key', '=', key).executeTakeFirst()
    if (!row) continue
    const document = JSON.parse(row.document) as StepKeyDocument
    facts.set(name, { document, outputs: JSON.parse(row.outputs) as StepOutput[] })
  }
  return facts
}

/** The stored code tree lists every project file that was read; without it the steps' own inputs must do. */
async function datasetFacts(
  { shelf }: KeepingWorld,
  manifest: ReleaseManifest,
  known: {
    readonly specs: readonly DatasetSpec[]
    readonly steps: ReadonlyMap<string, StepFacts>
  },
): Promise<DatasetFacts[]> {
  const files = new Map<string, DataFile>()
  for (const { document } of known.steps.values()) {
    for (const input of document.inputs) {
      for (const file of await filesOfInput(shelf, input)) files.set(file.path, file)
    }
  }
  const tree = manifest.code.tree ? await shelf.tree(manifest.code.tree) : undefined
  for (const entry of tree ?? []) files.set(entry.path, entry)
  return manifest.datasets.map((dataset) => {
    const path = known.specs.find((spec) => spec.name === dataset.name)?.path
    const own = [...files.values()].filter((file) => path !== undefined && isOf(file.path, path))
    return { ...dataset, files: own.sort((a, b) => (a.path < b.path ? -1 : 1)) }
  })
}

/** The list behind a folder has paths within it, the list behind a glob whole ones. */
async function filesOfInput(shelf: Shelf, input: KeyInput): Promise<DataFile[]> {
  const { path, digest } = input
  if (input.kind === 'file') return [{ path, digest, size: await shelf.size(digest) }]
  const entries = (await shelf.tree(digest)) ?? []
  return entries.map(({ path: within, digest, size }) => ({
    path: input.kind === 'tree' ? `${path}/${within}` : within,
    ...{ digest, size },
  }))
}

function isOf(file: string, path: string): boolean {
  return isGlob(path) ? globMatcher(path)(file) : isWithin(file, path)
}

function isAsked(run: Run, asked: string): boolean {
  return String(run.number) === asked || run.id === asked
}

function unknownRecord(subject: string): LockstepError {
  return new LockstepError({
    code: 'export.unknown_record',
    kind: 'not_found',
    message: `there is no release and no run '${subject}'`,
    hint: 'write a release number, or run:NUMBER: lockstep releases',
  })
}
