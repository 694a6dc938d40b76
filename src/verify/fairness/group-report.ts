// Every group with every metric people ask for: sizes, value and interval of its own. For reading; gates decide by
// comparisons (judge-gap), because intervals that overlap or do not overlap decide nothing.

import { metricFor, type Task } from '../metrics/metric.ts'
import { boundMetric } from '../metrics/metric-bounds.ts'
import { measureMetric } from '../metrics/metric-statistics.ts'
import { type Scored, selectRows } from '../metrics/scored.ts'
import { sidakZ } from '../statistics/proportion-bounds.ts'
import type { GroupPanel, GroupRows } from './group-panels.ts'
import { conditionalDisparity, theilIndex } from './inequality.ts'
import { measureGroup } from './measure-groups.ts'

/** What a report shows unless asked for other metrics. */
export const reportedMetrics: Readonly<Record<Task, readonly string[]>> = {
  binary: [
    ...['selection_rate', 'recall', 'fpr', 'specificity', 'fnr', 'precision', 'npv', 'fdr'],
    ...['false_omission_rate', 'accuracy', 'balanced_accuracy', 'roc_auc', 'average_precision'],
    ...['log_loss', 'brier', 'ece@15u'],
  ],
  multiclass: ['accuracy', 'balanced_accuracy', 'f1_macro', 'log_loss'],
  regression: ['bias', 'mae', 'rmse', 'r2'],
  ranking: ['ndcg@10', 'mrr'],
}

export interface GroupReport {
  readonly by: string
  readonly stratum: string | null
  readonly groups: readonly ReportedGroup[]
  /** Theil's index over all rows; only for a binary model. */
  readonly theil: number | null
}

export interface ReportedGroup {
  readonly group: string
  readonly isMissing: boolean
  readonly rows: number
  readonly positives: number | null
  readonly negatives: number | null
  readonly selected: number | null
  readonly metrics: readonly ReportedMetric[]
  /** Conditional demographic disparity over the strata given; null without strata or for another task. */
  readonly disparity: number | null
}

export interface ReportedMetric {
  readonly name: string
  readonly words: string
  /** null where it is undefined: the reason is in `because`. */
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
  /** Rows in its denominator. */
  readonly n: number
  readonly method: string
  readonly because: string | null
}

export interface ReportQuestion {
  readonly scored: Scored
  readonly panel: GroupPanel
  /** Of each two-sided interval. */
  readonly confidence: number
  readonly metrics?: readonly string[]
  readonly strata?: readonly GroupRows[]
}

export function reportGroups(question: ReportQuestion): GroupReport {
  const { scored, panel } = question
  const own = selectRows(scored, panel.rows)
  const theil = own.task === 'binary' ? theilIndex(own) : undefined
  return {
    by: panel.by,
    stratum: panel.stratum,
    groups: panel.groups.map((group) => reportGroup(group, question)),
    theil: theil ?? null,
  }
}

function reportGroup(group: GroupRows, question: ReportQuestion): ReportedGroup {
  const { scored, confidence, strata = [], metrics = reportedMetrics[scored.task] } = question
  const { positives, negatives, selected } = measureGroup(group, scored, [])
  const own = selectRows(scored, group.rows)
  const disparity =
    scored.task === 'binary' ? conditionalDisparity(scored, group.rows, strata) : undefined
  return {
    group: group.group,
    isMissing: group.isMissing,
    rows: group.rows.length,
    positives: positives ?? null,
    negatives: negatives ?? null,
    selected: selected ?? null,
    metrics: metrics.flatMap((name) => reportMetric(name, own, confidence) ?? []),
    disparity: disparity ?? null,
  }
}

function reportMetric(name: string, own: Scored, confidence: number): ReportedMetric | undefined {
  const metric = metricFor(own.task, name)
  if (metric === undefined) return undefined
  const found = boundMetric(measureMetric(metric, own), sidakZ(confidence, 1))
  return {
    name: metric.name,
    words: metric.words,
    estimate: found.estimate ?? null,
    lower: found.lower ?? null,
    upper: found.upper ?? null,
    n: found.n,
    method: found.method,
    because: found.because ?? null,
  }
}
