// Whether one release's metrics differ from another's beyond noise. On the same holdout rows the difference is tested pair by pair;
// on other rows only the intervals can be set side by side. Pure.
import { assertNever } from '../../foundation/assert.ts'
import { metricFor } from '../../verify/metrics/metric.ts'
import { boundPair } from '../../verify/metrics/metric-bounds.ts'
import { measurePair } from '../../verify/metrics/paired-statistics.ts'
import { sidakZ } from '../../verify/statistics/proportion-bounds.ts'
import type { CardFacts } from './card-facts.ts'
import type { MetricFact } from './performance-facts.ts'
import type { Predictions } from './predictions.ts'

export interface ScoredRelease {
  readonly facts: CardFacts
  /** Null when they are no longer stored. */
  readonly predictions: Predictions | null
}

export interface MetricComparison {
  readonly metrics: readonly MetricChange[]
  /** How they were compared, in one sentence. */
  readonly comparison: string
}

export interface MetricChange {
  readonly metric: string
  readonly words: string
  readonly before: Estimate
  readonly after: Estimate
  /** after − before. */
  readonly difference: Estimate | null
  readonly verdict: 'better' | 'worse' | 'changed' | 'within_noise' | 'equal' | 'unknown'
  readonly sentence: string
}

type Estimate = Pick<MetricFact, 'estimate' | 'lower' | 'upper'>

/** Their pairing needs no resampling; others are compared when a gate of either release names them. */
const cheap: readonly string[] = [
  'roc_auc',
  'log_loss',
  'brier',
  'accuracy',
  'recall',
  'specificity',
  'selection_rate',
]
/** More of it is neither better nor worse. */
const neutral: readonly string[] = ['selection_rate', 'prevalence']
const confidence = 0.95

export function compareMetrics(before: ScoredRelease, after: ScoredRelease): MetricComparison {
  const [one, two] = [before.facts.performance, after.facts.performance]
  if (!one || !two) {
    return { metrics: [], comparison: 'one of the two releases has no recorded performance' }
  }
  const names = [...new Set([...one.metrics, ...two.metrics].map(({ name }) => name))]
  const facts = names.map((name) => ({
    name,
    before: one.metrics.find((fact) => fact.name === name) ?? nothing(name),
    after: two.metrics.find((fact) => fact.name === name) ?? nothing(name),
  }))
  const pairs = pairing(before, after)
  if (typeof pairs === 'string') {
    return {
      metrics: facts.map((fact) => sideBySide(fact)),
      comparison: `${pairs}, so differences cannot be tested: the intervals are shown side by side`,
    }
  }
  const wanted = metricsToPair(before.facts, after.facts).filter((name) => names.includes(name))
  const z = sidakZ(confidence, wanted.length)
  return {
    metrics: wanted.flatMap((name) => {
      const fact = facts.find((one) => one.name === name)
      return fact ? [paired(fact, name, { ...pairs, z })] : []
    }),
    comparison: `paired on the same ${pairs.labels.length.toLocaleString('en-US')} holdout rows; all ${wanted.length} intervals hold together with 95 %`,
  }
}

interface FactPair {
  readonly name: string
  readonly before: MetricFact
  readonly after: MetricFact
}

interface Pairing {
  readonly labels: Uint8Array
  readonly before: { readonly scores: Float64Array; readonly threshold: number }
  readonly after: { readonly scores: Float64Array; readonly threshold: number }
}

/** Or why there can be none. */
function pairing(before: ScoredRelease, after: ScoredRelease): Pairing | string {
  const [a, b] = [before.facts.predictions, after.facts.predictions]
  if (!a || !b || !before.predictions || !after.predictions) {
    return 'the predictions of one release are not stored'
  }
  if (a.holdout !== b.holdout) return 'the releases were judged on different holdout rows'
  const { labels } = after.predictions
  const sameLabels = Buffer.from(labels).equals(Buffer.from(before.predictions.labels))
  if (!sameLabels) return 'the releases were judged on different labels'
  return {
    labels,
    before: { scores: before.predictions.scores, threshold: thresholdOf(before.facts) },
    after: { scores: after.predictions.scores, threshold: thresholdOf(after.facts) },
  }
}

function thresholdOf({ performance }: CardFacts): number {
  return performance?.threshold ?? 0.5
}

function metricsToPair(...facts: readonly CardFacts[]): string[] {
  const checks = facts.flatMap((one) => one.gates).flatMap((gate) => gate.checks)
  const named = checks.flatMap(
    ({ text }) => metricFor('binary', /^[\w@=.,%]+/.exec(text)?.[0] ?? '')?.name ?? [],
  )
  return [...new Set([...named, ...cheap])]
}

function paired(
  fact: FactPair,
  name: string,
  pair: Pairing & { readonly z: number },
): MetricChange {
  const { labels, before, after, z } = pair
  const bound = boundPair(
    measurePair(name, { task: 'binary', labels, ...after }, { task: 'binary', labels, ...before }),
    z,
  )
  const { estimate = null, lower = null, upper = null } = bound
  const difference = { estimate, lower, upper }
  const verdict = verdictOf(name, difference)
  const words = wordsOf(name)
  return {
    ...{ metric: name, words, before: fact.before, after: fact.after, difference, verdict },
    sentence: `${words} ${sentenceOf(verdict, difference)}`,
  }
}

function verdictOf(metric: string, { estimate, lower, upper }: Estimate): MetricChange['verdict'] {
  if (estimate === null || lower === null || upper === null) return 'unknown'
  if (estimate === 0 && lower === 0 && upper === 0) return 'equal'
  if (lower <= 0 && upper >= 0) return 'within_noise'
  const { better, best } = metricFor('binary', metric) ?? {}
  if (better === undefined || best !== undefined || neutral.includes(metric)) return 'changed'
  return estimate > 0 === (better === 'lower') ? 'worse' : 'better'
}

function sentenceOf(
  verdict: MetricChange['verdict'],
  { estimate, lower, upper }: Estimate,
): string {
  const range = `[${signed(lower)}, ${signed(upper)}]`
  switch (verdict) {
    case 'better':
    case 'worse':
      return `is ${verdict} beyond noise: ${signed(estimate)} ${range}`
    case 'changed':
      return `changed beyond noise: ${signed(estimate)} ${range}`
    case 'within_noise':
      return `moved by ${signed(estimate)} ${range}, which noise alone can explain`
    case 'equal':
      return 'is equal'
    case 'unknown':
      return 'cannot be compared'
    default:
      return assertNever(verdict)
  }
}

function sideBySide({ name, before, after }: FactPair): MetricChange {
  const words = wordsOf(name)
  const moved =
    before.estimate === null || after.estimate === null ? null : after.estimate - before.estimate
  return {
    ...{ metric: name, words, before, after, difference: null, verdict: 'unknown' },
    sentence: `${words} ${moved === null ? 'is undefined for one of them' : `is ${signed(moved)} on its own rows`}`,
  }
}

function wordsOf(name: string): string {
  return metricFor('binary', name)?.words ?? name
}

function signed(value: number | null): string {
  if (value === null) return '?'
  const text = Number(value.toPrecision(3)).toString()
  return value > 0 ? `+${text}` : text.replace('-', '−')
}

function nothing(name: string): MetricFact {
  return { name, words: name, estimate: null, lower: null, upper: null, n: 0, method: 'none' }
}
