// Where Lockstep says "undefined" and scikit-learn prints a number, a reader who compares the two must be told which.
import type { Metric } from './metric.ts'
import type { Scored } from './scored.ts'

/** "undefined: it needs selected rows (scikit-learn prints 0)"; undefined where the metric has a value. */
export function undefinedWords(metric: Metric, scored: Scored): string | undefined {
  if (metric.value(scored) !== undefined) return undefined
  const printed = metric.compatValue?.(scored)
  const compat = printed === undefined ? '' : ` (scikit-learn prints ${shown(printed)})`
  return `undefined: it needs ${metric.needs}${compat}`
}

function shown(value: number): string {
  return Number.isNaN(value) ? 'nan' : String(Number(value.toPrecision(4)))
}
