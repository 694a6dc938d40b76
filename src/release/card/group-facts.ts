// Every declared group column with every metric people ask for, as a report shows it: bounded in size, no row of anybody.
import type { GroupName } from '../../verify/fairness/group-counts.ts'
import { type GroupRows, panelsOf } from '../../verify/fairness/group-panels.ts'
import {
  type GroupReport,
  type ReportedGroup,
  reportedMetrics,
  reportGroups,
} from '../../verify/fairness/group-report.ts'
import { undefinedWords } from '../../verify/metrics/compat-words.ts'
import { metricFor } from '../../verify/metrics/metric.ts'
import { type Scored, selectRows } from '../../verify/metrics/scored.ts'

export interface GroupPanelFacts extends GroupReport {
  /** Columns within whose values the disparity of a group was taken; empty: over all rows. */
  readonly given: readonly string[]
  /** Groups that are too small to be listed. */
  readonly left: number
}

export interface GroupQuestion {
  readonly scored: Scored
  /** Of each declared grouping column, one value per row. */
  readonly groups: ReadonlyMap<string, readonly GroupName[]>
  /** What some check conditions a column on: group column → columns of `groups`. */
  readonly given: ReadonlyMap<string, readonly string[]>
}

const mostGroups = 20
const confidence = 0.95

/** One panel per column, largest groups first; a column that makes too many groups to compare is left out. */
export function groupPanelFacts(question: GroupQuestion): readonly GroupPanelFacts[] {
  return [...question.groups.keys()].flatMap((column) => panelFacts(column, question) ?? [])
}

function panelFacts(column: string, question: GroupQuestion): GroupPanelFacts | undefined {
  const { scored } = question
  const [panel] = panelsFor({ by: [column], given: [] }, question) ?? []
  if (panel === undefined) return undefined
  const largest = panel.groups.toSorted((a, b) => b.rows.length - a.rows.length)
  const shown = largest.slice(0, mostGroups)
  const { given, strata } = strataFor(column, question)
  const quick = reportedMetrics[scored.task].filter((name) => isQuick(name, scored))
  const report = reportGroups({
    ...{ scored, confidence, strata, metrics: quick },
    panel: { ...panel, groups: shown },
  })
  const groups = report.groups.map((group, at) => {
    const own = selectRows(scored, shown[at]?.rows ?? new Uint32Array())
    return withTheRest(group, own)
  })
  return { ...report, groups, given, left: largest.length - shown.length }
}

function panelsFor(
  { by, given }: { readonly by: readonly string[]; readonly given: readonly string[] },
  { groups }: GroupQuestion,
) {
  const found = panelsOf({ by, intersect: true, given }, (name) => groups.get(name) ?? 'unknown')
  return typeof found === 'string' ? undefined : found
}

/** Without a condition, all rows are one stratum: plain demographic disparity. */
function strataFor(column: string, question: GroupQuestion) {
  const { scored, given } = question
  const columns = given.get(column) ?? []
  const strata =
    columns.length === 0 ? undefined : panelsFor({ by: columns, given: [] }, question)?.[0]?.groups
  if (strata !== undefined) return { given: columns, strata }
  const rows = Uint32Array.from({ length: scored.labels.length }, (_, row) => row)
  const all: GroupRows = { group: '', isMissing: false, rows }
  return { given: [], strata: [all] }
}

/** Bounds that take one pass, not hundreds: a gate that asks for the others has them in its check. */
export function isQuick(name: string, scored: Scored): boolean {
  const metric = metricFor(scored.task, name)
  if (metric === undefined) return false
  const isPlain = scored.weights === undefined && scored.clusters === undefined
  const isCounted = scored.task === 'binary' && isPlain && scored.blocks === undefined
  const hasFormula = ['proportion', 'mean', 'auc', 'observed'].includes(metric.shape)
  return hasFormula || (isCounted && (name === 'balanced_accuracy' || name === 'f1'))
}

/** What needs resampling as an estimate alone; what is undefined with the reason, and what another tool would print. */
function withTheRest(group: ReportedGroup, own: Scored): ReportedGroup {
  const metrics = reportedMetrics[own.task].flatMap((name) => {
    const metric = metricFor(own.task, name)
    if (metric === undefined) return []
    const found = group.metrics.find((one) => one.name === metric.name)
    if (found !== undefined) {
      const without = found.estimate === null ? undefinedWords(metric, own) : undefined
      return [without === undefined ? found : { ...found, because: without }]
    }
    const estimate = metric.value(own) ?? null
    const because = estimate === null ? (undefinedWords(metric, own) ?? null) : null
    return [
      {
        ...{ name: metric.name, words: metric.words, estimate, lower: null, upper: null },
        ...{ n: metric.support(own), method: 'estimate only', because },
      },
    ]
  })
  return { ...group, metrics }
}
