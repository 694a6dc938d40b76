// From rows to what is recorded of groups: integer counts where a metric is a share of rows that count once each,
// estimates with resampled spreads for everything else.
import type { Metric } from '../metrics/metric.ts'
import { cellOf, type Scored, selectRows } from '../metrics/scored.ts'
import { unitsOf } from '../metrics/units.ts'
import { comparisonsOf } from './comparisons.ts'
import { compareByResampling, type GroupsToMeasure, type Resampled } from './group-bootstrap.ts'
import type { GroupPanel, GroupRows } from './group-panels.ts'
import type {
  FairnessStatistics,
  GroupValue,
  MeasuredGroup,
  MeasuredPanel,
} from './group-statistics.ts'

export function measureGroups(request: GroupsToMeasure): FairnessStatistics {
  const { scored, metrics } = request
  const panels = request.panels.map((panel) => measurePanel(panel, scored, metrics))
  if (metrics.every((metric) => isCounted(metric, scored))) return { method: 'groups', panels }
  const compared = comparisonsOf(panels, request)
  const { resampled, seOf } = compareByResampling(request, panels, compared)
  return { method: 'groups', panels: withSpreads(panels, seOf), resampled }
}

function withSpreads(
  panels: readonly MeasuredPanel[],
  seOf: Resampled['seOf'],
): readonly MeasuredPanel[] {
  return panels.map((panel, at) => ({
    ...panel,
    groups: panel.groups.map((group, own) => ({
      ...group,
      values: group.values.map((value, metric): GroupValue => {
        const se = seOf(at, metric, own)
        return 'successes' in value || se === undefined ? value : { ...value, se }
      }),
    })),
  }))
}

/** Weighted or clustered rows do not follow the binomial distribution, whatever the metric. */
function isCounted({ count }: Metric, scored: Scored): boolean {
  return count !== undefined && countsOnce(scored)
}

/** Every row counts once and is drawn by itself. */
export function countsOnce(scored: Scored): boolean {
  return scored.weights === undefined && unitsOf(scored).ofRow === null
}

function measurePanel(
  { by, stratum, groups, rows }: GroupPanel,
  scored: Scored,
  metrics: readonly Metric[],
): MeasuredPanel {
  const measure = (group: GroupRows) => measureGroup(group, scored, metrics)
  return {
    by,
    stratum,
    groups: groups.map(measure),
    overall: measure({ group: 'all', isMissing: false, rows }),
  }
}

export function measureGroup(
  { group, isMissing, rows }: GroupRows,
  scored: Scored,
  metrics: readonly Metric[],
): MeasuredGroup {
  const own = selectRows(scored, rows)
  return {
    group,
    isMissing,
    n: rows.length,
    ...sizesOf(own),
    values: metrics.map((metric) => measureValue(metric, own)),
  }
}

function measureValue(metric: Metric, own: Scored): GroupValue {
  if (isCounted(metric, own) && metric.count !== undefined) return metric.count(own)
  const estimate = own.labels.length === 0 ? undefined : metric.value(own)
  const trials = own.labels.length === 0 ? 0 : metric.support(own)
  if (estimate !== undefined) return { trials, estimate: rounded(estimate) }
  const compat = own.labels.length === 0 ? undefined : metric.compatValue?.(own)
  const isNumber = compat !== undefined && Number.isFinite(compat)
  return { trials, estimate: null, ...(isNumber && { compat: rounded(compat) }) }
}

function sizesOf(scored: Scored): Pick<MeasuredGroup, 'positives' | 'negatives' | 'selected'> {
  if (scored.task !== 'binary') return {}
  const cells = [0, 0, 0, 0] as [number, number, number, number]
  for (let row = 0; row < scored.labels.length; row++) {
    cells[cellOf(scored.labels[row] ?? 0, scored.scores[row] ?? Number.NaN, scored.threshold)] += 1
  }
  const [tn, fp, fn, tp] = cells
  return { positives: tp + fn, negatives: tn + fp, selected: tp + fp }
}

/** Evidence is the same on every machine: no last bits of floating-point sums. */
export function rounded(value: number): number {
  return Number(value.toPrecision(12))
}
