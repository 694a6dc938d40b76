// How well it does, in plots and tables, and what the gates said about it.
import type { CardRequest } from './card-request.ts'
import { groupTable } from './group-tables.ts'
import { type Html, html, nothing } from './html.ts'
import { isTaskFacts, type ModelFacts } from './model-facts.ts'
import { grouped, intervalText, metricText, shareText } from './numbers.ts'
import { capital, section, tableOf, verdictBadge } from './page-parts.ts'
import type { GroupFacts, PerformanceFacts } from './performance-facts.ts'
import { calibrationPlot, groupPlot, precisionRecallPlot, rocPlot, scorePlot } from './plots.ts'
import type { TaskFacts } from './task-facts.ts'
import { taskPlots } from './task-plots.ts'

export function performanceSection({ facts }: CardRequest): Html {
  const { performance, evaluation, otherTask } = facts
  if (otherTask) {
    return section(
      'performance',
      'Performance',
      html`<p>A ${otherTask.task} model, measured on ${grouped(otherTask.rows)} rows of <code>${evaluation?.data ?? 'the holdout'}</code>, scored by the packaged model in the serving runtime. Intervals hold with 95 %.</p>
${taskFigures(otherTask)}`,
    )
  }
  if (!performance) {
    return section(
      'performance',
      'Performance',
      html`<p class="quiet">Nothing was recorded when this release was sealed.</p>`,
    )
  }
  return section(
    'performance',
    'Performance',
    html`<p>Measured on ${grouped(performance.rows)} rows of <code>${evaluation?.data ?? 'the holdout'}</code>, scored by the packaged model in the serving runtime. ${grouped(performance.positives)} rows are positive${evaluation ? html` (<code>${evaluation.label}</code>)` : nothing}. A row is selected from a score of ${performance.threshold}. Intervals hold with 95 %.</p>
${performanceFigures(performance)}`,
  )
}

export function modelFigures(facts: ModelFacts): Html {
  return isTaskFacts(facts) ? taskFigures(facts) : performanceFigures(facts)
}

function taskFigures(facts: TaskFacts): Html {
  const { figures, panels = [] } = facts
  return html`${figures ? taskPlots(figures) : nothing}
<h3>Metrics</h3>
${metrics(facts)}
${panels.map(
  (panel) => html`<h3>By ${panel.by}</h3>
<p class="quiet">Each group on its own rows, with 95 % intervals. For reading; gates decide by comparisons.</p>
${groupTable(panel)}`,
)}`
}

/** Every plot and table of the holdout. */
export function performanceFigures(facts: PerformanceFacts): Html {
  return html`<div class="plots">${rocPlot(facts)}${precisionRecallPlot(facts)}${calibrationPlot(facts)}${scorePlot(facts)}</div>
<h3>Metrics</h3>
${metrics(facts)}
<h3>At the threshold of ${facts.threshold}</h3>
${matrix(facts)}
${facts.groups.map((group) => groups(group, facts))}`
}

function metrics({ metrics: found }: Pick<PerformanceFacts, 'metrics'>): Html {
  return tableOf(
    [
      { title: 'Metric' },
      { title: 'Estimate', isNumber: true },
      { title: '95 % interval', isNumber: true },
      { title: 'Rows', isNumber: true },
      { title: 'Method' },
    ],
    found.map(({ words, estimate, lower, upper, n, method }) => [
      capital(words),
      ...[metricText(estimate), intervalText(lower, upper), grouped(n)],
      html`<span class="quiet">${method}</span>`,
    ]),
  )
}

function matrix({ confusion: { tp, fp, fn, tn }, rows }: PerformanceFacts): Html {
  const cell = (count: number) =>
    html`<td>${grouped(count)}<small>${shareText(count / Math.max(1, rows))}</small></td>`
  return html`<div class="scroll"><table class="matrix"><thead><tr><th scope="col"><span class="quiet">truth</span></th><th scope="col">predicted positive</th><th scope="col">predicted negative</th></tr></thead>
<tbody><tr><th scope="row">positive</th>${cell(tp)}${cell(fn)}</tr><tr><th scope="row">negative</th>${cell(fp)}${cell(tn)}</tr></tbody></table></div>`
}

function groups(facts: GroupFacts, { metrics: overall, panels = [] }: PerformanceFacts): Html {
  const names = facts.groups[0]?.metrics.map(({ name, words }) => ({ name, words })) ?? []
  const plots = names.map(({ name }) => groupPlot(name, facts, overallOf(name, overall)))
  const panel = panels.find(({ by }) => by === facts.column)
  return html`<h3>By ${facts.column}</h3>
<p class="quiet">Each group on its own rows; the bar is the 95 % interval, the dashed line the value over all rows.${panel === undefined && facts.left > 0 && ` ${facts.left} smaller groups are not listed.`} For reading; gates decide by comparisons.</p>
<div class="plots three">${plots}</div>
${panel === undefined ? fewMetrics(facts, names) : groupTable(panel)}`
}

/** Of releases that recorded no more. */
function fewMetrics(
  { groups: found }: GroupFacts,
  names: readonly { readonly words: string }[],
): Html {
  return tableOf(
    [
      { title: 'Group' },
      { title: 'Rows', isNumber: true },
      { title: 'Positives', isNumber: true },
      ...names.map(({ words }) => ({ title: capital(words), isNumber: true })),
    ],
    found.map(({ name, rows, positives, metrics: own }) => [
      ...[name, grouped(rows), grouped(positives)],
      ...own.map(({ estimate }) => metricText(estimate)),
    ]),
  )
}

/** The value over all rows; the false-positive rate is what the true-negative rate leaves. */
function overallOf(name: string, metrics: PerformanceFacts['metrics']): number | null {
  const found = (wanted: string) =>
    metrics.find((metric) => metric.name === wanted)?.estimate ?? null
  const specificity = found('specificity')
  return name === 'fpr' && specificity !== null ? 1 - specificity : found(name)
}

export function gatesSection({ facts }: CardRequest): Html {
  const rows = facts.gates.flatMap(({ name, checks }) =>
    checks.map((check) => [
      html`<code>${check.text}</code>`,
      name,
      verdictBadge(check.verdict),
      check.because,
    ]),
  )
  const body =
    rows.length === 0
      ? html`<p class="quiet">No checks were recorded.</p>`
      : tableOf(
          [
            { title: 'Check' },
            { title: 'Gate' },
            { title: 'Verdict' },
            { title: 'Observed', isWords: true },
          ],
          rows,
        )
  return section('gates', 'Gates', body)
}
