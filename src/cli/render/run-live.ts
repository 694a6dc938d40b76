// A run while it goes on: what runs now and for how long, what is done, and how long the rest should take.
import type { GraphView } from '../../api/contract/pipeline-routes.ts'
import type { StepView } from '../../api/contract/run-views.ts'
import type { RunView } from '../../api/contract/views.ts'
import { estimateTime } from '../../build/pipeline/estimate-time.ts'
import type { Instant } from '../../foundation/clock.ts'
import type { Paint } from './paint.ts'
import { columns, indent } from './text.ts'
import { took } from './time.ts'

export interface LiveScene {
  readonly run: RunView
  readonly now: Instant
  /** Null when it is not known: then no remaining time is said. */
  readonly graph: GraphView | null
  /** How many steps run at once. */
  readonly parallelism: number
}

/** Of the steps that run now so many are named. */
const mostShown = 8

export function runProgress(scene: LiveScene, paint: Paint): string[] {
  const { run, now } = scene
  const running = run.steps.filter((step) => step.verdict === 'running')
  const done = run.steps.filter((step) => !isOpen(step)).length
  const left = remainingMs(scene)
  const head = [
    `${paint.active('▸')} run ${run.number}`,
    run.phase === 'running' ? `${done}/${run.steps.length} steps` : run.phase,
    span(Math.max(0, now - Date.parse(run.createdAt))),
    ...(left === null || left < 1000 ? [] : [`about ${span(left)} left`]),
  ].join('  ')
  const rows = running
    .slice(0, mostShown)
    .map((step) => [
      paint.active('▸'),
      step.name,
      `${span(elapsedMs(step, now))}${step.expectedMs === null ? '' : paint.quiet(` of about ${span(step.expectedMs)}`)}${step.attempt > 1 ? paint.warn(` attempt ${step.attempt}`) : ''}`,
    ])
  const more = running.length - mostShown
  return [head, ...indent(columns(rows)), ...(more > 0 ? [paint.quiet(`  and ${more} more`)] : [])]
}

/** Null when nothing is known about any step that is left. */
export function remainingMs({ run, now, graph, parallelism }: LiveScene): number | null {
  if (graph === null) return null
  const after = new Map(graph.steps.map((step) => [step.name, step.after.map((one) => one.step)]))
  const left = run.steps.filter(isOpen)
  if (left.every((step) => step.expectedMs === null)) return null
  const timed = left.map((step) => {
    const elapsed = step.verdict === 'running' ? elapsedMs(step, now) : 0
    const ms = step.expectedMs === null ? null : Math.max(0, step.expectedMs - elapsed)
    return { name: step.name, ms, after: after.get(step.name) ?? [] }
  })
  return estimateTime(inOrder(timed, run.steps), parallelism).wallMs
}

/** Those that run already hold their lanes. */
function inOrder<T extends { readonly name: string }>(
  timed: readonly T[],
  steps: readonly StepView[],
): T[] {
  const running = new Set(steps.filter((one) => one.verdict === 'running').map((one) => one.name))
  return [
    ...timed.filter((one) => running.has(one.name)),
    ...timed.filter((one) => !running.has(one.name)),
  ]
}

/** Tenths of a second while it is short: what is redrawn all the time should not dance between units. */
function span(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : took(ms)
}

function isOpen(step: StepView): boolean {
  return step.verdict === 'waiting' || step.verdict === 'running'
}

function elapsedMs(step: StepView, now: Instant): number {
  return step.startedAt === null ? 0 : Math.max(0, now - Date.parse(step.startedAt))
}
