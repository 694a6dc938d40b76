// `lockstep data check`: checks of files that need no project, no control plane and no model; what reads a project is loaded for one.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchTable, isUrl } from '../build/tables/fetch-table.ts'
import { openTableSource } from '../build/tables/table-source.ts'
import type { DataCheckRequest, DataCheckView } from '../cli/world.ts'
import { toIso } from '../foundation/clock.ts'
import { LockstepError } from '../foundation/errors.ts'
import { systemClock } from '../foundation/system-clock.ts'
import type { RawCheck } from '../project/gate-spec.ts'
import { didYouMean } from '../project/problems.ts'
import type { DatasetSpec } from '../project/project-spec.ts'
import type { TableFacts } from '../verify/data/check-plan.ts'
import type { CheckResult } from '../verify/gates/check-result.ts'
import { judgeData } from '../verify/gates/judge-data.ts'

export async function checkData(request: DataCheckRequest): Promise<DataCheckView> {
  const dataset = await datasetOf(request)
  const checks = [
    ...(dataset?.spec.checks ?? []),
    ...request.checks.map((text) => ({ text, options: {}, position: null })),
    ...(request.list === undefined ? [] : await listed(request.list)),
  ]
  if (checks.length === 0) throw nothingAsked()
  const given = request.files.length > 0 ? request.files : (dataset?.paths ?? [])
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-check-'))
  try {
    const paths: string[] = []
    for (const file of given)
      paths.push(isUrl(file) ? await fetchTable(file, folder, request) : file)
    return await judged(paths, checks, request, dataset?.spec)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function judged(
  paths: readonly string[],
  checks: readonly RawCheck[],
  request: DataCheckRequest,
  spec: DatasetSpec | undefined,
): Promise<DataCheckView> {
  const { threads, memory } = request
  const source = await openTableSource(paths, {
    ...(threads === undefined ? {} : { threads }),
    ...(memory === undefined ? {} : { memoryLimit: memory }),
  }).catch(() => undefined)
  try {
    const report = await judgeData({
      checks,
      table: source ?? paths,
      now: toIso(systemClock.now()),
      facts: factsOf(request, spec),
    })
    const results = report.gates.flatMap((gate) => gate.checks)
    return { verdict: report.verdict, checks: results.map(viewOf) }
  } finally {
    await source?.close()
  }
}

function factsOf(request: DataCheckRequest, spec: DatasetSpec | undefined): TableFacts {
  const label = request.label ?? spec?.label ?? undefined
  const time = request.time ?? spec?.time ?? undefined
  return {
    key: request.key ?? spec?.key ?? [],
    redact: request.redact || spec?.redact === true,
    missingValues: spec?.missingValues ?? {},
    ...(label === undefined ? {} : { label }),
    ...(time === undefined ? {} : { time }),
  }
}

function viewOf(result: CheckResult): DataCheckView['checks'][number] {
  const { statistics } = result
  return {
    id: result.id,
    check: result.written,
    verdict: result.verdict,
    because: result.because,
    estimate: result.estimate ?? null,
    limit: result.limit ?? null,
    n: result.n ?? null,
    examples: 'examples' in statistics ? (statistics.examples ?? []) : [],
  }
}

async function datasetOf({
  dataset,
}: DataCheckRequest): Promise<{ spec: DatasetSpec; paths: readonly string[] } | undefined> {
  if (dataset === undefined) return undefined
  const { loadProject } = await import('../project/load-project.ts')
  const { spec, dir } = await loadProject(dataset.projectDir)
  const found = spec.datasets.find(({ name }) => name === dataset.name)
  if (found !== undefined) return { spec: found, paths: [join(dir, found.path)] }
  const names = spec.datasets.map(({ name }) => name)
  const near = didYouMean(dataset.name, names)
  throw new LockstepError({
    code: 'data.dataset_unknown',
    kind: 'not_found',
    message: `The project has no dataset ${dataset.name}.`,
    hint: near === undefined ? `Datasets: ${names.join(', ') || 'none'}.` : `Did you mean ${near}?`,
  })
}

async function listed(path: string): Promise<readonly RawCheck[]> {
  const { readCheckList } = await import('../project/read-check-list.ts')
  return readCheckList(path)
}

function nothingAsked(): LockstepError {
  return new LockstepError({
    code: 'data.no_checks',
    kind: 'invalid',
    message: 'There is nothing to check.',
    hint: "Give checks (--checks 'rows > 0'), a list (--list FILE) or a dataset with checks (--dataset NAME).",
  })
}
