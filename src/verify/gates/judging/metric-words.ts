// How metric checks speak: what was measured, what was asked, and what would decide it.
import { metricFor, tasks } from '../../metrics/metric.ts'
import type { Estimated } from '../../metrics/metric-bounds.ts'
import { formatCount, formatOp, formatRate } from '../../statistics/number-words.ts'
import { type Assurance, spanOf } from '../../statistics/power.ts'
import { oneSidedZ } from '../../statistics/proportion-bounds.ts'
import type { GateSettings, MeasuredMetric } from '../check-result.ts'
import type { MetricCheckSpec } from '../check-spec.ts'

/** In a sentence, and what its denominator counts; a recorded name of long ago still has one. */
export function metricWordsOf(name: string): { readonly words: string; readonly counted: string } {
  for (const task of tasks) {
    const metric = metricFor(task, name)
    if (metric !== undefined) return metric
  }
  return { words: name, counted: 'rows' }
}

/** What the estimate, a value or a difference, is compared with. */
export function limitOf({ against }: MetricCheckSpec): number {
  return against.with === 'limit' ? against.limit : against.margin
}

export function requirement({ op, against }: MetricCheckSpec): string {
  const word = op.startsWith('>') ? 'required' : 'allowed'
  const sign = formatOp(op)
  if (against.with === 'limit') return `${word} ${sign} ${formatRate(against.limit)}`
  return `${word} a difference ${sign} ${signed(against.margin)}`
}

export function subjectWords(spec: MetricCheckSpec, statistics: MeasuredMetric): string {
  const { words } = metricWordsOf(spec.metric)
  if (!('reference' in statistics) || spec.against.with === 'limit') return words
  const { factor = 1 } = statistics
  const difference = factor === 1 ? 'the difference' : `the difference to ${factor} times that`
  return `${words} is ${formatRate(statistics.own)}, of the ${otherName(spec)} ${formatRate(statistics.reference)}; ${difference}`
}

function otherName({ against }: MetricCheckSpec): string {
  return against.with === 'baseline' ? `baseline ${against.name}` : against.with
}

export function boundsWords(
  { estimate, lower, upper, n, isObserved }: Estimated,
  { confidence }: Pick<GateSettings, 'confidence'>,
): string {
  const show = (value: number | undefined) => (value === undefined ? '?' : formatRate(value))
  if (isObserved) return `${show(estimate)} on these ${formatCount(n)} rows (it has no bounds)`
  return `${show(estimate)} (${percentOf(confidence)} bounds ${show(lower)} to ${show(upper)})`
}

export function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(5))} %`
}

/** Beyond this many times the rows there are, "collect more" is not advice. */
export const mostTimes = 100

/** What a check without a decision could have seen, and how many rows would decide it. */
export interface DecisionPlan {
  /** The true distance from the limit that is decided with the asked power; undefined without a bound. */
  readonly detectable?: number
  readonly neededRows?: number
  /** One clause for the reason. */
  readonly words: string
}

/**
 * For a margin the rows are those that would show two equal models to be equal enough; for a limit, and where that many are there
 * already, those that would decide if the estimate stayed. Errors shrink with the root of n.
 */
export function planDecision(
  spec: MetricCheckSpec,
  bounds: Estimated,
  { confidence, power }: Assurance,
): DecisionPlan {
  const { estimate, lower, upper, n, isObserved } = bounds
  if (estimate === undefined || lower === undefined || upper === undefined || isObserved)
    return { words: '' }
  const limit = limitOf(spec)
  const width = estimate > limit ? estimate - lower : upper - estimate
  const detectable = (width / oneSidedZ(confidence)) * spanOf({ confidence, power })
  const rowsFor = (distance: number) => {
    const rows = Math.ceil(n * (detectable / distance) ** 2)
    // Beyond a billion "collect more rows" is not advice.
    return rows > n && rows < 1e9 ? rows : undefined
  }
  const { counted } = metricWordsOf(spec.metric)
  const seen = `${formatCount(n)} ${counted} detect a distance of ${formatRate(detectable)}`
  const asked = spec.mde ?? (spec.against.with === 'limit' ? 0 : Math.abs(limit))
  const ifEqual = asked > 0 ? rowsFor(asked) : undefined
  const neededRows = ifEqual ?? rowsFor(Math.abs(estimate - limit))
  if (neededRows === undefined) return { detectable, words: seen }
  const condition =
    ifEqual === undefined
      ? 'if the estimate stays'
      : spec.mde === null
        ? 'if both are equally good'
        : `to detect ${formatRate(spec.mde)}`
  if (neededRows > mostTimes * n) {
    const hardly = 'it is so near the limit that more rows will hardly decide it'
    return { detectable, neededRows, words: `${seen}; ${hardly}` }
  }
  const words = `${seen}; about ${formatCount(neededRows)} would decide it ${condition}`
  return { detectable, neededRows, words }
}

export function listed(sentences: readonly string[]): string {
  const shown = sentences.slice(0, 6).join(', ')
  return sentences.length > 6 ? `${shown} and ${sentences.length - 6} more` : shown
}

function signed(value: number): string {
  return value === 0 ? '0' : (value > 0 ? '+' : '−') + formatRate(Math.abs(value))
}
