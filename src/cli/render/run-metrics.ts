// The metrics of a run, replicates as mean ± standard deviation, beside the run before.
import type { MetricView, StepView } from '../../api/contract/run-views.ts'
import type { Paint } from './paint.ts'
import { columns } from './text.ts'

const mostShown = 30

export function metricLines(metrics: readonly MetricView[], paint: Paint): string[] {
  const shown = metrics.slice(0, mostShown)
  const rows = shown.map((metric) => [
    paint.quiet(metric.step),
    metric.name,
    estimate(metric),
    ...(metric.before === null
      ? []
      : [
          change(metric, paint),
          paint.quiet(`run ${metric.before.run}: ${estimate(metric.before)}`),
        ]),
  ])
  const more = metrics.length - shown.length
  return [...columns(rows), ...(more > 0 ? [paint.quiet(`and ${more} more: --json`)] : [])]
}

/** `0.912 ± 0.003 (n = 5)`. */
export function estimate({ mean, sd, n }: Pick<MetricView, 'mean' | 'sd' | 'n'>): string {
  return sd === null
    ? number(mean)
    : `${number(mean)} ± ${number(Number(sd.toPrecision(2)))} (n = ${n})`
}

/** Better or worse is not ours to say: the sign is all. */
function change({ mean, before }: MetricView, paint: Paint): string {
  const difference = mean - (before?.mean ?? mean)
  if (difference === 0) return paint.quiet('same')
  return paint.strong(`${difference > 0 ? '+' : '−'}${number(Math.abs(difference))}`)
}

/** Four significant digits; whole numbers whole. */
export function number(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US')
  const size = Math.abs(value)
  if (size >= 1e-4 && size < 1e6) return String(Number(value.toPrecision(4)))
  return value.toExponential(3)
}

const pathsShown = 5

/** What makes the run less reproducible than its records say. */
export function readLines(steps: readonly StepView[], paint: Paint): string[] {
  return steps.flatMap(({ name, reads }) => {
    if (reads.undeclared.length === 0) return []
    const shown = reads.undeclared.slice(0, pathsShown)
    const more = reads.undeclared.length - shown.length
    return [
      `${paint.warn('!')} ${name} read what it does not declare: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    ]
  })
}
