// A plan for people: what would run and why, what is known, and how long it should take.
import type { PlanStepView, PlanView } from '../../api/contract/pipeline-routes.ts'
import { type Folded, foldSteps } from './fold-steps.ts'
import type { Paint } from './paint.ts'
import { columns, plural } from './text.ts'
import { took } from './time.ts'

export interface PlanOptions {
  readonly paint: Paint
  /** Every step on a line of its own, with every difference. */
  readonly all: boolean
}

export function planLines(plan: PlanView, { paint, all }: PlanOptions): string[] {
  const groups = all
    ? plan.steps.map((step) => ({ name: step.name, steps: [step] }))
    : foldSteps(plan.steps, (step) => step.decision)
  const declared = new Map(plan.steps.map((step) => [step.name, step.declaredAs]))
  const rows = groups.map((group) => [
    word(group.steps[0]?.decision ?? 'hit', paint),
    group.name,
    time(group.steps),
    paint.quiet(reason(group, declared)),
  ])
  const lines = columns(rows)
  const detailed = all ? withChanges(lines, plan.steps) : lines
  return [...detailed, '', ...summary(plan, paint)]
}

function word(decision: PlanStepView['decision'], paint: Paint): string {
  if (decision === 'hit') return paint.quiet('✓ known')
  return decision === 'run' ? paint.active('▸ run') : paint.warn('· waits')
}

function time(steps: readonly PlanStepView[]): string {
  const known = steps.flatMap((step) =>
    step.decision === 'hit' || step.expectedMs === null ? [] : [step.expectedMs],
  )
  if (known.length === 0) return ' '
  const total = known.reduce((sum, ms) => sum + ms, 0)
  return `~${took(total)}`
}

function reason({ steps }: Folded<PlanStepView>, declared: ReadonlyMap<string, string>): string {
  if (steps[0]?.decision === 'waits') {
    const sources = new Set(steps.flatMap((step) => step.waitsFor))
    const names = new Set([...sources].map((name) => declared.get(name) ?? name))
    if (names.size > 0) return `its inputs are known once ${[...names].join(', ')} ran`
  }
  const reasons = new Set(steps.map((step) => step.because))
  const [first = ''] = reasons
  if (steps[0]?.decision === 'hit' && reasons.size > 1) return 'nothing changed'
  return reasons.size <= 1 ? first : `${first}; ${plural(reasons.size - 1, 'other reason')}: --all`
}

function withChanges(lines: readonly string[], steps: readonly PlanStepView[]): string[] {
  return lines.flatMap((line, index) => {
    const changes = steps[index]?.changes ?? []
    return [line, ...(changes.length > 3 ? changes.map((change) => `      - ${change}`) : [])]
  })
}

function summary(plan: PlanView, paint: Paint): string[] {
  const { hits, runs, waits } = plan
  if (runs + waits === 0)
    return [
      paint.strong(`nothing would run: ${plural(hits, 'known result')}`),
      `then: ${plan.afterwards}`,
    ]
  const maybe = waits > 0 ? `, then at most ${plural(waits, 'more step')}` : ''
  const known = hits > 0 ? `; ${plural(hits, 'known result')}` : ''
  return [
    paint.strong(`${plural(runs, 'step')} would run${maybe}${known}`),
    ...timeLines(plan),
    `then: ${plan.afterwards}`,
  ]
}

function timeLines(plan: PlanView): string[] {
  const { expectedMs, workMs, unknown, criticalPath, criticalMs, parallelism } = plan
  if (workMs === 0) return unknown > 0 ? ['how long it takes is not known yet'] : []
  const chain =
    criticalPath.length > 1
      ? `; longest chain ${criticalPath.join(' → ')}, ${took(criticalMs)}`
      : ''
  const missing = unknown > 0 ? `; of ${plural(unknown, 'step')} the time is not known` : ''
  return [
    `about ${took(expectedMs)} with ${parallelism} at once (${took(workMs)} of work${chain}${missing})`,
  ]
}
