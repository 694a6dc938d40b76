// Readiness checks: exact comparisons, except latency, whose quantile has bounds.
import { fewestForQuantile, type ReadinessStatistics } from '../readiness/readiness-statistics.ts'
import { formatBytes, formatCount, formatOp, formatShare } from '../statistics/number-words.ts'
import { judgeBounds, judgeExactly } from '../statistics/verdict.ts'
import { insufficient, type Judgement, mismatched } from './check-result.ts'
import type { ReadinessCheckSpec } from './check-spec.ts'

type Of<M extends ReadinessStatistics['method']> = Extract<ReadinessStatistics, { method: M }>

export function judgeReadiness(
  spec: ReadinessCheckSpec,
  statistics: ReadinessStatistics,
): Judgement {
  switch (statistics.method) {
    case 'measured':
      return judgeMeasured(spec, statistics)
    case 'errors':
      return judgeErrors(spec, statistics)
    case 'signature':
      return judgeSignature(statistics)
    case 'order_statistic':
      return spec.subject.what === 'latency' ? judgeLatency(spec, statistics) : mismatched(spec)
  }
}

function judgeMeasured(spec: ReadinessCheckSpec, { value }: Of<'measured'>): Judgement {
  const { what } = spec.subject
  if (value === null) return insufficient(`${unmeasured[what]} was not measured`)
  const { sentence, show } = measuredWords[what] ?? { sentence: what, show: String }
  return {
    verdict: judgeExactly(value, spec.op, spec.limit),
    because: `${sentence} ${show(value)}, allowed ${formatOp(spec.op)} ${show(spec.limit)}`,
    method: 'measured once',
    estimate: value,
    limit: spec.limit,
  }
}

const unmeasured: Readonly<Record<ReadinessCheckSpec['subject']['what'], string>> = {
  loads: 'the load time',
  size: 'the size',
  rss: 'peak memory',
  parity: 'parity of scores (are they all finite?)',
  errors: 'the error count',
  error_share: 'the error share',
  signature: 'the signature',
  latency: 'latency',
}

const measuredWords: Readonly<
  Record<string, { sentence: string; show: (value: number) => string }>
> = {
  loads: { sentence: 'the model loaded in', show: formatMs },
  size: { sentence: 'the artifact has', show: formatBytes },
  rss: { sentence: 'peak memory was', show: formatBytes },
  parity: {
    sentence: 'the largest difference of a score asked twice or in another batch is',
    show: (value) => Number(value.toPrecision(3)).toString(),
  },
}

function judgeErrors(spec: ReadinessCheckSpec, { errors, requests }: Of<'errors'>): Judgement {
  if (requests === 0) return insufficient('no request was sent')
  const isShare = spec.subject.what === 'error_share'
  const value = isShare ? errors / requests : errors
  const show = isShare ? formatShare : formatCount
  return {
    verdict: judgeExactly(value, spec.op, spec.limit),
    because: `${formatCount(errors)} of ${formatCount(requests)} requests failed, allowed ${formatOp(spec.op)} ${show(spec.limit)}`,
    method: 'all requests counted',
    estimate: value,
    limit: spec.limit,
    n: requests,
  }
}

function judgeSignature({ inputs, undeclared }: Of<'signature'>): Judgement {
  const because =
    undeclared.length === 0
      ? `all ${inputs.length} inputs of the model are declared columns`
      : `the model asks for inputs that are no declared column: ${undeclared.join(', ')}`
  return { verdict: undeclared.length === 0 ? 'pass' : 'fail', because, method: 'names compared' }
}

function judgeLatency(spec: ReadinessCheckSpec, found: Of<'order_statistic'>): Judgement {
  const { quantile, confidence, n, estimate, ratePerSecond } = found
  const name = `latency p${Number((quantile * 100).toPrecision(6))}`
  if (estimate === null) return insufficient(`${name}: no request was answered`)
  if (spec.ratePerSecond !== null && ratePerSecond < 0.95 * spec.ratePerSecond) {
    return insufficient(
      `${name} was measured at ${formatRatePerSecond(ratePerSecond)}, the check asks for ${formatRatePerSecond(spec.ratePerSecond)}`,
    )
  }
  const lower = found.lower ?? 0
  const upper = found.upper ?? Infinity
  const verdict = judgeBounds({ lower, upper, limit: spec.limit, op: spec.op })
  const percent = Number((confidence * 100).toPrecision(4))
  const top = found.upper === null ? 'no upper bound' : `at most ${formatMs(found.upper)}`
  const measured = `${name} at ${formatRatePerSecond(ratePerSecond)} is ${formatMs(estimate)} (${percent} % bounds: at least ${formatMs(lower)}, ${top}; ${formatCount(n)} answers), allowed ${formatOp(spec.op)} ${formatMs(spec.limit)}`
  const fewest = fewestForQuantile(quantile, confidence)
  const neededRows = verdict === 'insufficient' ? (n < fewest ? fewest : 4 * n) : undefined
  return {
    verdict,
    because:
      neededRows === undefined
        ? measured
        : `${measured}: not decided, measure about ${formatCount(neededRows)} requests`,
    method: 'order statistics',
    estimate,
    lower,
    ...(found.upper === null ? {} : { upper: found.upper }),
    limit: spec.limit,
    n,
    ...(neededRows === undefined ? {} : { neededRows }),
  }
}

function formatRatePerSecond(rate: number): string {
  return `${Number(rate.toPrecision(3))}/s`
}

function formatMs(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`
}
