// The steps of a run: progress goes to the run object and the log, results come back with their digests.
import { type PipelineResult, runPipeline } from '../../build/pipeline/scheduler.ts'
import type { PipelineEvent } from '../../build/pipeline/step-run.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import type { StepRecord } from './run.ts'
import type { RunRecorder } from './run-recorder.ts'
import type { RunWorld } from './run-world.ts'

export interface StepsDone {
  readonly outcome: PipelineResult['outcome']
  readonly because: string
  readonly result: PipelineResult
}

export async function runSteps(
  world: RunWorld,
  recorder: RunRecorder,
  inputs: ResolvedInputs,
  signal: AbortSignal,
): Promise<StepsDone> {
  const { spec, dir } = inputs.project
  const records = new Map(spec.steps.map((step) => [step.name, waiting(step.name)]))
  const show = (name: string, change: Partial<StepRecord>) => {
    records.set(name, { ...(records.get(name) ?? waiting(name)), ...change })
    recorder.progress([...records.values()])
  }
  recorder.progress([...records.values()])
  const result = await runPipeline({
    steps: spec.steps,
    projectDir: dir,
    store: world.content,
    index: world.index,
    actions: world.actions,
    params: inputs.parameters,
    lockstepVersion: world.versions.lockstep,
    clock: world.clock,
    dataDir: world.folder.root,
    executor: world.executor,
    parallelism: world.parallelism,
    signal,
    ...(recorder.run.force ? { force: 'all' as const } : {}),
    onEvent: (event) => follow(world, recorder.run.id, event, show),
  })
  const bad = result.steps.find(
    (step) => step.verdict !== 'hit' && step.verdict !== 'ran' && step.verdict !== 'blocked',
  )
  const because = bad
    ? `step ${bad.name}: ${bad.because}${bad.hint ? ` (${bad.hint})` : ''}`
    : 'every step is done'
  return { outcome: result.outcome, because, result }
}

function follow(
  world: RunWorld,
  run: string,
  event: PipelineEvent,
  show: (name: string, change: Partial<StepRecord>) => void,
): void {
  switch (event.type) {
    case 'step_planned':
      show(event.step, { key: event.key, because: event.because })
      return
    case 'step_started':
      world.log.write(run, event.step, `started (attempt ${event.attempt})`)
      show(event.step, { verdict: 'running', startedAt: event.at })
      return
    case 'step_log':
      world.log.write(run, event.step, event.line)
      return
    case 'step_finished': {
      const { verdict, because, key, logDigest, startedAt, finishedAt } = event.result
      world.log.write(run, event.step, `${verdict}: ${because}`)
      show(event.step, { verdict, because, key, logDigest, startedAt, finishedAt })
    }
  }
}

function waiting(name: string): StepRecord {
  return {
    name,
    verdict: 'waiting',
    because: 'not reached yet',
    key: null,
    logDigest: null,
    startedAt: null,
    finishedAt: null,
  }
}
