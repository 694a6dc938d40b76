// Datasets that steps make are judged when they are there: their own checks, and then every check between datasets.
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PipelineResult } from '../../../build/pipeline/scheduler.ts'
import type { StepOutput } from '../../../build/pipeline/step-run.ts'
import { toIso } from '../../../foundation/clock.ts'
import { LockstepError } from '../../../foundation/errors.ts'
import type { DatasetSpec } from '../../../project/project-spec.ts'
import type { DatasetEvidence } from '../../../verify/gates/evidence-document.ts'
import type { GateReport } from '../../../verify/gates/gate-report.ts'
import { judgeBetweenSets } from '../../../verify/gates/judge-between.ts'
import type { ResolvedInputs } from '../resolve-inputs.ts'
import type { RunWorld } from '../run-world.ts'
import { readHistory } from './dataset-history.ts'
import { findReferences } from './reference-profiles.ts'
import { filesOf, mostReleases } from './validate-data.ts'
import { type DatasetFacts, judgeDataset } from './validate-dataset.ts'

export interface MadeDataRequest {
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
  /** Emptied by the caller. */
  readonly workDir: string
}

export interface JudgedMadeData {
  readonly reports: readonly GateReport[]
  readonly datasets: readonly DatasetEvidence[]
  readonly facts: readonly DatasetFacts[]
}

/** Nothing when no dataset is made by a step: everything was judged before. */
export async function judgeMadeData(
  world: RunWorld,
  { inputs, steps, workDir }: MadeDataRequest,
): Promise<JudgedMadeData> {
  const { spec, dir } = inputs.project
  const made = spec.datasets.filter(({ madeBy }) => madeBy !== null)
  if (made.length === 0) return { reports: [], datasets: [], facts: [] }
  const paths = new Map<string, string>()
  for (const dataset of made) paths.set(dataset.name, await bring(world, steps, dataset, workDir))
  const pathsOf = (name: string): readonly string[] | undefined => {
    const path = paths.get(name)
    return path === undefined ? filesOf(inputs, name) : [path]
  }
  const references = findReferences(world, { spec, projectDir: dir, filesOf: pathsOf })
  const history = await readHistory(world, spec, mostReleases)
  const now = toIso(world.clock.now())
  const judged = []
  for (const dataset of made)
    judged.push(
      await judgeDataset({
        ...{ spec, dataset, references, now, others: {} },
        version: outputOf(steps, dataset).digest,
        paths: pathsOf(dataset.name) ?? [],
        history: history(dataset.name),
      }),
    )
  const reports = judged.map(({ report }) => report)
  if (spec.between.length > 0) {
    const sides = spec.datasets.map((dataset) => ({
      ...dataset,
      paths: pathsOf(dataset.name) ?? [],
    }))
    const tables = await world.tables()
    reports.push(
      await judgeBetweenSets({ checks: spec.between, sides, tables, defaults: spec.gateDefaults }),
    )
  }
  return {
    reports,
    datasets: judged.map(({ evidence }) => evidence),
    facts: judged.map(({ facts }) => facts),
  }
}

/** Under its own name, because readers tell a table's format by its ending. */
async function bring(
  world: RunWorld,
  steps: PipelineResult,
  dataset: DatasetSpec,
  workDir: string,
): Promise<string> {
  const { kind, digest, path } = outputOf(steps, dataset)
  const target = join(workDir, `made-${digest.slice(7, 19)}`, basename(path))
  await mkdir(dirname(target), { recursive: true })
  await world.content.materialise({ kind, digest }, target)
  return target
}

function outputOf(steps: PipelineResult, { name, path }: DatasetSpec): StepOutput {
  const plain = (one: string) => one.replace(/^(\.\/)+|\/+$/g, '')
  const found = steps.steps
    .flatMap((step) => step.outputs)
    .find((one) => plain(one.path) === plain(path))
  if (found) return found
  throw new LockstepError({
    code: 'run.output_unfit',
    kind: 'invalid',
    message: `no step made ${path}, the dataset ${name}`,
    hint: 'correct data: in lockstep.yaml',
  })
}
