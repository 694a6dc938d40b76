// What a caller hands over to plan or run a pipeline, checked and brought together once before anything starts.
import type { Clock } from '../../foundation/clock.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { Refusal } from '../../foundation/refusal.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { ContentStore } from '../artifacts/content-store.ts'
import type { FileIndexPort } from '../artifacts/file-index.ts'
import type { ActionCachePort } from './action-cache.ts'
import type { PipelineGraph } from './graph.ts'
import { buildGraph, mayRead, selectTargets } from './graph.ts'
import type { ParameterFiles } from './parameters.ts'
import { pickParameters } from './parameters.ts'
import type { ProjectSnapshot } from './project-snapshot-fs.ts'
import { snapshotProject } from './project-snapshot-fs.ts'
import { missingInput } from './step-inputs.ts'

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
  /** These steps and all they read from; every step when left out. */
  readonly only?: readonly string[]
  /** Steps that run although their result is known. */
  readonly force?: readonly string[] | 'all'
}

/** A request whose graph, parameters and project files are sound. */
export interface PreparedPipeline {
  readonly request: PlanRequest
  readonly graph: PipelineGraph
  readonly selected: readonly StepSpec[]
  readonly snapshot: ProjectSnapshot
}

/** @throws LockstepError `pipeline.invalid` with every problem found; nothing has run then. */
export async function preparePipeline(request: PlanRequest): Promise<PreparedPipeline> {
  const graph = buildGraph(request.steps)
  if ('problems' in graph) throw invalidPipeline(graph.problems)
  const selected = selectTargets(graph, request.only ?? [])
  if (isRefusal(selected)) throw invalidPipeline([selected])
  const forced = selectTargets(graph, typeof request.force === 'object' ? request.force : [])
  if (isRefusal(forced)) throw invalidPipeline([forced])

  const problems = selected.flatMap((step) => {
    const picked = pickParameters(step.params, request.params)
    if (!isRefusal(picked)) return []
    return [{ ...picked, because: `step ${step.name}: ${picked.because}` }]
  })
  const { projectDir, index, clock } = request
  const snapshot = await snapshotProject({
    projectDir,
    steps: selected,
    outputs: graph.producers,
    index,
    now: clock.now(),
  })
  problems.push(...missingSources({ selected, graph, snapshot }))
  if (problems.length > 0) throw invalidPipeline(problems)
  return { request, graph, selected, snapshot }
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
function missingSources(prepared: Omit<PreparedPipeline, 'request'>): Refusal[] {
  const { selected, graph, snapshot } = prepared
  return selected.flatMap((step) => {
    const sources = graph.upstream.get(step.name) ?? []
    const promised = graph.steps.filter(({ name }) => sources.includes(name))
    const outputs = promised.flatMap((source) => source.outputs)
    const inputs = step.inputs.filter((input) => !outputs.some((path) => mayRead(input, path)))
    return inputs
      .filter((input) => (snapshot.files.get(input)?.length ?? 0) === 0)
      .map((input) => missingInput(step, input, snapshot.stamps.keys()))
  })
}
