// How the candidate did on the holdout, as numbers a card can draw: metrics with intervals, curves, calibration, groups.
import {
  confusionByGroup,
  type GroupName,
  nameOfGroup,
  rowsByGroup,
} from '../../verify/fairness/group-counts.ts'
import {
  type MetricName,
  metricValue,
  metricWords,
  type ProportionName,
  proportionCount,
} from '../../verify/metrics/binary-metrics.ts'
import { boundMetric, type Estimated } from '../../verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../verify/metrics/metric-statistics.ts'
import {
  type Confusion,
  countConfusion,
  type Scored,
  selectRows,
} from '../../verify/metrics/scored.ts'
import {
  type CalibrationBin,
  type CurvePoint,
  calibrationBins,
  precisionRecallPoints,
  rocPoints,
  type ScoreHistogram,
  scoreHistogram,
} from './curve-points.ts'

export interface PerformanceFacts {
  readonly rows: number
  readonly positives: number
  readonly threshold: number
  /** Of each two-sided interval. */
  readonly confidence: 0.95
  readonly metrics: readonly MetricFact[]
  readonly confusion: Confusion
  /** One entry per grouping column. */
  readonly groups: readonly GroupFacts[]
  readonly scores: ScoreHistogram
  readonly calibration: readonly CalibrationBin[]
  /** x: false-positive rate, y: true-positive rate. */
  readonly roc: readonly CurvePoint[]
  /** x: recall, y: precision. */
  readonly precisionRecall: readonly CurvePoint[]
}

export interface MetricFact {
  readonly name: string
  readonly words: string
  readonly estimate: number | null
  /** Null where no interval was computed. */
  readonly lower: number | null
  readonly upper: number | null
  /** Rows in its denominator. */
  readonly n: number
  readonly method: string
}

export interface GroupFacts {
  readonly column: string
  /** Largest first. */
  readonly groups: readonly {
    readonly name: string
    readonly rows: number
    readonly positives: number
    readonly metrics: readonly MetricFact[]
  }[]
  /** Smaller groups that are not listed. */
  readonly left: number
}

export interface ScoredGroups extends Scored {
  readonly groups: ReadonlyMap<string, readonly GroupName[]>
}

/** 97.5 % of the normal distribution lies below: two-sided 95 %. */
const z = 1.959963984540054
const mostGroups = 20

const bounded: readonly MetricName[] = [
  'roc_auc',
  'accuracy',
  'balanced_accuracy',
  'f1',
  'precision',
  'recall',
  'specificity',
  'selection_rate',
  'brier',
  'log_loss',
]
/** Their intervals take hundreds of passes over the rows; a gate that asks for one has it in its check. */
const unbounded: readonly MetricName[] = ['average_precision', 'ece@15u']
const ofGroups: readonly ProportionName[] = ['selection_rate', 'recall', 'fpr', 'precision']

export function performanceFacts(scored: ScoredGroups): PerformanceFacts {
  const { labels, threshold } = scored
  return {
    rows: labels.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    threshold,
    confidence: 0.95,
    metrics: [
      ...bounded.map((name) => metricFact(name, boundMetric(measureMetric(name, scored), z))),
      ...unbounded.map((name) => valueOnly(name, scored)),
    ],
    confusion: countConfusion(scored),
    groups: [...scored.groups].map(([column, groups]) => groupFacts(column, groups, scored)),
    scores: scoreHistogram(scored),
    calibration: calibrationBins(scored),
    roc: rocPoints(scored),
    precisionRecall: precisionRecallPoints(scored),
  }
}

function metricFact(name: MetricName, bound: Estimated): MetricFact {
  return {
    name,
    words: metricWords[name].words,
    estimate: bound.estimate ?? null,
    lower: bound.lower ?? null,
    upper: bound.upper ?? null,
    n: bound.n,
    method: bound.method,
  }
}

function valueOnly(name: MetricName, scored: Scored): MetricFact {
  const estimate = metricValue(name, scored) ?? null
  const words = metricWords[name].words
  const n = scored.labels.length
  return { name, words, estimate, lower: null, upper: null, n, method: 'estimate only' }
}

function groupFacts(column: string, values: readonly GroupName[], scored: Scored): GroupFacts {
  const rows = rowsByGroup(values)
  const largest = confusionByGroup(scored, values)
    .map((confusion) => ({ confusion, rows: rows.get(confusion.group)?.length ?? 0 }))
    .sort((a, b) => b.rows - a.rows)
  const groups = largest.slice(0, mostGroups).map(({ confusion, rows: count }) => {
    const own = selectRows(scored, rows.get(confusion.group) ?? new Uint32Array())
    return {
      name: nameOfGroup(confusion.group),
      rows: count,
      positives: confusion.tp + confusion.fn,
      metrics: [
        ...ofGroups.map((name) =>
          metricFact(
            name,
            boundMetric({ method: 'proportion', ...proportionCount(name, confusion) }, z),
          ),
        ),
        metricFact('roc_auc', boundMetric(measureMetric('roc_auc', own), z)),
      ],
    }
  })
  return { column, groups, left: Math.max(0, largest.length - mostGroups) }
}
