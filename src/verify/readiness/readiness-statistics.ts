// From what was measured to the few numbers each readiness check is judged by: order statistics with their ranks, counts and
// largest differences, small enough to keep for ever.
import type { BadAnswer } from './bad-questions.ts'
import { boundQuantileRatio } from './block-bounds.ts'
import type { AnswerDifference } from './compare-answers.ts'
import type { GoldenDifference } from './golden-requests.ts'
import { measureOperation, type OperationStatistics } from './operation-statistics.ts'
import { boundQuantile, type QuantileBounds } from './quantile-bounds.ts'
import {
  isUnmeasured,
  type LoadEvidence,
  type ReadinessEvidence,
  type RepeatEvidence,
  type Unmeasured,
} from './readiness-evidence.ts'
import type { TrainingParity } from './training-predictions.ts'

export type ReadinessSubject =
  | { readonly what: 'loads' | 'size' | 'rss' | 'errors' | 'error_share' }
  | { readonly what: 'signature' | 'compatible' | 'deterministic' | 'bad_input' }
  | { readonly what: 'parity'; readonly with: 'online' | 'training' }
  | { readonly what: 'latency' | 'latency_ratio'; readonly quantile: number }
  | { readonly what: 'cold_start'; readonly quantile: number }
  | { readonly what: 'throughput'; readonly concurrency: number }
  | { readonly what: 'golden'; readonly file: string }
  | { readonly what: 'growth' }
  | { readonly what: 'owner' | 'runbook' }
  | { readonly what: 'monitored'; readonly environment: string | null }
  | { readonly what: 'rehearsed'; readonly environment: string; readonly withinMs: number | null }

/** Plain JSON; null where nothing could be measured. */
export type ReadinessStatistics =
  | { readonly method: 'measured'; readonly value: number | null; readonly because?: string }
  | { readonly method: 'errors'; readonly errors: number; readonly requests: number }
  | {
      readonly method: 'signature'
      readonly inputs: readonly string[]
      readonly undeclared: readonly string[]
      readonly takesLabel: string | null
      readonly faults: readonly string[]
      readonly answers: number
    }
  | {
      readonly method: 'compatibility'
      readonly release: string
      readonly breaking: readonly string[]
      readonly inputs: number
      readonly outputs: number
    }
  | ({ readonly method: 'order_statistic' } & QuantileBounds & LoadCounts)
  | ({ readonly method: 'cold_starts' } & QuantileBounds)
  | RateStatistics
  | RatioStatistics
  | { readonly method: 'repeats'; readonly repeats: readonly RepeatEvidence[] }
  | ({ readonly method: 'parity' } & AnswerDifference)
  | ({ readonly method: 'training_parity' } & TrainingParity)
  | {
      readonly method: 'golden'
      readonly requests: number
      readonly tolerance: number | null
      readonly differing: number
      /** The worst of them. */
      readonly differences: readonly GoldenDifference[]
    }
  | {
      readonly method: 'bad_input'
      readonly answers: readonly BadAnswer[]
      readonly aliveAfter: boolean
    }
  | { readonly method: 'growth'; readonly rssBytes: readonly number[]; readonly requests: number }
  | OperationStatistics

interface LoadCounts {
  readonly ratePerSecond: number
  readonly failed: number
  readonly late: number
}

/** Counts by block: its bounds are computed from them when it is judged. */
export interface RateStatistics {
  readonly method: 'throughput'
  readonly concurrency: number
  readonly blockMs: number
  readonly answered: readonly number[]
  readonly errors: number
}

export interface RatioStatistics {
  readonly method: 'latency_ratio'
  readonly release: string
  readonly ratePerSecond: number
  readonly quantile: number
  readonly confidence: number
  readonly blocks: number
  /** Requests of each side. */
  readonly n: number
  readonly bounds: {
    readonly estimate: number
    readonly lower: number
    readonly upper: number
    readonly own: number
    readonly reference: number
  } | null
}

const methods: Readonly<Record<ReadinessStatistics['method'], true>> = {
  ...{ measured: true, errors: true, signature: true, compatibility: true, order_statistic: true },
  ...{ cold_starts: true, throughput: true, latency_ratio: true, repeats: true, parity: true },
  ...{ training_parity: true, golden: true, bad_input: true, growth: true, operation: true },
}

export function isReadinessMethod(method: string): boolean {
  return Object.hasOwn(methods, method)
}

type Statistics = ReadinessStatistics | { readonly method: 'skipped'; readonly because: string }

export interface ReadinessAsk {
  readonly subject: ReadinessSubject
  /** The arrival rate that the check names. */
  readonly ratePerSecond: number | null
}

export function readinessStatistics(
  { subject, ratePerSecond }: ReadinessAsk,
  evidence: ReadinessEvidence,
  confidence: number,
): Statistics {
  switch (subject.what) {
    case 'loads':
      return measured(evidence.loadMs)
    case 'size':
      return measured(evidence.sizeBytes)
    case 'rss':
      return withPart(evidence.peakRssBytes, measured)
    case 'errors':
    case 'error_share':
      return withPart(evidence.loads, countErrors)
    case 'latency':
      return withPart(evidence.loads, (loads) =>
        latency(loads, ratePerSecond, { quantile: subject.quantile, confidence }),
      )
    case 'cold_start':
      return withPart(evidence.coldStartMs, (values) => ({
        method: 'cold_starts',
        ...boundQuantile(values, subject.quantile, confidence),
      }))
    case 'throughput':
      return withPart(evidence.throughput, (all) => {
        const found = all.find((one) => one.concurrency === subject.concurrency)
        return found ? { method: 'throughput', ...found } : measured(undefined)
      })
    case 'latency_ratio':
      return ratio(evidence, subject.quantile, confidence)
    case 'signature':
      return signature(evidence)
    case 'compatible':
      return evidence.compatibility === 'none'
        ? noChampion
        : withPart(evidence.compatibility, (found) => ({ method: 'compatibility', ...found }))
    case 'deterministic':
      return withPart(evidence.determinism, (repeats) => ({ method: 'repeats', repeats }))
    case 'parity':
      return withPart(evidence.batchParity, (found) => ({ method: 'parity', ...found }))
    case 'golden':
      return golden(evidence, subject.file)
    case 'bad_input':
      return withPart(evidence.badInput, (found) => ({ method: 'bad_input', ...found }))
    case 'growth':
      return withPart(evidence.growth, (found) => ({ method: 'growth', ...found }))
    case 'owner':
    case 'runbook':
    case 'monitored':
    case 'rehearsed':
      return evidence.operation === undefined
        ? measured(undefined)
        : measureOperation(subject, evidence.operation)
  }
}

const noChampion: Statistics = { method: 'skipped', because: 'no champion yet' }

/** Differences kept in the record: the worst, when there are more. */
const keptDifferences = 20

function withPart<P>(
  part: P | undefined,
  read: (part: Exclude<P, Unmeasured>) => Statistics,
): Statistics {
  if (part === undefined) return measured(undefined)
  if (isUnmeasured(part)) return { method: 'measured', value: null, because: part.unmeasured }
  return read(part as Exclude<P, Unmeasured>)
}

function measured(value: number | undefined): ReadinessStatistics {
  return { method: 'measured', value: value !== undefined && Number.isFinite(value) ? value : null }
}

function countErrors(loads: readonly LoadEvidence[]): ReadinessStatistics {
  const sum = (of: (load: LoadEvidence) => number) =>
    loads.reduce((total, load) => total + of(load), 0)
  return {
    method: 'errors',
    errors: sum((load) => load.errors),
    requests: sum((load) => load.latencyMs.length),
  }
}

/** Of the load at the rate the check names; else of the first, which is judged for what it is. */
function latency(
  loads: readonly LoadEvidence[],
  rate: number | null,
  { quantile, confidence }: { readonly quantile: number; readonly confidence: number },
): ReadinessStatistics {
  const load = loads.find(({ ratePerSecond }) => ratePerSecond === rate) ?? loads[0]
  if (load === undefined) return measured(undefined)
  const bounds = boundQuantile(load.latencyMs, quantile, confidence)
  const { ratePerSecond, errors: failed, late } = load
  return { method: 'order_statistic', ...bounds, ratePerSecond, failed, late }
}

function ratio(
  { ratio: part }: ReadinessEvidence,
  quantile: number,
  confidence: number,
): Statistics {
  if (part === 'none') return noChampion
  return withPart(part, ({ release, ratePerSecond, blocks }) => {
    const n = blocks.reduce((sum, block) => sum + block.own.length, 0)
    const bounds = boundQuantileRatio(blocks, quantile, confidence) ?? null
    const isKnown = bounds !== null && Object.values(bounds).every(Number.isFinite)
    return {
      ...{ method: 'latency_ratio', release, ratePerSecond, quantile, confidence, n },
      blocks: blocks.length,
      bounds: isKnown ? bounds : null,
    }
  })
}

function signature({ signature: part }: ReadinessEvidence): Statistics {
  return withPart(part, ({ inputs, declaredColumns, label, faults, answers }) => ({
    method: 'signature',
    inputs,
    undeclared: inputs.filter((input) => !declaredColumns.includes(input)),
    takesLabel: label !== null && inputs.includes(label) ? label : null,
    faults,
    answers,
  }))
}

function golden({ golden: files }: ReadinessEvidence, file: string): Statistics {
  return withPart(files?.get(file), ({ requests, tolerance, differences }) => ({
    ...{ method: 'golden', requests, tolerance, differing: differences.length },
    differences: differences
      .toSorted((one, other) => (other.maxDifference ?? Infinity) - (one.maxDifference ?? Infinity))
      .slice(0, keptDifferences),
  }))
}
