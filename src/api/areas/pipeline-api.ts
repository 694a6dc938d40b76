// Looking at a pipeline before it runs (both only read: they never wait for a run), and taking what it made, as one caller sees it.
import { estimateTime } from '../../build/pipeline/estimate-time.ts'
import { buildGraph, mayRead } from '../../build/pipeline/graph.ts'
import { invalidPipeline } from '../../build/pipeline/pipeline-request.ts'
import { planPipeline, type StepPlan } from '../../build/pipeline/plan.ts'
import { bringOutput } from '../../control/runs/bring-output.ts'
import { partOf } from '../../control/runs/part-of-pipeline.ts'
import { planRequestOf } from '../../control/runs/plan-request.ts'
import type { ResolvedInputs } from '../../control/runs/resolve-inputs.ts'
import { type Run, runKind, wholeScope } from '../../control/runs/run.ts'
import { runsRemembered } from '../../control/runs/run-steps.ts'
import { historyOf, type StepHistory } from '../../control/runs/step-history.ts'
import { twinOf } from '../../control/runs/twin-run.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type {
  BringInput,
  BroughtView,
  GraphStepView,
  GraphView,
  PipelineApi,
  PlanQuery,
  PlanStepView,
  PlanView,
} from '../contract/pipeline-routes.ts'
import { byIdOrNumber, modelOf } from '../queries.ts'

export function createPipelineApi(world: ApiWorld, _actor: Actor): PipelineApi {
  return {
    plan: (query) => planView(world, query),
    graph: () => graphView(world),
    bringOutput: (input) => brought(world, input),
  }
}

async function brought(world: ApiWorld, input: BringInput): Promise<BroughtView> {
  const { path, to } = input
  const { artifact, run, step } = await bringOutput(world.runWorld(), {
    ...{ path, to, model: modelOf(world), projectDir: world.about.projectDir },
    run: input.run === undefined ? null : await byIdOrNumber(world, runKind, input.run),
    replace: input.replace === true ? 'replace' : 'refuse',
  })
  const { digest, size } = artifact
  const files = artifact.kind === 'file' ? 1 : artifact.files
  return { path, to, run: run.number, step, digest, files, size }
}

async function planView(world: ApiWorld, query: PlanQuery): Promise<PlanView> {
  const inputs = await world.resolveInputs()
  const runWorld = world.runWorld()
  const { to = [], only = [], forceSteps: forced = [], force = false } = query
  const scope = { ...wholeScope, to, only, forced }
  const plans = await planPipeline(planRequestOf(runWorld, inputs, { force, scope }))
  const specs = new Map(inputs.project.spec.steps.map((step) => [step.name, step]))
  const history = historyOf(await recentRuns(world))
  const steps = plans.map((plan) => planStepView(plan, specs.get(plan.name), history))
  const parallelism = query.parallelism ?? runWorld.parallelism
  const after = upstreamOf(inputs)
  const estimate = estimateTime(
    steps
      .filter((step) => step.decision !== 'hit')
      .map(({ name, expectedMs }) => ({ name, ms: expectedMs, after: after.get(name) ?? [] })),
    parallelism,
  )
  const count = (decision: PlanStepView['decision']) =>
    steps.filter((step) => step.decision === decision).length
  const { wallMs: expectedMs, workMs, unknown, criticalPath, criticalMs } = estimate
  const counts = { hits: count('hit'), runs: count('run'), waits: count('waits') }
  const afterwards = await whatFollows(world, inputs, {
    part: partOf(inputs.project.spec.steps, scope)?.words ?? null,
    quiet: counts.runs + counts.waits === 0,
  })
  return {
    ...{ steps, ...counts, parallelism, expectedMs, workMs, unknown, criticalPath, criticalMs },
    afterwards,
  }
}

async function whatFollows(
  world: ApiWorld,
  inputs: ResolvedInputs,
  { part, quiet }: { readonly part: string | null; readonly quiet: boolean },
): Promise<string> {
  if (part !== null) return `a part of the pipeline (${part}): no gates and no release`
  const twin = quiet ? await twinOf(world, modelOf(world), inputs) : undefined
  if (twin) return `nothing: run ${twin.number} had the same inputs`
  return 'the gates judge the model; a release when they hold'
}

function planStepView(
  plan: StepPlan,
  spec: StepSpec | undefined,
  history: StepHistory,
): PlanStepView {
  const { name, because } = plan
  const declaredAs = spec?.declaredAs ?? name
  const same = { name, declaredAs, because, expectedMs: history.expectedMs(declaredAs) }
  if (plan.decision === 'waits_for')
    return { ...same, decision: 'waits', changes: [], waitsFor: plan.waitsFor, key: null }
  const changes = plan.decision === 'run' ? plan.changes : []
  return { ...same, decision: plan.decision, changes, waitsFor: [], key: plan.key }
}

function upstreamOf(inputs: ResolvedInputs): ReadonlyMap<string, readonly string[]> {
  const graph = buildGraph(inputs.project.spec.steps)
  if ('problems' in graph) throw invalidPipeline(graph.problems)
  return graph.upstream
}

async function graphView(world: ApiWorld): Promise<GraphView> {
  const { spec } = await world.runWorld().loadProject()
  const graph = buildGraph(spec.steps)
  if ('problems' in graph) throw invalidPipeline(graph.problems)
  const runs = await recentRuns(world)
  const history = historyOf(runs)
  const verdicts = verdictsIn(runs)
  const byName = new Map(graph.steps.map((step) => [step.name, step]))
  return {
    project: spec.project,
    model: spec.model.artifact,
    run: runs[0]?.number ?? null,
    steps: graph.steps.map((step): GraphStepView => {
      const sources = (graph.upstream.get(step.name) ?? []).flatMap(
        (name) => byName.get(name) ?? [],
      )
      const made = sources.flatMap((source) => source.outputs)
      return {
        name: step.name,
        declaredAs: step.declaredAs,
        after: sources.map(({ name, outputs }) => ({
          step: name,
          files: outputs.filter((path) => step.inputs.some((input) => mayRead(input, path))),
        })),
        inputs: step.inputs.filter((input) => !made.some((path) => mayRead(input, path))),
        outputs: step.outputs,
        verdict: verdicts.get(step.name) ?? null,
        expectedMs: history.expectedMs(step.declaredAs),
      }
    }),
  }
}

function verdictsIn(runs: readonly Run[]): ReadonlyMap<string, GraphStepView['verdict']> {
  const verdicts = new Map<string, GraphStepView['verdict']>()
  for (const step of runs.flatMap((run) => run.steps)) {
    if (step.verdict !== 'waiting' && !verdicts.has(step.name))
      verdicts.set(step.name, step.verdict)
  }
  return verdicts
}

/** Newest first. */
function recentRuns(world: ApiWorld): Promise<Run[]> {
  return world.store.list<Run>(runKind, { model: modelOf(world), limit: runsRemembered })
}
