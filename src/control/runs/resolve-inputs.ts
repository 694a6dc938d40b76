// Resolving: everything that goes into a run, pinned by digest before anything starts.
import { checkSteps } from '../../build/pipeline/check-steps.ts'
import { mayRead } from '../../build/pipeline/graph.ts'
import { type ProjectSnapshot, snapshotProject } from '../../build/pipeline/project-snapshot-fs.ts'
import { type Digest, digestOfJson } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { LoadedProject } from '../../project/load-project.ts'
import type { DatasetSpec, ProjectSpec } from '../../project/project-spec.ts'
import { plainStep, type StepSpec } from '../../project/step-spec.ts'
import { referenceInputs } from './datasets/reference-profiles.ts'
import { championCommit } from './gating/compared-models.ts'
import { gateFiles } from './gating/gate-files.ts'
import { testInputs } from './gating/test-checks.ts'
import { readGitState } from './git-state.ts'
import { readStatement } from './read-statement.ts'
import { readinessChecks } from './readiness/plan-readiness.ts'
import type { RunCode } from './run.ts'
import type { RunWorld } from './run-world.ts'

export interface ResolvedDataset {
  readonly spec: DatasetSpec
  /** Digest of its file, or of the manifest of its files. */
  readonly version: Digest
  /** Project-relative, sorted; listed when asked for. */
  readonly files: readonly string[]
}

export interface ResolvedInputs {
  readonly project: LoadedProject
  readonly parameters: ReadonlyMap<string, unknown>
  readonly code: RunCode
  /** Digest of every project file a step reads. */
  readonly tree: Digest
  /** Those files; the steps must see what the digests were made of. */
  readonly snapshot: ProjectSnapshot
  readonly datasets: readonly ResolvedDataset[]
  /** What people wrote for the model card; null without MODEL_CARD.md. */
  readonly statement: string | null
  readonly pipelineDigest: Digest
  readonly gatesDigest: Digest
  /** Equal digests: the same run. */
  readonly inputsDigest: Digest
}

/** Throws for an unreadable project, parameter file or input, and for a dataset without files. */
export async function resolveInputs(world: RunWorld): Promise<ResolvedInputs> {
  const project = await world.loadProject()
  const { spec, dir } = project
  const parameters = await world.loadParameters(project)
  const { steps } = checkSteps(spec.steps)
  const outputs = new Map(
    steps.flatMap((step) => step.outputs.map((path) => [path, step.name] as const)),
  )
  // What a step makes is no source: it is judged when it is there.
  const sources = spec.datasets.filter(({ madeBy }) => madeBy === null)
  const declared: StepSpec[] = [
    ...[...steps, ...sources.map(asInput)],
    ...[...testInputs(spec.gates), ...referenceInputs(spec.datasets)],
  ]
  const [snapshot, code, statement] = await Promise.all([
    snapshotProject({
      projectDir: dir,
      steps: declared,
      outputs,
      index: world.index,
      now: world.clock.now(),
    }),
    championCommit(world, spec).then((since) => readGitState(dir, since)),
    readStatement(dir),
  ])
  const datasets = sources.map((dataset): ResolvedDataset => {
    const input = snapshot.inputs.get(dataset.path)
    if (input === undefined || input.isEmpty) throw noFiles(dataset, outputs)
    return {
      spec: dataset,
      version: input.digest,
      get files() {
        return input.entries().map(({ path }) => path)
      },
    }
  })
  const tree = digestOfJson(
    [...snapshot.inputs.values()]
      .filter(({ isEmpty }) => !isEmpty)
      .map(({ path, kind, digest, entries }) =>
        kind === 'file' ? [path, digest, entries()[0]?.mode ?? null] : [path, digest],
      )
      .sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1)),
  )
  const pipelineDigest = digestOfJson(spec.steps)
  const gatesDigest = digestOfJson(gateDefinition(spec))
  return {
    project,
    parameters,
    code,
    tree,
    snapshot,
    datasets,
    statement,
    pipelineDigest,
    gatesDigest,
    inputsDigest: digestOfJson({
      lockstep: world.versions.lockstep,
      tree,
      pipeline: pipelineDigest,
      gates: gatesDigest,
      model: spec.model,
      parameters: declaredParameters(spec, parameters),
      statement,
      gateFiles: await gateFiles(dir, spec),
    }),
  }
}

/** What decides a verdict: checks without their place in the file. */
export function gateDefinition(spec: ProjectSpec): unknown {
  const plain = (checks: DatasetSpec['checks']) =>
    checks.map(({ text, options }) => ({ text, options }))
  return {
    gates: spec.gates.map((gate) => ({ name: gate.name, checks: plain(gate.checks) })),
    data: spec.datasets.map((dataset) => ({ ...dataset, checks: plain(dataset.checks) })),
    between: plain(spec.between),
    evaluate: spec.evaluate,
    defaults: spec.gateDefaults,
    waivers: spec.waivers.map(({ position: _position, ...waiver }) => waiver),
    ...operationOf(spec),
  }
}

/** Monitors and environments where a check asks for them: to others they are no part of the question. */
function operationOf(spec: ProjectSpec): object {
  const asked = readinessChecks(spec).readiness.map(({ subject }) => subject.what)
  if (!asked.some((what) => what === 'monitored' || what === 'rehearsed')) return {}
  return {
    monitors: spec.monitors.map(({ name, environment }) => ({ name, environment })),
    environments: spec.environments.map(({ name }) => name),
  }
}

/** By `file:key`, in order of their names: what the manifest records. */
export function declaredParameters(
  spec: ProjectSpec,
  files: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> {
  const pairs = spec.steps.flatMap((step) =>
    step.params.map(({ file, key }) => [`${file}:${key}`, valueAt(files.get(file), key)] as const),
  )
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function valueAt(root: unknown, key: string): unknown {
  const parts = key === '' ? [] : key.split('.')
  return (
    parts.reduce(
      (value, part) =>
        typeof value === 'object' && value !== null
          ? (value as Record<string, unknown>)[part]
          : undefined,
      root,
    ) ?? null
  )
}

function asInput(dataset: DatasetSpec): StepSpec {
  const name = `data:${dataset.name}`
  return { ...plainStep, name, declaredAs: name, command: { argv: [] }, inputs: [dataset.path] }
}

function noFiles(dataset: DatasetSpec, outputs: ReadonlyMap<string, string>): LockstepError {
  const made = [...outputs].find(([path]) => mayRead(dataset.path, path))
  if (made)
    return new LockstepError({
      code: 'run.dataset_is_output',
      kind: 'invalid',
      message: `dataset ${dataset.name} (${dataset.path}) has nothing but ${made[0]}, which step ${made[1]} writes; a dataset is there before the run`,
      hint: 'let the step write elsewhere, or correct data: in lockstep.yaml',
    })
  return new LockstepError({
    code: 'run.dataset_missing',
    kind: 'invalid',
    message: `dataset ${dataset.name} has no files: nothing is at ${dataset.path}`,
    hint: 'put the data there, or correct data: in lockstep.yaml',
  })
}
