// A run: its steps as they go, its gates with what broke first, and where it led.
import type { CheckView, GateView, RunView, StepView } from '../../api/contract/views.ts'
import type { Paint } from './paint.ts'
import { columns, indent, plural, table } from './text.ts'
import { ago, took } from './time.ts'
import { phaseWord, releaseName, stepWord, verdictWord } from './words.ts'

export function runHeadline(run: RunView, paint: Paint): string {
  const time = run.durationMs === null ? '' : `  ${paint.quiet(took(run.durationMs))}`
  return `${paint.strong(`run ${run.number}`)}  ${phaseWord(run.phase, paint)}${time}  ${paint.quiet(run.id)}`
}

export function runReport(run: RunView, paint: Paint): string[] {
  return [
    runHeadline(run, paint),
    ...indent(stepLines(run.steps, paint)),
    ...indent(gateLines(run.gates, paint)),
    ...indent([outcomeLine(run, paint)]),
  ]
}

export function stepLines(steps: readonly StepView[], paint: Paint): string[] {
  return columns(
    steps.map((step) => [
      stepWord(step.verdict, paint),
      step.name,
      took(step.durationMs) || ' ',
      paint.quiet(step.because || ' '),
    ]),
  )
}

/** Gates that did not pass first, each with its checks; a passed gate is one line. */
export function gateLines(gates: readonly GateView[], paint: Paint): string[] {
  const order: CheckView['verdict'][] = [
    'fail',
    'error',
    'insufficient',
    'warn',
    'waived',
    'pass',
    'skipped',
  ]
  const rank = (verdict: CheckView['verdict']) => order.indexOf(verdict)
  const byRank = <T extends { verdict: CheckView['verdict'] }>(list: readonly T[]) =>
    [...list].sort((a, b) => rank(a.verdict) - rank(b.verdict))
  return byRank(gates).flatMap((gate) => {
    const head = `${verdictWord(gate.verdict, paint)}  gate ${paint.strong(gate.name)}`
    if (gate.verdict === 'pass')
      return [`${head}  ${paint.quiet(plural(gate.checks.length, 'check'))}`]
    return [
      head,
      ...indent(
        byRank(gate.checks).flatMap((check) => checkLines(check, paint)),
        '    ',
      ),
    ]
  })
}

function checkLines(check: CheckView, paint: Paint): string[] {
  const head = `${verdictWord(check.verdict, paint)}  ${check.text}`
  if (check.verdict === 'pass' || check.because === '') return [head]
  return [head, `  because ${check.because}`]
}

export function outcomeLine(run: RunView, paint: Paint): string {
  if (run.release && run.phase === 'succeeded')
    return `made ${paint.strong(releaseName(run.release))}`
  if (run.sameAs)
    return `same inputs as ${run.sameAs}: ${run.release ? releaseName(run.release) : 'nothing new to make'}`
  return run.because
}

/** What to type after it. */
export function afterRun(run: RunView): string {
  if (run.phase === 'succeeded' && run.release) {
    return `next: lockstep promote ${run.release.number} --to ENVIRONMENT, or lockstep status`
  }
  if (run.phase === 'unchanged')
    return `next: lockstep releases, or lockstep run --force to run every step again`
  const failed = run.steps.find((step) => step.verdict === 'failed' || step.verdict === 'timed_out')
  if (failed) return `next: lockstep logs --run ${run.number} --step ${failed.name}`
  return `next: lockstep why run ${run.number}`
}

/** One line for a redrawn terminal: what runs now, how far it is. */
export function runProgress(run: RunView, paint: Paint): string {
  const done = run.steps.filter((step) => !['waiting', 'running'].includes(step.verdict)).length
  const running = run.steps.filter((step) => step.verdict === 'running').map((step) => step.name)
  const doing = running.length > 0 ? running.join(', ') : run.phase
  return `${paint.active('▸')} run ${run.number}: ${doing}  ${paint.quiet(`${done}/${run.steps.length} steps`)}`
}

export function runTable(runs: readonly RunView[], paint: Paint, now: number): string[] {
  return table(
    ['run', 'phase', 'started', 'took', 'trigger', 'led to', 'because'],
    runs.map((run) => [
      String(run.number),
      phaseWord(run.phase, paint),
      ago(run.createdAt, now),
      took(run.durationMs),
      run.trigger,
      run.release ? releaseName(run.release) : '-',
      run.because,
    ]),
  )
}
