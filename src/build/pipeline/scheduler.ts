// Runs a pipeline: a step is judged as soon as all it reads from is known, and starts as soon as there is room for it; known
// results are not made again and take no room. A failed step blocks what depends on it; everything else goes on, because
// each result is kept and spares the next run.
import { assert } from '../../foundation/assert.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { attemptStep } from './attempt-step.ts'
import { chooseStarts, giveBack, take, type WaitingStep } from './choose-starts.ts'
import { judgeStep, type NeededRun } from './judge-step.ts'
import { keepResult } from './keep-result.ts'
import type { PlanRequest, PreparedPipeline } from './pipeline-request.ts'
import { mayRun, preparePipeline } from './pipeline-request.ts'
import { requireKnownUpstream } from './plan.ts'
import { amountsOf, demandOf } from './run-capacity.ts'
import type { StepExecutor } from './step-executor.ts'
import { hasOutputs, hitResult, neverStarted, wordsOf } from './step-results.ts'
import type { Divergence, PipelineEvent, StepOutput, StepResult } from './step-run.ts'
import type { RuntimeFacts } from './step-runtime.ts'

export interface RunRequest extends PlanRequest {
  /** `.lockstep`, absolute: work folders and logs lie beneath it. */
  readonly dataDir: string
  readonly executor: StepExecutor
  /** At least 1. */
  readonly parallelism: number
  readonly signal?: AbortSignal
  /** Must not throw. */
  readonly onEvent?: (event: PipelineEvent) => void
}

export interface PipelineResult {
  readonly outcome: 'succeeded' | 'failed' | 'timed_out' | 'cancelled'
  /** True when every result was known already. */
  readonly unchanged: boolean
  /** In running order. */
  readonly steps: readonly StepResult[]
  readonly divergences: readonly Divergence[]
  /** The language environments of the steps, each once. */
  readonly runtimes: readonly UsedRuntime[]
}

export interface UsedRuntime extends RuntimeFacts {
  /** Project-relative. */
  readonly lockPath: string
  readonly steps: readonly string[]
}

/**
 * Resolves when nothing of the run is left running, whatever the outcome.
 * @throws LockstepError when the pipeline is invalid, or when Lockstep itself cannot work (disk, store, damaged object);
 * steps under way are ended first.
 */
export async function runPipeline(request: RunRequest): Promise<PipelineResult> {
  const prepared = await preparePipeline(request)
  await requireKnownUpstream(prepared)
  const stop = new AbortController()
  const cancel = () => stop.abort()
  if (request.signal?.aborted) cancel()
  request.signal?.addEventListener('abort', cancel, { once: true })
  try {
    return await runSteps(newRun(request, prepared, stop))
  } finally {
    request.signal?.removeEventListener('abort', cancel)
    await request.actions.flush()
  }
}

interface Waiting extends WaitingStep {
  readonly step: StepSpec
  readonly needed: NeededRun
}

interface Run {
  readonly request: RunRequest
  readonly prepared: PreparedPipeline
  readonly stop: AbortController
  readonly emit: (event: PipelineEvent) => void
  readonly results: Map<string, StepResult>
  readonly divergences: Divergence[]
  readonly selected: ReadonlyMap<string, StepSpec>
  /** Of each step, how many it reads from have not ended. */
  readonly missing: Map<string, number>
  /** Everything it reads from is known. */
  readonly ready: StepSpec[]
  /** Judged: it must run, once there is room. In the order in which they became ready. */
  readonly waiting: Map<string, Waiting>
  readonly free: Map<string, number>
  readonly underWay: Set<Promise<void>>
  /** Steps being judged or running. */
  readonly busy: Set<string>
  judging: boolean
  readonly broken: unknown[]
}

function newRun(request: RunRequest, prepared: PreparedPipeline, stop: AbortController): Run {
  const selected = new Map(prepared.selected.map((step) => [step.name, step]))
  const missing = new Map(
    prepared.selected.map(({ name }) => [name, prepared.graph.upstream.get(name)?.length ?? 0]),
  )
  return {
    ...{ request, prepared, stop, selected, missing },
    emit: request.onEvent ?? (() => {}),
    results: new Map(),
    divergences: [],
    ready: prepared.selected.filter(({ name }) => missing.get(name) === 0),
    waiting: new Map(),
    free: new Map(amountsOf(request.capacity, request.parallelism)),
    underWay: new Set(),
    busy: new Set(),
    judging: false,
    broken: [],
  }
}

async function runSteps(run: Run): Promise<PipelineResult> {
  for (;;) {
    if (run.stop.signal.aborted) cancelIdle(run)
    judgeNext(run)
    startWaiting(run)
    if (run.underWay.size === 0) break
    await Promise.race(run.underWay)
  }
  if (run.broken.length > 0) throw run.broken[0]
  assert(run.results.size === run.selected.size, 'every step of a run ends')
  return summarise(run)
}

function follow(run: Run, work: Promise<void>, after: () => void): void {
  const lane: Promise<void> = work
    .catch((error) => {
      run.broken.push(error)
      run.stop.abort()
    })
    .finally(() => {
      after()
      run.underWay.delete(lane)
    })
  run.underWay.add(lane)
}

/** One after the other: the order in which steps become ready is then the order in which they wait. */
function judgeNext(run: Run): void {
  if (run.judging || run.stop.signal.aborted) return
  const step = run.ready.shift()
  if (step === undefined) return
  run.judging = true
  run.busy.add(step.name)
  follow(run, judge(run, step), () => {
    run.judging = false
    run.busy.delete(step.name)
  })
}

async function judge(run: Run, step: StepSpec): Promise<void> {
  const { request, prepared, emit } = run
  const startedAt = request.clock.now()
  const judgement = await judgeStep(prepared, step, upstreamOutputs(run, step))
  const { key, because, decision } = judgement
  const at = request.clock.now()
  emit({ type: 'step_planned', step: step.name, key, decision, because, at })
  if (judgement.decision === 'hit') {
    settle(run, hitResult(step.name, judgement, { startedAt, finishedAt: at }))
  } else if (!mayRun(request, step.name)) {
    const because = `it must run again (${judgement.because}), and the run is limited to other steps`
    settle(run, { ...neverStarted(step, 'failed', because), key })
  } else if (run.stop.signal.aborted) {
    settle(run, neverStarted(step, 'cancelled', 'the run was cancelled'))
  } else {
    const { name, resources } = step
    const demand = demandOf(resources)
    run.waiting.set(name, { name, demand, overtaken: 0, step, needed: judgement })
  }
}

function startWaiting(run: Run): void {
  if (run.stop.signal.aborted || run.waiting.size === 0) return
  const { start, overtaken } = chooseStarts([...run.waiting.values()], run.free)
  for (const [name, times] of overtaken) {
    const waiting = run.waiting.get(name)
    if (waiting !== undefined) run.waiting.set(name, { ...waiting, overtaken: times })
  }
  for (const name of start) {
    const waiting = run.waiting.get(name)
    if (waiting === undefined) continue
    run.waiting.delete(name)
    take(run.free, waiting.demand)
    run.busy.add(name)
    const work = runStep(run, waiting).then((result) => settle(run, result))
    follow(run, work, () => {
      giveBack(run.free, waiting.demand)
      run.busy.delete(name)
    })
  }
}

async function runStep(run: Run, { step, needed }: Waiting): Promise<StepResult> {
  const { request, prepared, emit } = run
  const { clock, executor, dataDir } = request
  const startedAt = clock.now()
  const context = { prepared, executor, dataDir, signal: run.stop.signal, onEvent: emit }
  const end = await attemptStep(context, step, needed)
  const known = { name: step.name, key: needed.key, ...end, startedAt }
  if (end.verdict !== 'ran') return { ...known, finishedAt: clock.now() }
  const kept = await keepResult(prepared, needed, end)
  if (kept.divergence !== undefined) run.divergences.push(kept.divergence)
  return { ...known, outputs: kept.outputs, finishedAt: clock.now() }
}

/** Records the end of a step and what follows from it: its readers become ready, or are blocked, and theirs in turn. */
function settle(run: Run, result: StepResult): void {
  const ended = [result]
  for (let one = ended.shift(); one !== undefined; one = ended.shift()) {
    run.results.set(one.name, one)
    run.emit({ type: 'step_finished', step: one.name, result: one, at: run.request.clock.now() })
    for (const name of run.prepared.graph.downstream.get(one.name) ?? []) {
      const reader = run.selected.get(name)
      if (reader === undefined || run.results.has(name)) continue
      if (hasOutputs(one)) {
        const left = (run.missing.get(name) ?? 0) - 1
        run.missing.set(name, left)
        if (left === 0) run.ready.push(reader)
      } else if (!run.stop.signal.aborted) {
        const because = `step ${one.name}, which it reads from, ${wordsOf[one.verdict]}`
        const blocked = neverStarted(reader, 'blocked', because)
        // Noted at once: another lost source must not block it a second time.
        run.results.set(name, blocked)
        ended.push(blocked)
      }
    }
  }
}

function cancelIdle(run: Run): void {
  run.ready.length = 0
  const idle = run.prepared.selected.filter(
    ({ name }) => !run.results.has(name) && !run.busy.has(name),
  )
  run.waiting.clear()
  for (const step of idle) settle(run, neverStarted(step, 'cancelled', 'the run was cancelled'))
}

function upstreamOutputs(run: Run, step: StepSpec): StepOutput[] {
  const sources = run.prepared.graph.upstream.get(step.name) ?? []
  return sources.flatMap((source) => run.results.get(source)?.outputs ?? [])
}

function summarise(run: Run): PipelineResult {
  const steps = run.prepared.selected.flatMap((step) => run.results.get(step.name) ?? [])
  const has = (verdict: StepResult['verdict']) => steps.some((step) => step.verdict === verdict)
  const outcome = has('cancelled')
    ? 'cancelled'
    : has('failed')
      ? 'failed'
      : has('timed_out')
        ? 'timed_out'
        : 'succeeded'
  const unchanged = steps.every((step) => step.verdict === 'hit')
  const runtimes = usedRuntimes(run.prepared)
  return { outcome, unchanged, steps, divergences: run.divergences, runtimes }
}

function usedRuntimes({ selected, runtimes }: PreparedPipeline): UsedRuntime[] {
  const used = new Map<string, UsedRuntime>()
  for (const { name, runtime } of selected) {
    const facts = runtimes.get(name)
    if (facts === undefined || runtime === null) continue
    const which = `${facts.digest} ${runtime.lock}`
    const steps = [...(used.get(which)?.steps ?? []), name]
    used.set(which, { ...facts, lockPath: runtime.lock, steps })
  }
  return [...used.values()]
}
