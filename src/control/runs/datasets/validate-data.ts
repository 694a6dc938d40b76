// The data gate: the checks of every dataset that is there before the run, and of pairs of them, before anything is trained on them.
import { join } from 'node:path'
import { toIso } from '../../../foundation/clock.ts'
import type { DatasetSpec } from '../../../project/project-spec.ts'
import type { DatasetEvidence } from '../../../verify/gates/evidence-document.ts'
import type { GateReport } from '../../../verify/gates/gate-report.ts'
import { judgeBetweenSets } from '../../../verify/gates/judge-between.ts'
import type { ResolvedDataset, ResolvedInputs } from '../resolve-inputs.ts'
import type { RunWorld } from '../run-world.ts'
import { readHistory } from './dataset-history.ts'
import { findReferences } from './reference-profiles.ts'
import { type DatasetFacts, judgeDataset } from './validate-dataset.ts'

export interface ValidatedData {
  readonly reports: readonly GateReport[]
  readonly datasets: readonly DatasetEvidence[]
  readonly facts: readonly DatasetFacts[]
}

/** Earlier releases whose row counts a check may average over. */
export const mostReleases = 100

export async function validateData(
  world: RunWorld,
  inputs: ResolvedInputs,
): Promise<ValidatedData> {
  const { spec, dir } = inputs.project
  const history = await readHistory(world, spec, mostReleases)
  const now = toIso(world.clock.now())
  const references = findReferences(world, {
    ...{ spec, projectDir: dir, filesOf: (name) => filesOf(inputs, name) },
  })
  const reports: GateReport[] = []
  const facts: DatasetFacts[] = []
  const datasets: DatasetEvidence[] = []
  for (const dataset of inputs.datasets) {
    const { name } = dataset.spec
    const judged = await judgeDataset({
      ...{ spec, dataset: dataset.spec, version: dataset.version, references, now },
      paths: filesOf(inputs, name) ?? [],
      others: neighboursOf(dataset, inputs),
      history: history(name),
    })
    reports.push(judged.report)
    facts.push(judged.facts)
    datasets.push(judged.evidence)
  }
  // With a dataset that a step makes, the pairs wait until it is there.
  if (spec.between.length > 0 && spec.datasets.every(({ madeBy }) => madeBy === null))
    reports.push(
      await judgeBetweenSets({
        ...{ checks: spec.between, tables: await world.tables(), defaults: spec.gateDefaults },
        sides: inputs.datasets.map((one) => ({
          ...one.spec,
          paths: filesOf(inputs, one.spec.name) ?? [],
        })),
      }),
    )
  return { reports, datasets, facts }
}

/** Absolute paths of a dataset that is there before the steps. */
export function filesOf(
  { datasets, project }: ResolvedInputs,
  name: string,
): readonly string[] | undefined {
  return datasets
    .find(({ spec }) => spec.name === name)
    ?.files.map((file) => join(project.dir, file))
}

/** Other datasets, which SQL may name. */
function neighboursOf(
  dataset: ResolvedDataset,
  inputs: ResolvedInputs,
): Readonly<Record<string, readonly string[]>> {
  const others = inputs.datasets.filter((other) => other !== dataset && asksSql(dataset.spec))
  return Object.fromEntries(
    others.map(({ spec }) => [spec.name, filesOf(inputs, spec.name) ?? []] as const),
  )
}

function asksSql({ checks }: DatasetSpec): boolean {
  return checks.some(({ text }) => /^\s*sql\b/.test(text))
}
