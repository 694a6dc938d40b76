import { describe, expect, it } from 'vitest'
import golden from '../../../test/golden/verify/fairness-groups.json' with { type: 'json' }
import { metricFor, tasks } from '../metrics/metric.ts'
import type { BinaryScored } from '../metrics/scored.ts'
import { panelsOf } from './group-panels.ts'
import { reportedMetrics, reportGroups } from './group-report.ts'
import { conditionalDisparity, theilIndex } from './inequality.ts'

const [one] = golden.cases
if (one === undefined) throw new Error('no case')
const scored: BinaryScored = {
  task: 'binary',
  labels: Uint8Array.from(one.labels, Number),
  scores: Float64Array.from(one.scores),
  threshold: one.threshold,
}
const columns: Readonly<Record<string, readonly string[]>> = one.columns
const panelBy = (by: string) => {
  const panels = panelsOf(
    { by: [by], intersect: false, given: [] },
    (name) => columns[name] ?? name,
  )
  const panel = typeof panels === 'string' ? undefined : panels[0]
  if (panel === undefined) throw new Error(by)
  return panel
}

describe('the report of groups', () => {
  const report = reportGroups({ scored, panel: panelBy('sex'), confidence: 0.95 })

  it('has every group with its sizes, and every metric with an interval around it', () => {
    expect(report.groups.map(({ group }) => group)).toEqual(['f', 'm'])
    for (const { metrics, rows, positives, negatives } of report.groups) {
      expect((positives ?? 0) + (negatives ?? 0)).toBe(rows)
      expect(metrics.map(({ name }) => name)).toEqual(reportedMetrics.binary)
      for (const { estimate, lower, upper } of metrics) {
        expect(lower ?? 1).toBeLessThanOrEqual(estimate ?? 0)
        expect(upper ?? 0).toBeGreaterThanOrEqual(estimate ?? 1)
      }
    }
  })

  it('agrees with Fairlearn on the rates', () => {
    const rates: Readonly<Record<string, Readonly<Record<string, number | null>>>> = one.byGroup
    for (const { group, metrics } of report.groups) {
      for (const { name, estimate } of metrics) {
        const theirs = rates[group]?.[name]
        if (typeof theirs === 'number') expect(estimate).toBeCloseTo(theirs, 11)
      }
    }
  })

  it('names metrics that exist', () => {
    for (const task of tasks) {
      for (const name of reportedMetrics[task]) expect(metricFor(task, name)?.name).toBe(name)
    }
  })
})

describe('inequality', () => {
  it('is as the formulas say', () => {
    expect(theilIndex(scored)).toBeCloseTo(golden.inequality.theil, 12)
    const strata = panelBy('region').groups
    for (const { group, rows } of panelBy('sex').groups) {
      const theirs: Readonly<Record<string, number>> = golden.inequality.disparity
      expect(conditionalDisparity(scored, rows, strata)).toBeCloseTo(theirs[group] ?? 0, 12)
    }
  })

  it('is not known where nothing tells it', () => {
    const nobody = { ...scored, labels: scored.labels.map(() => 1), threshold: 2 }
    expect(theilIndex(nobody)).toBeUndefined()
    expect(
      conditionalDisparity(nobody, Uint32Array.of(1), panelBy('region').groups),
    ).toBeUndefined()
  })
})
