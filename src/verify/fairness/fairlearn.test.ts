import { describe, expect, it } from 'vitest'
import golden from '../../../test/golden/verify/fairness-groups.json' with { type: 'json' }
import { type Metric, metricFor } from '../metrics/metric.ts'
import type { Scored } from '../metrics/scored.ts'
import { boundGroups } from './bound-groups.ts'
import { fairlearnNumber, fairlearnReasons } from './fairlearn.ts'
import { type PanelQuestion, panelsOf } from './group-panels.ts'
import { type Aggregate, estimateOf } from './group-statistics.ts'
import { measureGroups } from './measure-groups.ts'

const forms = [
  'gap',
  'gap_to_overall',
  'ratio',
  'ratio_to_overall',
  'group_min',
  'group_max',
] as const

function measured(
  scored: Scored,
  names: readonly string[],
  columns: Readonly<Record<string, readonly string[]>>,
  question: PanelQuestion,
) {
  const metrics = names
    .map((name) => metricFor(scored.task, name))
    .filter((metric): metric is Metric => metric !== undefined)
  const panels = panelsOf(question, (column) => columns[column] ?? `no ${column}`)
  if (typeof panels === 'string') throw new Error(panels)
  const asked = { aggregate: 'gap', reference: null, minSupport: 1, confidence: 0.95 } as const
  return measureGroups({ scored, metrics, panels, ...asked, replicates: 20 })
}

/** NaN is null in the file. */
function same(ours: number | undefined, theirs: number | null | undefined) {
  if (theirs === null || theirs === undefined) expect(ours).toBeNaN()
  else expect(ours).toBeCloseTo(theirs, 11)
}

describe(`agrees with Fairlearn ${golden.versions.fairlearn}:`, () => {
  for (const one of golden.cases) {
    const scored: Scored = {
      task: 'binary',
      labels: Uint8Array.from(one.labels, Number),
      scores: Float64Array.from(one.scores),
      threshold: one.threshold,
    }
    const question = {
      by: one.by,
      intersect: one.by.length > 1,
      given: one.given === null ? [] : [one.given],
    }
    const [first] = Object.values(one.byGroup)
    for (const metric of Object.keys(first ?? {})) {
      it(`${metric}, ${one.name}`, () => {
        const found = measured(scored, [metric], one.columns, question)
        for (const aggregate of forms) {
          const theirs: Readonly<Record<string, number | null>> = one[aggregate]
          const number = fairlearnNumber(found, { aggregate, metrics: [metric] })
          same(number, theirs[metric])
          const asked = { aggregate, reference: null, minSupport: 1, confidence: 0.95 }
          const isSame = fairlearnReasons(found, { aggregate, metrics: [metric] }, 1).length === 0
          // Ours without rounding, wherever the rules are the same and the metric is counted.
          if (isSame && found.resampled === undefined && theirs[metric] !== null)
            same(boundGroups(found, asked)?.estimate, theirs[metric])
        }
      })
    }
    it(`the named differences, ${one.name}`, () => {
      const asked: Readonly<Record<string, readonly [Aggregate, readonly string[]]>> = {
        demographic_parity: ['gap', ['selection_rate']],
        demographic_parity_ratio: ['ratio', ['selection_rate']],
        equal_opportunity: ['gap', ['recall']],
        equal_opportunity_ratio: ['ratio', ['recall']],
        equalized_odds: ['gap', ['recall', 'fpr']],
        equalized_odds_ratio: ['ratio', ['recall', 'fpr']],
      }
      for (const [name, theirs] of Object.entries(one.named ?? {})) {
        const [aggregate, metrics] = asked[name] ?? ['gap', []]
        const found = measured(scored, metrics, one.columns, question)
        same(fairlearnNumber(found, { aggregate, metrics }), theirs)
      }
    })
    it(`every group, ${one.name}`, () => {
      const found = measured(scored, ['recall', 'selection_rate'], one.columns, question)
      const groups = found.panels.flatMap(({ groups: own, stratum }) =>
        own.map(({ group, values }) => {
          const at = stratum === null ? group : `${stratum.replace(/^.*=/, '')} x ${group}`
          return [at, estimateOf(values[1])] as const
        }),
      )
      const theirs = Object.entries(one.byGroup).map(
        ([group, rates]) => [group, rates.selection_rate] as const,
      )
      expect(groups.map(([group]) => group)).toEqual(theirs.map(([group]) => group))
      for (const [at, [, rate]] of groups.entries()) same(rate, theirs[at]?.[1])
    })
  }

  it('errors of a regression model', () => {
    const { labels, scores, groups, byGroup, gap, gap_to_overall, ratio } = golden.regression
    const scored: Scored = {
      task: 'regression',
      labels: Float64Array.from(labels),
      scores: Float64Array.from(scores),
    }
    const names = ['mae', 'rmse', 'r2'] as const
    const question = { by: ['sex'], intersect: false, given: [] }
    const found = measured(scored, names, { sex: groups }, question)
    for (const [at, name] of names.entries()) {
      same(estimateOf(found.panels[0]?.groups[0]?.values[at]), byGroup.f[name])
      const one = measured(scored, [name], { sex: groups }, question)
      same(fairlearnNumber(one, { aggregate: 'gap', metrics: [name] }), gap[name])
      same(
        fairlearnNumber(one, { aggregate: 'gap_to_overall', metrics: [name] }),
        gap_to_overall[name],
      )
      same(fairlearnNumber(one, { aggregate: 'ratio', metrics: [name] }), ratio[name])
    }
  })
})
