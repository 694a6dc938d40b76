// Runs a pipeline: a step starts as soon as all it reads from is known and a lane is free; known results are not made again.
// A failed step blocks what depends on it; everything else goes on, because each result is kept and spares the next run.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { attemptStep } from './attempt-step.ts'
import { judgeStep } from './judge-step.ts'
import { keepResult } from './keep-result.ts'
import type { PlanRequest, PreparedPipeline } from './pipeline-request.ts'
import { preparePipeline } from './pipeline-request.ts'
import type { StepExecutor } from './step-executor.ts'
import type { Divergence, PipelineEvent, StepOutput, StepResult } from './step-run.ts'

export interface RunRequest extends PlanRequest {
  /** `.lockstep`, absolute: work folders and logs lie beneath it. */
  readonly dataDir: string
  readonly executor: StepExecutor
  /** How many steps run at once; at least 1. */
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
}

/**
 * Resolves when nothing of the run is left running, whatever the outcome.
 * @throws LockstepError when the pipeline is invalid, or when Lockstep itself cannot work (disk, store, damaged object);
 * steps under way are ended first.
 */
export async function runPipeline(request: RunRequest): Promise<PipelineResult> {
  const prepared = await preparePipeline(request)
  const stop = new AbortController()
  const cancel = () => stop.abort()
  if (request.signal?.aborted) cancel()
  request.signal?.addEventListener('abort', cancel, { once: true })
  try {
    return await runSteps({
      request,
      prepared,
      stop,
      emit: request.onEvent ?? (() => {}),
      results: new Map(),
      divergences: [],
    })
  } finally {
    request.signal?.removeEventListener('abort', cancel)
  }
}

interface Run {
  readonly request: RunRequest
  readonly prepared: PreparedPipeline
  readonly stop: AbortController
  readonly emit: (event: PipelineEvent) => void
  readonly results: Map<string, StepResult>
  readonly divergences: Divergence[]
}

async function runSteps(run: Run): Promise<PipelineResult> {
  const waiting = new Set(run.prepared.selected)
  const running = new Set<Promise<void>>()
  const broken: unknown[] = []
  while (waiting.size > 0 || running.size > 0) {
    for (const step of waiting) {
      if (running.size >= Math.max(1, run.request.parallelism)) break
      const start = readiness(run, step)
      if (start === 'not_yet') continue
      waiting.delete(step)
      const lane: Promise<void> = (start === 'go' ? runStep(run, step) : Promise.resolve(start))
        .then((result) => finish(run, result))
        .catch((error) => {
          broken.push(error)
          run.stop.abort()
        })
        .finally(() => running.delete(lane))
      running.add(lane)
    }
    await Promise.race(running)
  }
  if (broken.length > 0) throw broken[0]
  return summarise(run)
}

/** Go, not yet, or the verdict of a step that will never start. */
function readiness(run: Run, step: StepSpec): 'go' | 'not_yet' | StepResult {
  if (run.stop.signal.aborted) return neverStarted(step, 'cancelled', 'the run was cancelled')
  const sources = run.prepared.graph.upstream.get(step.name) ?? []
  const ended = sources.map((source) => run.results.get(source))
  const lost = ended.find((result) => result !== undefined && !hasOutputs(result))
  if (lost !== undefined) {
    return neverStarted(
      step,
      'blocked',
      `step ${lost.name}, which it reads from, ${words[lost.verdict]}`,
    )
  }
  return ended.includes(undefined) ? 'not_yet' : 'go'
}

async function runStep(run: Run, step: StepSpec): Promise<StepResult> {
  const { request, prepared, emit } = run
  const { clock } = request
  const startedAt = clock.now()
  const judgement = await judgeStep(prepared, step, upstreamOutputs(run, step))
  const { key, because, decision } = judgement
  emit({ type: 'step_planned', step: step.name, key, decision, because, at: clock.now() })
  if (judgement.decision === 'hit') {
    const { outputs, logDigest = null } = judgement.record
    return hitResult({
      name: step.name,
      key,
      because,
      outputs,
      logDigest,
      startedAt,
      finishedAt: clock.now(),
    })
  }
  const end = await attemptStep(
    {
      prepared,
      executor: request.executor,
      dataDir: request.dataDir,
      signal: run.stop.signal,
      onEvent: emit,
    },
    step,
    judgement,
  )
  if (end.verdict !== 'ran')
    return { name: step.name, key, ...end, startedAt, finishedAt: clock.now() }
  const kept = await keepResult(prepared, judgement, end)
  if (kept.divergence !== undefined) run.divergences.push(kept.divergence)
  return { name: step.name, key, ...end, outputs: kept.outputs, startedAt, finishedAt: clock.now() }
}

function upstreamOutputs(run: Run, step: StepSpec): StepOutput[] {
  const sources = run.prepared.graph.upstream.get(step.name) ?? []
  return sources.flatMap((source) => run.results.get(source)?.outputs ?? [])
}

function finish(run: Run, result: StepResult): void {
  run.results.set(result.name, result)
  const at = run.request.clock.now()
  run.emit({ type: 'step_finished', step: result.name, result, at })
}

function hasOutputs(result: StepResult): boolean {
  return result.verdict === 'hit' || result.verdict === 'ran'
}

function hitResult(known: {
  readonly name: string
  readonly key: Digest
  readonly because: string
  readonly outputs: readonly StepOutput[]
  readonly logDigest: Digest | null
  readonly startedAt: Instant
  readonly finishedAt: Instant
}): StepResult {
  return { ...known, verdict: 'hit', hint: null, exitCode: null, logPath: null, attempts: 0 }
}

function neverStarted(
  step: StepSpec,
  verdict: 'blocked' | 'cancelled',
  because: string,
): StepResult {
  return {
    ...{ name: step.name, key: null, verdict, because, hint: null, outputs: [], attempts: 0 },
    ...{ startedAt: null, finishedAt: null, exitCode: null, logPath: null, logDigest: null },
  }
}

const words: Readonly<Record<StepResult['verdict'], string>> = {
  hit: 'was known',
  ran: 'ran',
  failed: 'failed',
  timed_out: 'ran into its timeout',
  cancelled: 'was cancelled',
  blocked: 'was blocked itself',
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
  return { outcome, unchanged, steps, divergences: run.divergences }
}
