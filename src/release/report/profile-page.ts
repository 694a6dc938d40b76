// Tables as one HTML page that needs nothing else: every column with its shape, what is missing, how many values, and the commonest.
import type { ColumnSummary, TableSummary } from '../../verify/data/profile/profile-summary.ts'
import { type Html, html, nothing } from '../card/html.ts'
import { grouped, shareText, shortNumber } from '../card/numbers.ts'
import { section, tableOf } from '../card/page-parts.ts'
import { pageOf } from '../card/page-shell.ts'
import { sparkline } from '../card/plots.ts'
import { type ColumnFacts, profileFacts } from '../card/profile-facts.ts'

export interface ProfilePage {
  readonly title: string
  readonly tables: readonly { readonly name: string; readonly summary: TableSummary }[]
  /** Version of Lockstep. */
  readonly version: string
}

/** Deterministic: the same tables give the same page. */
export function htmlProfile({ title, tables, version }: ProfilePage): string {
  const rows = tables.reduce((sum, { summary }) => sum + summary.profile.rows, 0)
  const columns = tables.reduce((sum, { summary }) => sum + summary.columns.length, 0)
  return pageOf({
    title: `${title}: profile`,
    style: pageStyle,
    top: html`<p class="eyebrow">Data profile</p>
<h1>${title}</h1>
<dl class="figures">
${tables.length > 1 && html`<div><dt>Tables</dt><dd>${tables.length}</dd></div>`}
<div><dt>Rows</dt><dd>${grouped(rows)}</dd></div>
<div><dt>Columns</dt><dd>${columns}</dd></div>
<div><dt>Values missing</dt><dd>${shareText(missingShare(tables.map(({ summary }) => summary)))}</dd></div>
</dl>`,
    main: html`${tables.map(({ name, summary }, at) => tableSection(`table-${at}`, name, summary))}`,
    footer: html`Made by Lockstep ${version} from all rows. Histograms run from the 1 % to the 99 % quantile; counts marked ≈ are estimates.`,
  })
}

const pageStyle = `
h1{overflow-wrap:anywhere}
.bar{display:inline-block;width:64px;height:6px;margin-right:8px;border-radius:3px;background:var(--grid);vertical-align:middle;overflow:hidden}
.bar i{display:block;height:100%;background:var(--warn)}
.kind{display:block;font-size:12px;font-weight:400;color:var(--soft)}
`

function missingShare(summaries: readonly TableSummary[]): number {
  let cells = 0
  let missing = 0
  for (const { profile, columns } of summaries) {
    cells += profile.rows * columns.length
    for (const column of columns) missing += column.missing
  }
  return cells === 0 ? 0 : missing / cells
}

function tableSection(id: string, name: string, { profile, columns }: TableSummary): Html {
  const facts = new Map(profileFacts(profile).columns.map((one) => [one.name, one]))
  const remarks = remarksOf(columns, profile.rows)
  return section(
    id,
    name,
    html`<p class="quiet">${grouped(profile.rows)} rows, ${columns.length} columns.</p>
${remarks.length > 0 ? html`<ul>${remarks.map((remark) => html`<li>${remark}</li>`)}</ul>` : nothing}
${tableOf(
  [
    { title: 'Column' },
    { title: 'Shape' },
    { title: 'Missing' },
    { title: 'Distinct', isNumber: true },
    ...['Mean', 'Min', 'Median', 'Max'].map((title) => ({ title, isNumber: true })),
    { title: 'Commonest values', isWords: true },
  ],
  columns.map((column) => columnRow(column, facts.get(column.name), profile.rows)),
)}`,
  )
}

/** What a person would want to know before training on it. */
function remarksOf(columns: readonly ColumnSummary[], rows: number): string[] {
  const named = (test: (column: ColumnSummary) => boolean) =>
    columns.filter(test).map(({ name }) => name)
  const told = (names: readonly string[], what: string) =>
    names.length === 0 ? [] : [`${names.join(', ')}: ${what}`]
  return [
    ...told(
      named(({ missing }) => rows > 0 && missing === rows),
      'no value at all',
    ),
    ...told(
      named(({ distinct, missing }) => distinct === 1 && missing < rows),
      'one value only',
    ),
    ...told(
      named(({ missing }) => missing < rows && missing > rows / 2),
      'missing in more than half of the rows',
    ),
    ...told(
      named(({ profile }) => profile?.kind === 'numeric' && profile.nonfinite > 0),
      'holds NaN or infinite values',
    ),
    ...told(
      named(
        ({ distinct, missing, type }) =>
          rows > 20 &&
          distinct >= 0.98 * rows &&
          missing === 0 &&
          !/^(FLOAT|DOUBLE|DECIMAL)/.test(type),
      ),
      'a different value in nearly every row, as of an identifier',
    ),
  ]
}

function columnRow(
  column: ColumnSummary,
  facts: ColumnFacts | undefined,
  rows: number,
): (Html | string)[] {
  const { name, type, missing, distinct, isEstimate, ends } = column
  const share = rows === 0 ? 0 : missing / rows
  const bar = html`<span class="bar"><i style="width:${(share * 100).toFixed(1)}%"></i></span>`
  const numeric = facts?.kind === 'numeric' ? facts : undefined
  const numbers = numeric
    ? [numeric.mean, numeric.min, numeric.quantiles[2] ?? null, numeric.max].map(shortNumber)
    : ['', ends?.[0] ?? '', '', ends?.[1] ?? '']
  return [
    html`${name}<span class="kind">${type.toLowerCase()}</span>`,
    shapeOf(column, facts),
    missing === 0 ? '0' : html`${bar}${grouped(missing)} (${shareText(share)})`,
    `${isEstimate ? '≈ ' : ''}${grouped(distinct)}`,
    ...numbers,
    commonest(column, rows),
  ]
}

function shapeOf({ name, profile }: ColumnSummary, facts: ColumnFacts | undefined): Html {
  if (facts?.kind === 'numeric') return sparkline(facts.shape, `Distribution of ${name}`)
  if (profile?.kind !== 'category' || profile.counts.length < 2) return nothing
  const counts = [...profile.counts].sort((a, b) => b - a).slice(0, 24)
  return sparkline(counts, `Commonest values of ${name}`)
}

function commonest({ top, distinct, missing }: ColumnSummary, rows: number): Html {
  const filled = rows - missing
  const shown = top.slice(0, 6)
  if (shown.length === 0 || filled === 0) return html`<span class="quiet">–</span>`
  const more = distinct - shown.length
  return html`<ul class="shares">${shown.map(({ value, count }) => html`<li>${cut(value)} <b>${shareText(count / filled)}</b></li>`)}${more > 0 ? html`<li><b>and ${grouped(more)} more</b></li>` : nothing}</ul>`
}

function cut(value: string): string {
  const plain = value === '' ? '(empty)' : value
  return plain.length > 40 ? `${plain.slice(0, 39)}…` : plain
}
