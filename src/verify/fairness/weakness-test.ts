// Is a metric worse inside a slice than outside it: the estimate of the slice, its interval and a one-sided p-value.
import type { Metric } from '../metrics/metric.ts'
import { type Scored, selectRows } from '../metrics/scored.ts'
import { studentCdf, studentQuantile } from '../statistics/distributions.ts'
import { type Bounds, type Count, sidakZ, wilson } from '../statistics/proportion-bounds.ts'
import { logGamma, normalCdf } from '../statistics/special-functions.ts'
import { estimateOf } from './group-statistics.ts'
import { countsOnce, measureGroups } from './measure-groups.ts'
import { ofDraws } from './resampled-values.ts'

export interface Weakness extends Bounds {
  readonly estimate: number
  /** Of the rows outside. */
  readonly outside: number
  /** Rows in the metric's denominator. */
  readonly n: number
  /** Chance of a difference as bad or worse if the slice were like the rows outside. */
  readonly p: number
}

export interface WeaknessQuestion {
  readonly scored: Scored
  readonly metric: Metric
  readonly inside: Uint32Array
  readonly outside: Uint32Array
  readonly confidence: number
}

/** Undefined when the metric is on one of the sides. */
export function weaknessOf(question: WeaknessQuestion): Weakness | undefined {
  const { scored, metric, inside, outside } = question
  const own = selectRows(scored, inside)
  const rest = selectRows(scored, outside)
  if (metric.count !== undefined && countsOnce(scored)) {
    return countWeakness(metric.count(own), metric.count(rest), question)
  }
  if (metric.rowValues !== undefined) return meanWeakness(question)
  return resampledWeakness(question)
}

function countWeakness(
  own: Count,
  rest: Count,
  { metric, confidence }: WeaknessQuestion,
): Weakness | undefined {
  if (own.trials === 0 || rest.trials === 0) return undefined
  const bad = (of: Count) => (metric.better === 'higher' ? of.trials - of.successes : of.successes)
  return {
    estimate: own.successes / own.trials,
    outside: rest.successes / rest.trials,
    n: own.trials,
    ...wilson(own, sidakZ(confidence, 1)),
    p: hypergeometricTail(bad(own), own.trials, bad(own) + bad(rest), own.trials + rest.trials),
  }
}

/** P(at least `found` of `drawn` are bad) when `bad` of `all` are: Fisher's exact test, one-sided. */
export function hypergeometricTail(found: number, drawn: number, bad: number, all: number): number {
  const most = Math.min(drawn, bad)
  let sum = 0
  for (let count = found; count <= most; count++) {
    sum += Math.exp(
      logChoose(bad, count) + logChoose(all - bad, drawn - count) - logChoose(all, drawn),
    )
  }
  return Math.min(1, sum)
}

function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}

/** Welch's test on one number per row; with entities, on their sums. */
function meanWeakness(question: WeaknessQuestion): Weakness | undefined {
  const { scored, metric, inside, outside, confidence } = question
  const once = new Uint8Array(scored.labels.length).fill(1)
  const own = ofDraws(metric, scored, inside)(once)
  const rest = ofDraws(metric, scored, outside)(once)
  if (own.value === undefined || rest.value === undefined) return undefined
  const [ownSe, restSe] = [own.se ?? 0, rest.se ?? 0]
  const worse = metric.better === 'higher' ? rest.value - own.value : own.value - rest.value
  const se = Math.hypot(ownSe, restSe)
  const parts =
    ownSe ** 4 / Math.max(1, inside.length - 1) + restSe ** 4 / Math.max(1, outside.length - 1)
  const half = studentQuantile((1 + confidence) / 2, Math.max(1, inside.length - 1)) * ownSe
  return {
    estimate: own.value,
    outside: rest.value,
    n: inside.length,
    lower: own.value - half,
    upper: own.value + half,
    p: se > 0 ? studentCdf(-worse / se, se ** 4 / parts) : worse > 0 ? 0 : 1,
  }
}

const replicates = 500

function resampledWeakness(question: WeaknessQuestion): Weakness | undefined {
  const { scored, metric, inside, outside, confidence } = question
  const group = (name: string, rows: Uint32Array) => ({ group: name, isMissing: false, rows })
  const rows = new Uint32Array([...inside, ...outside]).sort()
  // Resampling draws from all rows of what it is given: only those of this half.
  const half = selectRows(scored, rows)
  const position = new Map(Array.from(rows, (row, at) => [row, at]))
  const moved = (of: Uint32Array) => of.map((row) => position.get(row) ?? 0)
  const groups = [group('inside', moved(inside)), group('outside', moved(outside))]
  const all = Uint32Array.from(rows, (_, at) => at)
  const measured = measureGroups({
    ...{ scored: half, metrics: [metric], confidence, replicates },
    panels: [{ by: 'slice', stratum: null, groups, rows: all }],
    ...{ aggregate: 'gap', reference: null, minSupport: 2 },
  })
  const values = measured.panels[0]?.groups.map(({ values: [value] }) => value) ?? []
  const [estimate, rest] = values.map((value) => estimateOf(value))
  const [compared] = measured.resampled?.comparisons ?? []
  const value = values[0]
  if (estimate === undefined || rest === undefined || value === undefined) return undefined
  if (compared?.se === null || compared?.se === undefined) return undefined
  const worse = metric.better === 'higher' ? rest - estimate : estimate - rest
  const spread = 'se' in value ? (value.se ?? 0) : 0
  const reach = sidakZ(confidence, 1) * spread
  return {
    ...{ estimate, outside: rest, n: value.trials },
    ...{ lower: estimate - reach, upper: estimate + reach },
    p: normalCdf(-worse / compared.se),
  }
}
