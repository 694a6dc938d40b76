// Latency, cold starts and throughput: judged by bounds, because the next measurement will not be the same.
import { boundRate, fewestBlocks } from '../../readiness/block-bounds.ts'
import {
  fewestForQuantile,
  type OrderedValue,
  type QuantileBounds,
  sizeOf,
} from '../../readiness/quantile-bounds.ts'
import type { ReadinessStatistics } from '../../readiness/readiness-statistics.ts'
import { formatCount, formatOp, formatRate } from '../../statistics/number-words.ts'
import { judgeBounds, type Verdict } from '../../statistics/verdict.ts'
import { type GateSettings, insufficient, type Judgement } from '../check-result.ts'
import type { ReadinessCheckSpec } from '../check-spec.ts'

type Of<M extends ReadinessStatistics['method']> = Extract<ReadinessStatistics, { method: M }>

export function judgeLatency(spec: ReadinessCheckSpec, found: Of<'order_statistic'>): Judgement {
  const { quantile, n, ratePerSecond, failed, late } = found
  const name = `latency p${Number((quantile * 100).toPrecision(6))}`
  if (n === 0) return insufficient(`${name}: no request was sent`)
  if (spec.ratePerSecond !== null && ratePerSecond !== spec.ratePerSecond) {
    const because = `${name} was measured at ${perSecond(ratePerSecond)}, the check asks for ${perSecond(spec.ratePerSecond)}`
    return insufficient(because)
  }
  const notes = [
    failed > 0 ? `${formatCount(failed)} failed and count as never answered` : '',
    late > 0 ? `${formatCount(late)} were sent late, which counts as latency` : '',
  ].filter((note) => note !== '')
  const size = [`${formatCount(n)} requests`, ...notes].join(', ')
  const { fewest, ...judgement } = judgeQuantile(spec, found, {
    subject: `${name} at ${perSecond(ratePerSecond)}`,
    size,
  })
  if (fewest === undefined) return judgement
  const seconds = Math.ceil(fewest / ratePerSecond)
  const advice = `not decided, measure about ${formatCount(fewest)} requests (duration: ${seconds}s)`
  return { ...judgement, because: `${judgement.because}: ${advice}`, neededRows: fewest }
}

export function judgeColdStarts(spec: ReadinessCheckSpec, found: Of<'cold_starts'>): Judgement {
  const { quantile, n } = found
  const name =
    quantile === 0.5
      ? 'the median cold start'
      : `p${Number((quantile * 100).toPrecision(6))} of cold starts`
  if (n === 0) return insufficient(`${name}: no process was started`)
  const { fewest, ...judgement } = judgeQuantile(spec, found, {
    subject: `${name}, from starting the process to its first answer,`,
    size: `${formatCount(n)} starts`,
  })
  if (fewest === undefined) return judgement
  const advice = `not decided, write starts: ${formatCount(fewest)}`
  return { ...judgement, because: `${judgement.because}: ${advice}`, neededRows: fewest }
}

function judgeQuantile(
  spec: ReadinessCheckSpec,
  found: QuantileBounds,
  { subject, size }: { readonly subject: string; readonly size: string },
): Judgement & { readonly fewest: number | undefined } {
  const { quantile, confidence, n, ranks } = found
  const lower = found.lower === null ? 0 : sizeOf(found.lower)
  const upper = found.upper === null ? Number.POSITIVE_INFINITY : sizeOf(found.upper)
  const estimate = sizeOf(found.estimate ?? 'never')
  const verdict = judgeBounds({ lower, upper, limit: spec.limit, op: spec.op })
  const top =
    found.upper === null
      ? 'no upper bound'
      : `at most ${written(found.upper)} (rank ${ranks.upper})`
  const because = `${subject} is ${written(found.estimate ?? 'never')} (${percentOf(confidence)} bounds: at least ${found.lower === null ? '0 ms' : written(found.lower)}, ${top}; ${size}), allowed ${formatOp(spec.op)} ${formatMs(spec.limit)}`
  const isOpen = verdict === 'insufficient'
  const least = fewestForQuantile(quantile, confidence)
  return {
    verdict,
    because,
    method: 'order statistics',
    ...(Number.isFinite(estimate) ? { estimate } : {}),
    ...(Number.isFinite(lower) ? { lower } : {}),
    ...(Number.isFinite(upper) ? { upper } : {}),
    limit: spec.limit,
    n,
    fewest: isOpen ? (n < least ? least : 4 * n) : undefined,
  }
}

export function judgeThroughput(
  spec: ReadinessCheckSpec,
  found: Of<'throughput'>,
  { confidence }: GateSettings,
): Judgement {
  const { answered, blockMs, concurrency, errors } = found
  const method = 'blocks of time, bootstrap'
  const total = answered.reduce((sum, one) => sum + one, 0)
  if (total === 0) return insufficient('throughput: no request was answered', method)
  const bounds = boundRate(answered, blockMs, confidence)
  if (bounds === undefined) {
    const because = `throughput was measured in ${answered.length} blocks of ${formatMs(blockMs)}, at least ${fewestBlocks} are needed: write a longer duration`
    return insufficient(because, method)
  }
  const failures = errors > 0 ? `; ${formatCount(errors)} failed and do not count` : ''
  const { estimate, lower, upper } = bounds
  const verdict = judgeBounds({ lower, upper, limit: spec.limit, op: spec.op })
  const measured = `throughput is ${perSecond(estimate)} with ${concurrency} requests in flight (${percentOf(confidence)} bounds ${perSecond(lower)} to ${perSecond(upper)}; ${answered.length} blocks of ${formatMs(blockMs)}${failures}), required ${formatOp(spec.op)} ${perSecond(spec.limit)}`
  const numbers = { estimate, lower, upper, limit: spec.limit, n: total }
  if (verdict !== 'insufficient') return { verdict, because: measured, method, ...numbers }
  const because = `${measured}: not decided, measure longer than ${formatMs(answered.length * blockMs)}`
  return { verdict, because, method, ...numbers }
}

export function judgeLatencyRatio(
  spec: ReadinessCheckSpec,
  { bounds, blocks, n, quantile, confidence, release, ratePerSecond }: Of<'latency_ratio'>,
): Judgement {
  const method = 'interleaved blocks, bootstrap'
  const name = `latency p${Number((quantile * 100).toPrecision(6))}`
  const fewest = fewestForQuantile(quantile, confidence)
  if (bounds === null) {
    const because =
      blocks < fewestBlocks
        ? `${name} against the champion was measured in ${blocks} blocks, at least ${fewestBlocks} are needed`
        : `${name} against the champion is undefined: too many requests failed`
    return { ...insufficient(because, method), limit: spec.limit, n }
  }
  const { estimate, lower, upper, own, reference } = bounds
  const measured = `${name} at ${perSecond(ratePerSecond)} is ${formatMs(own)}, of champion ${release} ${formatMs(reference)} in turn on this machine: ${formatRate(estimate)} times as long (${percentOf(confidence)} bounds ${formatRate(lower)} to ${formatRate(upper)}; ${blocks} blocks, ${formatCount(n)} requests each), allowed ${formatOp(spec.op)} ${spec.limit}`
  const verdict: Verdict =
    n < fewest ? 'insufficient' : judgeBounds({ lower, upper, limit: spec.limit, op: spec.op })
  const numbers = { estimate, lower, upper, limit: spec.limit, n }
  if (verdict !== 'insufficient') return { verdict, because: measured, method, ...numbers }
  const neededRows = n < fewest ? fewest : 4 * n
  const seconds = Math.ceil(neededRows / ratePerSecond)
  const advice = `not decided, measure about ${formatCount(neededRows)} requests of each (duration: ${seconds}s)`
  return { verdict, because: `${measured}: ${advice}`, method, ...numbers, neededRows }
}

export function formatMs(ms: number): string {
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`
}

function written(value: OrderedValue): string {
  return value === 'never' ? 'never' : formatMs(value)
}

function perSecond(rate: number): string {
  return `${rate >= 1000 ? formatCount(rate) : Number(rate.toPrecision(3))}/s`
}

function percentOf(confidence: number): string {
  return `${Number((confidence * 100).toPrecision(4))} %`
}
