// Metric checks over all rows: against a limit, or against another model on the same rows.
import { boundMetric, boundPair, type Estimated } from '../../metrics/metric-bounds.ts'
import { formatCount, formatRate } from '../../statistics/number-words.ts'
import { oneSidedZ } from '../../statistics/proportion-bounds.ts'
import { judgeBounds, judgeExactly, type Verdict } from '../../statistics/verdict.ts'
import type { GateSettings, Judgement, MeasuredMetric } from '../check-result.ts'
import type { MetricCheckSpec } from '../check-spec.ts'
import {
  boundsWords,
  limitOf,
  metricWordsOf,
  planDecision,
  requirement,
  subjectWords,
} from './metric-words.ts'

export function judgeMetric(
  spec: MetricCheckSpec,
  statistics: MeasuredMetric,
  settings: GateSettings,
): Judgement {
  const bounds = boundsOf(statistics, oneSidedZ(settings.confidence))
  const limit = limitOf(spec)
  const { n, method, estimate } = bounds
  if (estimate === undefined) {
    const { words } = metricWordsOf(spec.metric)
    const because = `${words} is undefined: ${bounds.because ?? 'nothing could be estimated'}`
    return { verdict: 'insufficient', because, method, limit, n }
  }
  const byPoint =
    spec.decideBy === 'point' ? ' (decided by the point, whatever the bounds say)' : ''
  const measured = `${subjectWords(spec, statistics)} is ${boundsWords(bounds, settings)}, ${requirement(spec)}${byPoint}`
  const shared = { method, limit, n, ...numbersOf(bounds) }
  const tooFew = tooFewWords(bounds, settings)
  if (tooFew !== undefined) {
    const neededRows = fewestOf(bounds, settings)
    return { verdict: 'insufficient', because: `${measured}: ${tooFew}`, ...shared, neededRows }
  }
  const plan = planDecision(spec, bounds, settings)
  const needed = plan.neededRows === undefined ? {} : { neededRows: plan.neededRows }
  const verdict = verdictOf(spec, bounds)
  if (verdict === 'insufficient') {
    const because = `${measured}: the bounds do not decide it; ${plan.words}`
    return { verdict, because, ...shared, ...needed }
  }
  if (verdict === 'pass' && isBlunt(spec, plan.detectable)) {
    const because = `${measured}: it holds, but a distance of ${formatRate(spec.mde ?? 0)} must be detectable; ${plan.words}`
    return { verdict: 'insufficient', because, ...shared, ...needed }
  }
  return { verdict, because: measured, ...shared }
}

export function boundsOf(statistics: MeasuredMetric, z: number): Estimated {
  switch (statistics.method) {
    case 'paired_proportion':
    case 'paired_mean':
    case 'paired_delong':
    case 'paired_linear':
    case 'paired_bootstrap':
    case 'paired_observed':
      return boundPair(statistics, z)
    default:
      return boundMetric(statistics, z)
  }
}

export function verdictOf(
  { op, decideBy, ...spec }: MetricCheckSpec,
  { estimate, lower, upper }: Estimated,
): Verdict {
  const limit = limitOf({ op, decideBy, ...spec })
  return decideBy === 'point'
    ? judgeExactly(estimate, op, limit)
    : judgeBounds({ lower, upper, limit, op })
}

/** A holdout that cannot see the effect one asked to see does not pass by luck. */
export function isBlunt({ mde }: MetricCheckSpec, detectable: number | undefined): boolean {
  return mde !== null && (detectable === undefined || detectable > mde)
}

/** Bounds that lean on an approximation need some rows, and as many units as rows where units are what was drawn. */
function tooFewWords(bounds: Estimated, settings: GateSettings): string | undefined {
  const { n, isApproximate, units } = bounds
  if (!isApproximate) return undefined
  const least = fewestOf(bounds, settings)
  if (n < least) return `only ${formatCount(n)} rows decide it, at least ${least} are needed`
  if (units === undefined || units.words === 'rows' || units.count >= settings.minSupport)
    return undefined
  return `only ${formatCount(units.count)} ${units.words} decide it, at least ${settings.minSupport} are needed`
}

/** The minimum support asked for, or what the method of the bounds needs to be honest where that is more. */
export function fewestOf({ fewest = 0 }: Estimated, { minSupport }: GateSettings): number {
  return Math.max(minSupport, fewest)
}

export function numbersOf({ estimate, lower, upper }: Estimated) {
  return {
    ...(estimate === undefined ? {} : { estimate }),
    ...(lower === undefined ? {} : { lower }),
    ...(upper === undefined ? {} : { upper }),
  }
}
