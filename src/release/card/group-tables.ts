// Every metric of every group of a column as a table, with its interval, and the sentences that say how to read it.
import type { ReportedGroup, ReportedMetric } from '../../verify/fairness/group-report.ts'
import type { GroupPanelFacts } from './group-facts.ts'
import { type Html, html } from './html.ts'
import { grouped, intervalText, metricText } from './numbers.ts'
import { capital, tableOf } from './page-parts.ts'

/** Metrics down, groups across: there are more metrics than a page is wide. */
export function groupTable(panel: GroupPanelFacts): Html {
  const { groups, theil, left, by } = panel
  const metrics = groups[0]?.metrics ?? []
  return html`${tableOf(
    [{ title: by }, ...groups.map(({ group }) => ({ title: group, isNumber: true }))],
    [
      ...countRows(groups),
      ...metrics.map(({ name, words }) => [
        capital(words),
        ...groups.map((one) => cell(one, name)),
      ]),
      ...disparityRow(panel),
    ],
  )}
<ul class="notes">${theil !== null && html`<li>Theil index of the benefits over all rows: ${metricText(theil)}; 0 when every row is treated as it deserves.</li>`}
${undefinedNotes(groups).map((note) => html`<li>${note}</li>`)}
${left > 0 && html`<li>${left} smaller groups are not listed.</li>`}</ul>`
}

function countRows(groups: readonly ReportedGroup[]): string[][] {
  const row = (title: string, count: (group: ReportedGroup) => number | null) =>
    groups.every((group) => count(group) === null)
      ? []
      : [[title, ...groups.map((group) => countText(count(group)))]]
  return [
    ['Rows', ...groups.map(({ rows }) => grouped(rows))],
    ...row('Positives', ({ positives }) => positives),
    ...row('Predicted positive', ({ selected }) => selected),
  ]
}

function cell({ metrics }: ReportedGroup, name: string): Html {
  const found = metrics.find((metric) => metric.name === name)
  if (found === undefined) return html`–`
  const { estimate, lower, upper } = found
  return html`${metricText(estimate)}${lower !== null && estimate !== null && html`<small>${intervalText(lower, upper)}</small>`}`
}

function disparityRow({ groups, given }: GroupPanelFacts): string[][] {
  if (groups.every(({ disparity }) => disparity === null)) return []
  const words =
    given.length === 0
      ? 'Demographic disparity (share of rejected − of accepted)'
      : `Conditional demographic disparity given ${given.join(' x ')}`
  return [[words, ...groups.map(({ disparity }) => metricText(disparity))]]
}

/** What a dash stands for, once per reason: with the number another tool would print. */
export function undefinedNotes(groups: readonly ReportedGroup[]): readonly string[] {
  const without = new Map<string, string[]>()
  for (const { group, metrics } of groups) {
    for (const { words, estimate, because } of metrics) {
      if (estimate !== null || because === null) continue
      const key = `${group}: ${because}`
      without.set(key, [...(without.get(key) ?? []), words])
    }
  }
  return [...without].map(([key, words]) => {
    const cut = key.lastIndexOf(': undefined')
    const [group, because] = cut < 0 ? [key, ''] : [key.slice(0, cut), key.slice(cut + 2)]
    return `${group}: ${words.join(', ')} ${because}`.trim()
  })
}

/** The plain number of one metric of one group, for a document without room for a table. */
export function panelCell({ estimate, lower, upper }: ReportedMetric): string {
  return lower === null
    ? metricText(estimate)
    : `${metricText(estimate)} (${intervalText(lower, upper)})`
}

function countText(count: number | null): string {
  return count === null ? '–' : grouped(count)
}
