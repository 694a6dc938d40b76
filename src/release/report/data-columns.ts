// The columns that data checks asked about, as the run's own profile of the dataset shows them.
import { columnsOf } from '../../verify/data/data-check.ts'
import type { DatasetEvidence, EvidenceDocument } from '../../verify/gates/evidence-document.ts'
import { type Html, html, nothing } from '../card/html.ts'
import { grouped, shareText, shortNumber } from '../card/numbers.ts'
import { tableOf, verdictBadge } from '../card/page-parts.ts'
import { sparkline } from '../card/plots.ts'
import { type ColumnFacts, profileFacts } from '../card/profile-facts.ts'
import { checksWorstFirst, type ReportedCheck } from './gate-report.ts'

/** Of a page. */
const mostColumns = 40

export function dataColumns(document: EvidenceDocument): readonly Html[] {
  const checks = checksWorstFirst(document)
  let room = mostColumns
  return document.datasets.flatMap((dataset) => {
    const asked = askedColumns(dataset, checks, document.datasets.length === 1)
    const shown = asked.slice(0, room)
    if (shown.length === 0) return []
    room -= shown.length
    return [datasetTable(dataset, shown, asked.length - shown.length)]
  })
}

interface AskedColumn {
  readonly facts: ColumnFacts
  /** Worst first. */
  readonly checks: readonly ReportedCheck[]
}

/** In the order of their worst check. */
function askedColumns(
  { name, profile }: DatasetEvidence,
  checks: readonly ReportedCheck[],
  isOnly: boolean,
): readonly AskedColumn[] {
  if (profile === null) return []
  const found = new Map<string, ReportedCheck[]>()
  for (const check of checks) {
    const isOwn = check.gate === `data.${name}` || (isOnly && check.gate === 'data')
    if (!isOwn || check.spec?.kind !== 'data') continue
    for (const column of columnsOf(check.spec.check)) {
      if (profile.columns[column] === undefined) continue
      found.set(column, [...(found.get(column) ?? []), check])
    }
  }
  const facts = new Map(profileFacts(profile).columns.map((one) => [one.name, one]))
  return [...found].flatMap(([column, own]) => {
    const one = facts.get(column)
    return one === undefined ? [] : [{ facts: one, checks: own }]
  })
}

function datasetTable(
  { name, rows }: DatasetEvidence,
  asked: readonly AskedColumn[],
  left: number,
): Html {
  return html`<h3>${name}</h3>
<p class="quiet">Columns that a check names, of ${grouped(rows)} rows, the worst verdict first. Histograms run from the 1 % to the 99 % quantile.${left > 0 && ` ${left} more are left out.`}</p>
${tableOf(
  [
    { title: 'Column' },
    { title: 'Distribution' },
    { title: 'Missing', isNumber: true },
    { title: 'Range', isWords: true },
    { title: 'Checks', isWords: true },
  ],
  asked.map(({ facts, checks }) => [
    facts.name,
    shape(facts),
    grouped(facts.missing),
    range(facts),
    html`${checks.map((check) => html`<span class="check">${verdictBadge(check.verdict)} <code>${cut(check.written)}</code></span>`)}`,
  ]),
)}`
}

function shape(facts: ColumnFacts): Html {
  const label = `Distribution of ${facts.name}`
  if (facts.kind === 'numeric') return sparkline(facts.shape, label)
  return facts.shares.length < 2
    ? nothing
    : sparkline(
        facts.shares.map(({ share }) => share),
        label,
      )
}

function range(facts: ColumnFacts): Html {
  if (facts.kind === 'numeric') {
    const [low = null, , middle = null, , high = null] = facts.quantiles
    return html`${shortNumber(facts.min)} to ${shortNumber(facts.max)}<br><span class="quiet">median ${shortNumber(middle)}, 90 % from ${shortNumber(low)} to ${shortNumber(high)}</span>`
  }
  const shares = facts.shares.map(({ value, share }) => `${cut(value)} ${shareText(share)}`)
  return html`${shares.join(', ')}${facts.left > 0 && `, ${facts.left} more`}`
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
