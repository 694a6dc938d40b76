// How a model that is not one of two classes did on the holdout, as numbers a card can show and figures it can draw.
import { metricFor } from '../../verify/metrics/metric.ts'
import { boundMetric } from '../../verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../verify/metrics/metric-statistics.ts'
import type { Scored } from '../../verify/metrics/scored.ts'
import type { GroupPanelFacts } from './group-facts.ts'
import { type MulticlassFigures, multiclassFigures } from './multiclass-figures.ts'
import type { ExpectedError, MetricFact } from './performance-facts.ts'
import { type RankingFigures, rankingFigures } from './ranking-figures.ts'
import { type RegressionFigures, regressionFigures } from './regression-figures.ts'

type OtherTask = Exclude<Scored['task'], 'binary'>

export interface TaskFacts {
  readonly task: OtherTask
  readonly rows: number
  readonly metrics: readonly MetricFact[]
  /** Of the same task; releases of before have none. */
  readonly figures?: TaskFigures
  /** One per grouping column; releases of before have none. */
  readonly panels?: readonly GroupPanelFacts[]
  /** Of each calibration error that a check asks for. */
  readonly expected?: readonly ExpectedError[]
}

export type TaskFigures = MulticlassFigures | RegressionFigures | RankingFigures

/** What people of each task look at first. */
const usual: Readonly<Record<OtherTask, readonly string[]>> = {
  multiclass: ['accuracy', 'balanced_accuracy', 'f1_macro', 'f1_weighted', 'mcc', 'log_loss'],
  regression: ['mae', 'rmse', 'median_ae', 'r2', 'wape', 'bias', 'bias_ratio', 'max_error'],
  ranking: ['ndcg@10', 'map@10', 'mrr', 'recall@10', 'hit@10'],
}

/** 97.5 % of the normal distribution lies below: two-sided 95 %. */
const z = 1.959963984540054

export function taskFacts(scored: Exclude<Scored, { task: 'binary' }>): TaskFacts {
  const { task, labels } = scored
  return {
    task,
    rows: labels.length,
    metrics: usual[task].flatMap((name) => {
      const metric = metricFor(task, name)
      if (metric === undefined) return []
      const shared = { name: metric.name, words: metric.words, n: metric.support(scored) }
      // Drawing rows again takes hundreds of passes; a gate that asks for such bounds has them in its check.
      if (metric.shape === 'resampled' || metric.shape === 'folded') {
        const estimate = metric.value(scored) ?? null
        return [{ ...shared, estimate, lower: null, upper: null, method: 'estimate only' }]
      }
      const bound = boundMetric(measureMetric(metric, scored), z)
      const { estimate = null, lower = null, upper = null, method } = bound
      return [{ ...shared, estimate, lower, upper, method }]
    }),
    figures: figuresOf(scored),
  }
}

function figuresOf(scored: Exclude<Scored, { task: 'binary' }>): TaskFigures {
  switch (scored.task) {
    case 'multiclass':
      return multiclassFigures(scored)
    case 'regression':
      return regressionFigures(scored)
    case 'ranking':
      return rankingFigures(scored)
  }
}
