// `lockstep data infer` and `lockstep data diff`: a schema proposed from files, and what new files break of a declared one.
import { readFile } from 'node:fs/promises'
import { openTables } from '../build/tables/duckdb.ts'
import type { SchemaDiffRequest, SchemaDiffView, SchemaView } from '../cli/world.ts'
import { writeFileAtomically } from '../foundation/atomic-file.ts'
import { toIso } from '../foundation/clock.ts'
import { LockstepError } from '../foundation/errors.ts'
import { systemClock } from '../foundation/system-clock.ts'
import {
  declaredDataset,
  editSchema,
  type SchemaEdit,
  schemaPlaces,
} from '../project/edit-schema.ts'
import { loadProject, projectFileName } from '../project/load-project.ts'
import { didYouMean } from '../project/problems.ts'
import type { DatasetSpec } from '../project/project-spec.ts'
import { inferSchema, type SchemaProposal } from '../verify/data/schema/infer-schema.ts'
import {
  type BrokenLine,
  diffSchema,
  type SchemaChange,
  type SchemaField,
} from '../verify/data/schema/schema-diff.ts'
import { judgeData } from '../verify/gates/judge-data.ts'

export async function inferFiles(files: readonly string[]): Promise<SchemaView> {
  const { rows, columns, checks } = await proposalOf(files)
  return {
    rows,
    columns: columns.map(({ name, column, because }) => ({ name, column, because })),
    checks,
  }
}

async function proposalOf(files: readonly string[]): Promise<SchemaProposal> {
  const tables = await openTables()
  try {
    return await inferSchema(tables, files)
  } finally {
    tables.close()
  }
}

export async function diffFiles(request: SchemaDiffRequest): Promise<SchemaDiffView> {
  const { files, projectDir, dataset: name, write } = request
  const { spec, file } = await loadProject(projectDir)
  const dataset = spec.datasets.find((one) => one.name === name)
  if (dataset === undefined) throw unknownDataset(name, spec.datasets)
  const before = await readFile(file, 'utf8')
  const raw = declaredDataset(before, name)
  const broken = await brokenLines(files, dataset, before)
  const changes = diffSchema({
    declared: raw.schema,
    isClosed: raw.columns !== 'open',
    broken,
    found: await proposalOf(files),
  })
  const after = editSchema(before, name, changes.flatMap(editOf))
  const isWritten = write && after !== before
  if (isWritten) await writeFileAtomically(file, after)
  return { broken, changes, before, after, written: isWritten ? projectFileName : null }
}

/** The checks that the schema stands for, asked of the new files; those that fail, by the line they come from. */
async function brokenLines(
  files: readonly string[],
  dataset: DatasetSpec,
  text: string,
): Promise<readonly BrokenLine[]> {
  const places = schemaPlaces(text, dataset.name)
  const checks = dataset.checks.filter(({ position }) => position !== null)
  const report = await judgeData({
    checks,
    table: files,
    now: toIso(systemClock.now()),
    facts: {
      key: dataset.key,
      redact: dataset.redact,
      missingValues: dataset.missingValues,
      ...(dataset.label === null ? {} : { label: dataset.label }),
      ...(dataset.time === null ? {} : { time: dataset.time }),
    },
  })
  const results = report.gates.flatMap((gate) => gate.checks)
  return results.flatMap(({ verdict, because, position }): BrokenLine[] => {
    if (verdict === 'pass' || verdict === 'skipped') return []
    const place = places.find(({ line, at }) => line === position?.line && at === position.column)
    return [
      {
        column: place?.column ?? null,
        field: place === undefined ? null : (place.field as SchemaField),
        because,
      },
    ]
  })
}

function editOf(change: SchemaChange): readonly SchemaEdit[] {
  switch (change.does) {
    case 'set':
      return [{ column: change.column, field: change.field, value: change.value }]
    case 'remove':
      return [{ column: change.column, field: change.field, value: undefined }]
    case 'add':
      return [{ column: change.column, field: null, value: change.value }]
    case 'decide':
      return []
  }
}

function unknownDataset(name: string, datasets: readonly DatasetSpec[]): LockstepError {
  const names = datasets.map((one) => one.name)
  const near = didYouMean(name, names)
  return new LockstepError({
    code: 'data.dataset_unknown',
    kind: 'not_found',
    message: `The project has no dataset ${name}.`,
    hint: near === undefined ? `Datasets: ${names.join(', ') || 'none'}.` : `Did you mean ${near}?`,
  })
}
