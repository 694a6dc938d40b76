// What a caller hands over to plan or run a pipeline, checked and brought together once before anything starts.
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { Refusal } from '../../foundation/refusal.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { ContentStore } from '../artifacts/content-store.ts'
import type { FileIndexPort } from '../artifacts/file-index.ts'
import type { ActionCachePort, ActionRecord } from './action-cache.ts'
import type { PipelineGraph } from './graph.ts'
import { buildGraph, mayRead, selectTargets } from './graph.ts'
import type { ParameterFiles } from './parameters.ts'
import { pickParameters } from './parameters.ts'
import type { ProjectSnapshot } from './project-snapshot-fs.ts'
import { snapshotProject } from './project-snapshot-fs.ts'
import type { RunCapacity } from './run-capacity.ts'
import { checkCapacity } from './run-capacity.ts'
import { missingInput } from './step-inputs.ts'
import type { MachineEnvironment } from './step-key.ts'
import type { RuntimeFacts, RuntimesPort } from './step-runtime.ts'

export interface PlanRequest {
  readonly steps: readonly StepSpec[]
  /** Absolute. */
  readonly projectDir: string
  readonly store: ContentStore
  readonly index: FileIndexPort
  readonly actions: ActionCachePort
  /** Every parameter file named by a step, parsed, by its project-relative path. */
  readonly params: ParameterFiles
  readonly lockstepVersion: string
  readonly clock: Clock
  /** Language environments; `noRuntimes` where there are none. */
  readonly runtimes: RuntimesPort
  /** Variables that steps may inherit; only declared ones are looked at. */
  readonly machineEnvironment: MachineEnvironment
  /** What steps share; `boundless` limits only how many run at once. */
  readonly capacity: RunCapacity
  /** How many steps run at once; 1 when left out. */
  readonly parallelism?: number
  /** These steps and all they read from; every step when left out. */
  readonly only?: readonly string[]
  /** These steps alone: what they read from must be known already. Excludes `only`. */
  readonly exactly?: readonly string[]
  /** Steps that run although their result is known. */
  readonly force?: readonly string[] | 'all'
  /** The project's files as the caller has seen them already; it must cover the inputs of every step. */
  readonly snapshot?: ProjectSnapshot
}

/** A request whose graph, parameters and project files are sound. */
export interface PreparedPipeline {
  readonly request: PlanRequest
  readonly graph: PipelineGraph
  readonly selected: readonly StepSpec[]
  readonly snapshot: ProjectSnapshot
  /** By step, for those with a language environment. */
  readonly runtimes: ReadonlyMap<string, RuntimeFacts>
  /** Results that were looked up together, for a plan: they are as fresh as the plan itself. */
  readonly known?: KnownResults
}

export type KnownResults = ReadonlyMap<
  Digest,
  { readonly record: ActionRecord; readonly incomplete: string | undefined }
>

/** @throws LockstepError `pipeline.invalid` with every problem found; nothing has run then. */
export async function preparePipeline(request: PlanRequest): Promise<PreparedPipeline> {
  const graph = buildGraph(request.steps)
  if ('problems' in graph) throw invalidPipeline(graph.problems)
  const selected = selectTargets(graph, request.exactly ?? request.only ?? [])
  if (isRefusal(selected)) throw invalidPipeline([selected])
  const forced = selectTargets(graph, typeof request.force === 'object' ? request.force : [])
  if (isRefusal(forced)) throw invalidPipeline([forced])

  const problems = [
    ...checkCapacity(selected, request.capacity, request.parallelism ?? 1),
    ...missingParameters(selected, request.params),
  ]
  const { projectDir, index, clock } = request
  const snapshot =
    request.snapshot ??
    (await snapshotProject({
      projectDir,
      steps: selected,
      outputs: graph.producers,
      index,
      now: clock.now(),
    }))
  problems.push(...(await missingSources({ selected, graph, snapshot }, request)))
  if (problems.length > 0) throw invalidPipeline(problems)
  const runtimes = await describeRuntimes(selected, snapshot, request.runtimes)
  return { request, graph, selected, snapshot, runtimes }
}

/** False for a step whose known result must be taken as it is. */
export function mayRun(request: PlanRequest, step: string): boolean {
  return request.exactly === undefined || request.exactly.includes(step)
}

export function isForced(request: PlanRequest, step: string): boolean {
  if (!mayRun(request, step)) return false
  return request.force === 'all' || request.force?.includes(step) === true
}

function missingParameters(steps: readonly StepSpec[], params: ParameterFiles): Refusal[] {
  return steps.flatMap((step) => {
    const picked = pickParameters(step.params, params)
    if (!isRefusal(picked)) return []
    return [{ ...picked, because: `step ${step.name}: ${picked.because}` }]
  })
}

/** Each environment is looked at once, whoever shares it; an interpreter that is missing shows before anything runs. */
async function describeRuntimes(
  steps: readonly StepSpec[],
  snapshot: ProjectSnapshot,
  runtimes: RuntimesPort,
): Promise<ReadonlyMap<string, RuntimeFacts>> {
  const known = new Map<string, Promise<RuntimeFacts>>()
  const facts = new Map<string, RuntimeFacts>()
  for (const { name, runtime } of steps) {
    const lock = runtime === null ? undefined : snapshot.stampOf(runtime.lock)?.digest
    if (runtime === null || lock === undefined) continue
    const which = `${runtime.kind} ${lock}`
    const described = known.get(which) ?? runtimes.describe(runtime, lock)
    known.set(which, described)
    facts.set(name, await described)
  }
  return facts
}

export function invalidPipeline(problems: readonly Refusal[]): LockstepError {
  const [first, ...rest] = problems
  const lines = problems.map(({ because }) => `  - ${because}`).join('\n')
  return new LockstepError({
    code: rest.length === 0 && first !== undefined ? first.refused : 'pipeline.invalid',
    kind: 'invalid',
    message:
      rest.length === 0
        ? `the pipeline cannot run: ${first?.because}`
        : `the pipeline cannot run, ${problems.length} problems:\n${lines}`,
    hint: 'Correct the steps in lockstep.yaml, or put the missing files in place; nothing was run.',
    details: { problems },
  })
}

/** Inputs that no upstream step can bring must be in the project now: better said before hours of work than after. */
async function missingSources(
  { selected, graph, snapshot }: Pick<PreparedPipeline, 'selected' | 'graph' | 'snapshot'>,
  { projectDir, params }: PlanRequest,
): Promise<Refusal[]> {
  const outputsOf = new Map(graph.steps.map(({ name, outputs }) => [name, outputs]))
  const missing = selected.flatMap((step) => {
    const sources = graph.upstream.get(step.name) ?? []
    const outputs = sources.flatMap((source) => outputsOf.get(source) ?? [])
    const inputs = [...new Set(step.inputs)].filter(
      (input) => !outputs.some((path) => mayRead(input, path)),
    )
    return inputs
      .filter((input) => snapshot.inputs.get(input)?.isEmpty !== false)
      .map((input) => ({ step, input }))
  })
  const known = [...graph.producers.keys(), ...params.keys()]
  const sentences = missing.map(async ({ step, input }) => {
    const near = await namesBeside(projectDir, input)
    return missingInput(step, input, [...snapshot.paths(), ...known, ...near])
  })
  return Promise.all(sentences)
}

/** What lies in the project where the path should be, for whoever mistyped it. */
async function namesBeside(projectDir: string, path: string): Promise<string[]> {
  const folder = dirname(path)
  const names = await readdir(`${projectDir}/${folder}`).catch(() => [])
  return names.slice(0, 1000).map((name) => (folder === '.' ? name : `${folder}/${name}`))
}
