// The steps of a run: progress goes to the run object and the log, results come back with their digests.
import { type PipelineResult, runPipeline } from '../../build/pipeline/scheduler.ts'
import type { PipelineEvent, StepResult } from '../../build/pipeline/step-run.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { metricsIn } from '../../project/metrics-file.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { partOf } from './part-of-pipeline.ts'
import { askedBy, planRequestOf } from './plan-request.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import { type Run, runKind, type StepRecord, untraced } from './run.ts'
import type { RunRecorder } from './run-recorder.ts'
import type { RunWorld } from './run-world.ts'
import { historyOf, type StepHistory } from './step-history.ts'
import { type TracedReads, traceReads } from './trace-reads.ts'

export interface StepsDone {
  readonly outcome: PipelineResult['outcome']
  readonly because: string
  readonly result: PipelineResult
}

/** Of so many earlier runs the times and reads of steps are remembered. */
export const runsRemembered = 30

export async function runSteps(
  world: RunWorld,
  recorder: RunRecorder,
  inputs: ResolvedInputs,
  signal: AbortSignal,
): Promise<StepsDone> {
  const asked = askedBy(recorder.run)
  const request = planRequestOf(world, inputs, asked)
  const earlier = await world.store.list<Run>(runKind, {
    model: recorder.run.model,
    limit: runsRemembered,
  })
  const traced = await traceReads(world, inputs.project.dir, asked.scope.traceReads)
  if (traced.sentence !== null) world.log.write(recorder.run.id, 'lockstep', traced.sentence)
  const board = createBoard({ world, recorder, request, history: historyOf(earlier), traced })
  const result = await runPipeline({
    ...request,
    dataDir: world.folder.root,
    executor: traced.executor,
    parallelism: asked.scope.parallelism ?? world.parallelism,
    signal,
    onEvent: board.follow,
  }).finally(board.publish)
  await board.settled()
  const bad = result.steps.find(
    (step) => step.verdict !== 'hit' && step.verdict !== 'ran' && step.verdict !== 'blocked',
  )
  const because = bad
    ? `step ${bad.name}: ${bad.because}${bad.hint ? ` (${bad.hint})` : ''}`
    : 'every step is done'
  return { outcome: result.outcome, because, result }
}

interface BoardParts {
  readonly world: RunWorld
  readonly recorder: RunRecorder
  readonly request: { readonly steps: readonly StepSpec[] }
  readonly history: StepHistory
  readonly traced: TracedReads
}

/** A thousand steps that are known are told within a second: they are not a thousand writes. */
const pauseMs = 40

/** Keeps a record per step and puts every change of it on the run object. */
function createBoard({ world, recorder, request, history, traced }: BoardParts) {
  const specs = new Map(request.steps.map((step) => [step.name, step]))
  const leftOut = new Set(partOf(request.steps, askedBy(recorder.run).scope)?.leftOut)
  const records = new Map(
    request.steps
      .filter((step) => !leftOut.has(step.name))
      .map((step) => [step.name, waiting(step, history)]),
  )
  const reading: Promise<void>[] = []
  const run = recorder.run.id
  const over = new AbortController()
  const publish = () => recorder.progress([...records.values()])
  let isWaiting = false
  const publishSoon = () => {
    if (isWaiting) return
    isWaiting = true
    void world.clock.sleep(pauseMs, over.signal).then(() => {
      isWaiting = false
      if (!over.signal.aborted) publish()
    })
  }
  const show = (name: string, change: Partial<StepRecord>) => {
    const spec = specs.get(name)
    const record = records.get(name) ?? (spec && waiting(spec, history))
    if (record) records.set(name, { ...record, ...change })
    publishSoon()
  }
  const finished = (result: StepResult) => {
    const { name, verdict, because, key, logDigest, startedAt, finishedAt, attempts } = result
    world.log.write(run, name, `${verdict}: ${because}`)
    const outputs = result.outputs.map(({ path, digest, size }) => ({ path, digest, size }))
    const known = key !== null && verdict === 'hit' ? history.readsBehind(key) : undefined
    const reads = verdict === 'hit' ? (known ?? untraced) : traced.readsOf(name)
    const ended = { verdict, because, key, logDigest, startedAt, finishedAt, outputs, reads }
    show(name, { ...ended, attempt: attempts })
    for (const path of reads.undeclared.slice(0, 20))
      if (verdict !== 'hit') world.log.write(run, name, `undeclared read: ${path}`)
    const spec = specs.get(name)
    if (spec && spec.metrics.length > 0 && outputs.length > 0)
      reading.push(readMetrics(world, run, spec, result).then((metrics) => show(name, { metrics })))
  }
  publish()
  return {
    /** At once, and the last time but for `settled`. */
    publish() {
      over.abort()
      publish()
    },
    follow(event: PipelineEvent) {
      if (event.type === 'step_planned')
        return show(event.step, { key: event.key, because: event.because })
      if (event.type === 'step_log') return world.log.write(run, event.step, event.line)
      if (event.type === 'step_finished') return finished(event.result)
      world.log.write(run, event.step, `started (attempt ${event.attempt})`)
      show(event.step, { verdict: 'running', startedAt: event.at, attempt: event.attempt })
    },
    /** Everything that was read is on the record. */
    async settled() {
      await Promise.all(reading)
      publish()
    },
  }
}

/** A metrics file that cannot be read takes nothing from the step: it is said in the log. */
async function readMetrics(
  world: RunWorld,
  run: string,
  step: StepSpec,
  result: StepResult,
): Promise<Record<string, number>> {
  const all: Record<string, number> = {}
  for (const path of step.metrics) {
    const output = result.outputs.find((one) => one.path === path)
    if (output?.kind !== 'file') continue
    const bytes = await world.content.read(output.digest).catch(() => null)
    if (bytes === null) continue
    const metrics = metricsIn(bytes.toString('utf8'), path)
    if (isRefusal(metrics)) {
      world.log.write(run, step.name, metrics.because)
      continue
    }
    const stem = path.replace(/^.*\//, '').replace(/\.[^.]*$/, '')
    const prefix = step.metrics.length > 1 ? `${stem}.` : ''
    for (const [name, value] of Object.entries(metrics)) all[prefix + name] = value
  }
  return all
}

function waiting({ name, declaredAs }: StepSpec, history: StepHistory): StepRecord {
  return {
    name,
    declaredAs,
    verdict: 'waiting',
    because: 'not reached yet',
    key: null,
    logDigest: null,
    startedAt: null,
    finishedAt: null,
    attempt: 0,
    expectedMs: history.expectedMs(declaredAs),
    outputs: [],
    metrics: {},
    reads: untraced,
  }
}
