// A gate report as one HTML page that needs nothing else: no script, no font, no request; failed checks first.
import { type Html, html, nothing } from '../card/html.ts'
import { dateText, grouped } from '../card/numbers.ts'
import { capital, factList, section, tableOf, verdictBadge } from '../card/page-parts.ts'
import { modelFigures } from '../card/page-performance.ts'
import { pageOf } from '../card/page-shell.ts'
import { boundsPlot, forestPlot } from './bounds-plot.ts'
import { dataColumns } from './data-columns.ts'
import { driftFigures, isDrift } from './drift-plots.ts'
import {
  attemptsOf,
  checksWorstFirst,
  cut,
  expectedWords,
  type GateReportRequest,
  type ReportedCheck,
  tally,
  titleOf,
} from './gate-report.ts'

const ownStyle = `
.bounds{display:block;width:210px;height:34px}
.bounds text{font-size:10.5px}
@media (min-width:601px){.plots.forests{grid-template-columns:repeat(auto-fill,minmax(290px,1fr))}}
svg .limit{stroke:var(--bad);stroke-width:1.5}
svg .bubble{stroke:var(--sheet);stroke-width:1}
.plots.ragged{align-items:start}
.check{display:block;white-space:normal}
svg rect.step.negative{fill:var(--other);opacity:.55;stroke:none}
h3 code{overflow-wrap:anywhere}
`

/** Deterministic: the same request gives the same page. */
export function gateReportPage(request: GateReportRequest): string {
  const { document, project, outcome, engine, run } = request
  const title = titleOf(request)
  return pageOf({
    title: title,
    style: ownStyle,
    top: html`<p class="eyebrow">${project} · gate report · run ${run.number}</p>
<h1>${title.replace(/^Gates of /, '')}</h1>
<p class="lede">${outcome}</p>
<ul class="badges" aria-label="Gates">${document.gates.map((gate) => html`<li>${verdictBadge(gate.verdict, `${gate.name} ${gate.verdict}`)}</li>`)}</ul>`,
    main: html`${checksSection(request)}
${forests(request)}
${driftSection(request)}
${dataSection(request)}
${performance(request)}
${judgedSection(request)}
${scoreSection(request)}`,
    footer: html`Made by Lockstep ${engine} from the evidence of ${run.id}. Finished ${dateText(run.finishedAt)}.`,
  })
}

/** So many are drawn; so many are listed; the JSON report has them all. */
const mostDrawn = 150
const mostListed = 250
const mostForests = 24

function checksSection({ document, performance: facts }: GateReportRequest): Html {
  const checks = checksWorstFirst(document)
  const rows = checks.slice(0, mostListed).map((check, at) => checkRow(check, at, facts))
  const left = checks.length - rows.length
  const body =
    rows.length === 0
      ? html`<p class="quiet">No checks were asked.</p>`
      : html`<p>${tally(document)}. The bar is the interval the verdict follows from, the dot the estimate, the upright line the limit.</p>
${tableOf(
  [
    { title: 'Check' },
    { title: 'Verdict' },
    { title: 'Interval and limit' },
    { title: 'Observed', isWords: true },
    { title: 'Method' },
  ],
  rows,
)}${left > 0 && html`<p class="quiet">${grouped(left)} more are listed in the JSON report.</p>`}`
  return section('checks', 'Checks', body)
}

function checkRow(
  check: ReportedCheck,
  at: number,
  facts: GateReportRequest['performance'],
): (Html | string)[] {
  const asides = [check.compat, expectedWords(check, facts)].filter((text) => text !== undefined)
  return [
    html`<code>${cut(check.written, 240)}</code><br><span class="quiet">${check.gate}</span>`,
    verdictBadge(check.verdict),
    at < mostDrawn ? boundsPlot(check) : '',
    html`${cut(check.because, 1500)}${asides.map((text) => html`<br><span class="quiet">${cut(text, 600)}</span>`)}`,
    html`<span class="quiet">${check.method}${check.n !== undefined && html`, n ${grouped(check.n)}`}</span>`,
  ]
}

function forests({ document }: GateReportRequest): Html {
  const plots = checksWorstFirst(document)
    .filter((check) => !isDrift(check))
    .flatMap((check, at) => {
      const plot = forestPlot(check, `forest-${at}`)
      return plot === undefined ? [] : [plot]
    })
  if (plots.length === 0) return nothing
  const left = plots.length - mostForests
  return section(
    'groups',
    'Groups and slices',
    html`<div class="plots forests">${plots.slice(0, mostForests)}</div>${left > 0 && html`<p class="quiet">${left} more are listed in the JSON report.</p>`}`,
  )
}

function driftSection({ document }: GateReportRequest): Html {
  const figures = driftFigures(checksWorstFirst(document))
  return figures.length === 0 ? nothing : section('drift', 'Drift', html`${figures}`)
}

function dataSection({ document }: GateReportRequest): Html {
  const tables = dataColumns(document)
  return tables.length === 0 ? nothing : section('data', 'Checked columns', html`${tables}`)
}

function performance({ performance: facts }: GateReportRequest): Html {
  return facts === null ? nothing : section('performance', 'Performance', modelFigures(facts))
}

function judgedSection({ document }: GateReportRequest): Html {
  const { judged, datasets } = document
  const tables = datasets.map(
    ({ name, version, rows }) =>
      [name, html`${grouped(rows)} rows, <span class="digest">${version}</span>`] as const,
  )
  const subjects: (readonly [string, Html | string])[] =
    judged === null
      ? []
      : [
          ['Model', html`<span class="digest">${judged.candidate}</span>`],
          ['Holdout', html`<span class="digest">${judged.holdout}</span>`],
          [
            'Champion',
            judged.champion === null ? 'none yet' : `release ${judged.champion.release}`,
          ],
          ['Attempts', attemptsOf(document) ?? 'the first on this holdout'],
        ]
  const facts = [...subjects, ...tables]
  return facts.length === 0 ? nothing : section('judged', 'What was judged', factList(facts))
}

/** Four sections beside each other, and below what earned the points or would. */
function scoreSection({ score }: GateReportRequest): Html {
  if (score === null) return nothing
  const sections = Object.entries(score.sections)
  const rows = score.items.map(({ section: part, title, points, because }) => [
    capital(title),
    part,
    String(points),
    html`<span class="quiet">${because}</span>`,
  ])
  return section(
    'score',
    'ML Test Score',
    html`<p>${score.score} of 7, the weakest of four sections; every point is earned by a record (Breck et al. 2017).</p>
<dl class="figures">${sections.map(([name, points]) => html`<div><dt>${capital(name)}</dt><dd>${points}<small>of 7</small></dd></div>`)}</dl>
${tableOf(
  [
    { title: 'Item' },
    { title: 'Section' },
    { title: 'Points', isNumber: true },
    { title: 'Record', isWords: true },
  ],
  rows,
)}`,
  )
}
