// Metric checks: against a limit, or against another model on the same rows; over all rows or in every group.
import { nameOfGroup } from '../fairness/group-counts.ts'
import { metricWords } from '../metrics/binary-metrics.ts'
import { boundMetric, boundPair, type Estimated } from '../metrics/metric-bounds.ts'
import { formatCount, formatOp, formatRate } from '../statistics/number-words.ts'
import { oneSidedZ, sidakOneSidedZ } from '../statistics/proportion-bounds.ts'
import { judgeBounds, type Verdict } from '../statistics/verdict.ts'
import type {
  Denominator,
  GateSettings,
  Judgement,
  MeasuredMetric,
  MeasuredSlice,
} from './check-result.ts'
import type { MetricCheckSpec } from './check-spec.ts'

export function judgeMetric(
  spec: MetricCheckSpec,
  statistics: MeasuredMetric,
  settings: GateSettings,
): Judgement {
  const bounds = boundsOf(statistics, oneSidedZ(settings.confidence))
  const { words, counted } = metricWords[spec.metric]
  const limit = limitOf(spec)
  const { n, method, estimate } = bounds
  if (estimate === undefined) {
    const because = `${words} is undefined: ${bounds.because ?? 'nothing could be estimated'}`
    return { verdict: 'insufficient', because, method, limit, n }
  }
  const measured = `${subjectWords(spec, statistics)} is ${boundsWords(bounds, settings)}, ${requirement(spec)}`
  const shared = { method, limit, n, ...numbersOf(bounds) }
  if (bounds.isApproximate && n < settings.minSupport) {
    const because = `${measured}: only ${formatCount(n)} rows decide it, at least ${settings.minSupport} are needed`
    return { verdict: 'insufficient', because, ...shared, neededRows: settings.minSupport }
  }
  const verdict = judgeBounds({ lower: bounds.lower, upper: bounds.upper, limit, op: spec.op })
  if (verdict !== 'insufficient') return { verdict, because: measured, ...shared }
  const neededRows = rowsNeeded(bounds, limit)
  const more =
    neededRows === undefined
      ? ''
      : `; about ${formatCount(neededRows)} ${counted} would decide it, there are ${formatCount(n)}`
  return {
    verdict,
    because: `${measured}: the bounds do not decide it${more}`,
    ...shared,
    ...(neededRows === undefined ? {} : { neededRows }),
  }
}

/**
 * The check in every group. To pass, each group is shown to be good at full confidence (an intersection-union test needs
 * no correction); to fail, some group is shown to be bad after Šidák's correction, so that many groups do not fail a good model.
 */
export function judgeSlices(
  spec: MetricCheckSpec,
  slices: readonly MeasuredSlice[],
  settings: GateSettings,
): Judgement {
  const limit = limitOf(spec)
  const judged = slices.map((slice) => judgeSlice(spec, slice, settings, slices.length))
  const failed = judged.filter(({ verdict }) => verdict === 'fail')
  const unsure = judged.filter(({ verdict }) => verdict === 'insufficient')
  const denominators = judged.map(({ denominator }) => denominator)
  const shared = { method: 'each group by its own bounds', limit, denominators }
  const { words } = metricWords[spec.metric]
  const question = `${words} of every group of ${spec.each ?? ''}, ${requirement(spec)}`
  const list = (some: typeof judged) => listed(some.map(({ sentence }) => sentence))
  if (judged.length === 0) {
    return { verdict: 'insufficient', because: `${question}: there are no groups`, ...shared }
  }
  if (failed.length > 0) {
    return { verdict: 'fail', because: `${question}, fails for ${list(failed)}`, ...shared }
  }
  if (unsure.length > 0) {
    return {
      verdict: 'insufficient',
      because: `${question}, is not decided for ${list(unsure)}`,
      ...shared,
    }
  }
  return { verdict: 'pass', because: `${question}, holds: ${list(judged)}`, ...shared }
}

function judgeSlice(
  spec: MetricCheckSpec,
  { group, statistics }: MeasuredSlice,
  settings: GateSettings,
  slices: number,
): { verdict: Verdict; sentence: string; denominator: Denominator } {
  const limit = limitOf(spec)
  const name = nameOfGroup(group)
  const good = boundsOf(statistics, oneSidedZ(settings.confidence))
  const bad = boundsOf(statistics, sidakOneSidedZ(settings.confidence, slices))
  const { n, estimate } = good
  const denominator = { name, n, ...(estimate === undefined ? {} : { estimate }) }
  const { counted } = metricWords[spec.metric]
  const size = `${formatCount(n)} ${counted}`
  if (estimate === undefined) {
    return { verdict: 'insufficient', sentence: `${name} (undefined, ${size})`, denominator }
  }
  const sentence = `${name} ${boundsWords(good, settings)} of ${size}`
  if (n < settings.minSupport) return { verdict: 'insufficient', sentence, denominator }
  const ask = ({ lower, upper }: Estimated) => judgeBounds({ lower, upper, limit, op: spec.op })
  if (ask(good) === 'pass') return { verdict: 'pass', sentence, denominator }
  return { verdict: ask(bad) === 'fail' ? 'fail' : 'insufficient', sentence, denominator }
}

function boundsOf(statistics: MeasuredMetric, z: number): Estimated {
  switch (statistics.method) {
    case 'paired_proportion':
    case 'paired_mean':
    case 'paired_delong':
    case 'paired_bootstrap':
      return boundPair(statistics, z)
    default:
      return boundMetric(statistics, z)
  }
}

/** What the estimate, a value or a difference, is compared with. */
function limitOf({ against }: MetricCheckSpec): number {
  return against.with === 'limit' ? against.limit : against.margin
}

function requirement({ op, against }: MetricCheckSpec): string {
  const word = op.startsWith('>') ? 'required' : 'allowed'
  const sign = formatOp(op)
  if (against.with === 'limit') return `${word} ${sign} ${formatRate(against.limit)}`
  return `${word} a difference ${sign} ${signed(against.margin)}`
}

function subjectWords(spec: MetricCheckSpec, statistics: MeasuredMetric): string {
  const { words } = metricWords[spec.metric]
  if (!('reference' in statistics) || spec.against.with === 'limit') return words
  const other = spec.against.with === 'champion' ? 'champion' : `baseline ${spec.against.name}`
  return `${words} is ${formatRate(statistics.own)}, of the ${other} ${formatRate(statistics.reference)}; the difference`
}

function boundsWords({ estimate, lower, upper }: Estimated, { confidence }: GateSettings): string {
  const percent = Number((confidence * 100).toPrecision(4))
  const show = (value: number | undefined) => (value === undefined ? '?' : formatRate(value))
  return `${show(estimate)} (${percent} % bounds ${show(lower)} to ${show(upper)})`
}

function numbersOf({ estimate, lower, upper }: Estimated) {
  return {
    ...(estimate === undefined ? {} : { estimate }),
    ...(lower === undefined ? {} : { lower }),
    ...(upper === undefined ? {} : { upper }),
  }
}

/** Bounds shrink with the root of n: how many rows until the nearer one clears the limit. */
export function rowsNeeded(
  { estimate, lower, upper, n }: Pick<Estimated, 'estimate' | 'lower' | 'upper' | 'n'>,
  limit: number,
): number | undefined {
  if (estimate === undefined || lower === undefined || upper === undefined) return undefined
  const distance = Math.abs(estimate - limit)
  const width = estimate > limit ? estimate - lower : upper - estimate
  const needed = Math.ceil(n * (width / distance) ** 2)
  // Beyond a billion "collect more rows" is not advice.
  return needed > n && needed < 1e9 ? needed : undefined
}

function listed(sentences: readonly string[]): string {
  const shown = sentences.slice(0, 6).join(', ')
  return sentences.length > 6 ? `${shown} and ${sentences.length - 6} more` : shown
}

function signed(value: number): string {
  return value === 0 ? '0' : (value > 0 ? '+' : '−') + formatRate(Math.abs(value))
}
