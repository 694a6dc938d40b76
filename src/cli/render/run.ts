// A run: its steps as they go, its gates with what broke first, and where it led.
import type { StepView } from '../../api/contract/run-views.ts'
import type { RunView } from '../../api/contract/views.ts'
import { foldSteps } from './fold-steps.ts'
import { gateLines, showCommand, worstCheck } from './gates.ts'
import type { Paint } from './paint.ts'
import { metricLines, readLines } from './run-metrics.ts'
import { columns, indent, table, visibleWidth } from './text.ts'
import { ago, took } from './time.ts'
import { phaseWord, releaseName, stepWord } from './words.ts'

export function runHeadline(run: RunView, paint: Paint): string {
  const time = run.durationMs === null ? '' : `  ${paint.quiet(took(run.durationMs))}`
  return `${paint.strong(`run ${run.number}`)}  ${phaseWord(run.phase, paint)}${time}  ${paint.quiet(run.id)}`
}

export function runReport(run: RunView, paint: Paint): string[] {
  return [
    runHeadline(run, paint),
    ...indent(foldedStepLines(run.steps, paint)),
    ...indent(gateLines(run.gates, paint)),
    ...indent(metricLines(run.metrics, paint)),
    ...indent(readLines(run.steps, paint)),
    ...indent([outcomeLine(run, paint)]),
  ]
}

/** @param width of the column of names; as wide as the longest when left out. */
export function stepLines(steps: readonly StepView[], paint: Paint, width = 0): string[] {
  return columns(
    steps.map((step) => [
      padded(stepWord(step.verdict, paint), 11),
      step.name.padEnd(width),
      (took(step.durationMs) || ' ').padEnd(7),
      paint.quiet(step.because || ' '),
    ]),
  )
}

/** So that lines which are told one by one stand below each other. */
function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleWidth(text)))
}

/** Many steps of one declaration that fared alike are one line. */
export function foldedStepLines(steps: readonly StepView[], paint: Paint): string[] {
  return columns(
    foldSteps(steps, (step) => step.verdict).map(({ name, steps: same }) => {
      const [first] = same
      const times = same.flatMap((step) => step.durationMs ?? [])
      const total = times.length === 0 ? null : times.reduce((sum, ms) => sum + ms, 0)
      const isOne = new Set(same.map((step) => step.because)).size === 1
      const because = isOne ? first?.because : first?.verdict === 'hit' ? 'nothing changed' : ''
      return [
        stepWord(first?.verdict ?? 'waiting', paint),
        name,
        took(total) || ' ',
        paint.quiet(because || ' '),
      ]
    }),
  )
}

export function outcomeLine(run: RunView, paint: Paint): string {
  if (run.release && run.phase === 'succeeded')
    return `made ${paint.strong(releaseName(run.release))}${openQuestion(run)}`
  if (run.sameAs)
    return `same inputs as ${run.sameAs}: ${run.release ? releaseName(run.release) : 'nothing new to make'}`
  return isTold(run) ? 'no release was made' : run.because
}

/** The reason of a refused run is that of its checks, which stand above. */
function isTold({ phase, gates, because }: RunView): boolean {
  const reasons = gates.flatMap((gate) => gate.checks.map((check) => check.because))
  return phase === 'failed' && reasons.some((one) => one !== '' && because.includes(one))
}

function openQuestion({ gates }: RunView): string {
  const isOpen = gates.some(({ verdict }) => verdict === 'insufficient')
  return isOpen ? '; no gate said no, and a person decides on what they left open' : ''
}

/** What to type after it. */
export function afterRun(run: RunView): string {
  if (run.phase === 'succeeded' && run.release) {
    return `next: lockstep promote ${run.release.number} --to ENVIRONMENT, or lockstep status`
  }
  if (run.phase === 'succeeded') return 'next: lockstep run, for the gates and a release'
  if (run.phase === 'unchanged')
    return `next: lockstep releases, or lockstep run --force to run every step again`
  const failed = run.steps.find((step) => step.verdict === 'failed' || step.verdict === 'timed_out')
  if (failed) return `next: lockstep logs --run ${run.number} --step ${failed.name}`
  const worst = run.phase === 'failed' ? worstCheck(run.gates) : undefined
  return worst ? showCommand(worst.id, run.number) : `next: lockstep why run ${run.number}`
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
