// How the candidate did on the holdout, as numbers a card can draw: metrics with intervals, curves, calibration, groups.
import {
  confusionByGroup,
  type GroupName,
  nameOfGroup,
  rowsByGroup,
} from '../../verify/fairness/group-counts.ts'
import { undefinedWords } from '../../verify/metrics/compat-words.ts'
import {
  type ExpectedCalibration,
  expectedCalibrationError,
} from '../../verify/metrics/expected-calibration.ts'
import { metricFor } from '../../verify/metrics/metric.ts'
import { boundMetric } from '../../verify/metrics/metric-bounds.ts'
import { binningOf } from '../../verify/metrics/metric-parameters.ts'
import { measureMetric } from '../../verify/metrics/metric-statistics.ts'
import {
  type BinaryScored,
  type Confusion,
  countConfusion,
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
import type { GroupPanelFacts } from './group-facts.ts'

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
  /** Every metric of every group, one entry per grouping column; releases of before have none. */
  readonly panels?: readonly GroupPanelFacts[]
  /** Of each calibration error that a check asks for. */
  readonly expected?: readonly ExpectedError[]
}

/** The calibration error a perfectly calibrated model would show on the same rows. */
export interface ExpectedError extends ExpectedCalibration {
  /** `ece@15u`. */
  readonly metric: string
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

export interface ScoredGroups extends BinaryScored {
  readonly groups: ReadonlyMap<string, readonly GroupName[]>
}

/** 97.5 % of the normal distribution lies below: two-sided 95 %. */
const z = 1.959963984540054
const mostGroups = 20

const bounded: readonly string[] = [
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
const unbounded: readonly string[] = ['average_precision', 'ece@15u']
const ofGroups: readonly string[] = ['selection_rate', 'recall', 'fpr', 'precision', 'roc_auc']

export function performanceFacts(scored: ScoredGroups): PerformanceFacts {
  const { labels, threshold } = scored
  return {
    rows: labels.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    threshold,
    confidence: 0.95,
    metrics: [
      ...bounded.map((name) => metricFact(name, scored)),
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

function metricFact(name: string, scored: BinaryScored): MetricFact {
  const bound = boundMetric(measureMetric(name, scored), z)
  const metric = metricFor('binary', name)
  const without = bound.estimate === undefined && metric && undefinedWords(metric, scored)
  return {
    name,
    words: metric?.words ?? name,
    estimate: bound.estimate ?? null,
    lower: bound.lower ?? null,
    upper: bound.upper ?? null,
    n: bound.n,
    method: without || bound.method,
  }
}

function valueOnly(name: string, scored: BinaryScored): MetricFact {
  const metric = metricFor('binary', name)
  const estimate = metric?.value(scored) ?? null
  const n = scored.labels.length
  const method = estimate === null ? 'none' : `estimate only${besideChance(name, scored)}`
  return { name, words: metric?.words ?? name, estimate, lower: null, upper: null, n, method }
}

/** A calibration error is never 0 on a finite sample: what chance alone would make of it. */
function besideChance(name: string, scored: BinaryScored): string {
  const binning = name.startsWith('ece@') ? binningOf(name) : undefined
  const plan = { replicates: 50, seed: 'lockstep' }
  const chance = binning && expectedCalibrationError(scored, binning, plan)
  return chance === undefined
    ? ''
    : `; a perfectly calibrated model would show ${chance.mean.toPrecision(2)} on these rows`
}

function groupFacts(
  column: string,
  values: readonly GroupName[],
  scored: BinaryScored,
): GroupFacts {
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
      metrics: ofGroups.map((name) => metricFact(name, own)),
    }
  })
  return { column, groups, left: Math.max(0, largest.length - mostGroups) }
}
