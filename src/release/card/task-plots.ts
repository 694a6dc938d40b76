// Figures of models that are not one of two classes: classes confused, amounts beside the true ones, queries by how well they went.
import { type Html, html, nothing } from './html.ts'
import type { ClassFact, MulticlassFigures, Share } from './multiclass-figures.ts'
import { grouped, metricText, shareText, shortNumber } from './numbers.ts'
import type { GroupFacts, MetricFact } from './performance-facts.ts'
import { box, frame, path, place, xScale, yScale } from './plot-frame.ts'
import { calibrationPlot, groupPlot } from './plots.ts'
import type { QueryHistogram, RankingFigures } from './ranking-figures.ts'
import type { RegressionFigures } from './regression-figures.ts'
import type { TaskFigures } from './task-facts.ts'

export function taskPlots(figures: TaskFigures): Html {
  switch (figures.task) {
    case 'multiclass':
      return multiclassPlots(figures)
    case 'regression':
      return html`<div class="plots">${agreementPlot(figures)}${residualPlot(figures)}${decilePlot(figures)}</div>`
    case 'ranking':
      return rankingPlots(figures)
  }
}

function multiclassPlots(figures: MulticlassFigures): Html {
  const classes = asGroups(figures.perClass)
  return html`<h3>Confusion</h3>
${confusionTable(figures)}
<h3>By class</h3>
<div class="plots three">${groupPlot('recall', classes, null)}${groupPlot('precision', classes, null)}${calibrationPlot(
    figures,
    {
      what: 'right answers',
      x: 'mean probability of the answer',
      y: 'share that was right',
    },
  )}</div>`
}

/** Shades are shares of the row, so that a rare class is as readable as a common one. */
export function confusionTable({ classes, confusion }: MulticlassFigures): Html {
  const row = (counts: readonly number[], truth: number) => {
    const total = counts.reduce((sum, count) => sum + count, 0)
    const cells = counts.map((count, answer) => {
      const share = count / Math.max(1, total)
      const tone = count === 0 ? 0 : Math.min(6, 1 + Math.floor(share * 6))
      const kind = truth === answer ? 'hit' : 'miss'
      return html`<td class="${kind}${tone}">${count === 0 ? html`<span class="quiet">0</span>` : grouped(count)}${count > 0 && html`<small>${shareText(share)}</small>`}</td>`
    })
    return html`<tr><th scope="row">${classes[truth] ?? ''}</th>${cells}</tr>`
  }
  return html`<p class="quiet">Rows by true class (down) and answer (across); shares are of the true class.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Confusion matrix"><table class="heat"><thead><tr><th scope="col"><span class="quiet">truth</span></th>${classes.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${confusion.map(row)}</tbody></table></div>`
}

/** Classes drawn as groups are, with each share as a metric. */
function asGroups(perClass: readonly ClassFact[]): GroupFacts {
  const fact = (name: string, { n, estimate, lower, upper }: Share): MetricFact => ({
    ...{ name, words: name, estimate, lower, upper, n, method: 'Wilson' },
  })
  return {
    column: 'class',
    groups: perClass.map(({ name, rows, recall, precision }) => ({
      ...{ name, rows, positives: rows },
      metrics: [fact('recall', recall), fact('precision', precision)],
    })),
    left: 0,
  }
}

function agreementPlot({ agreement }: RegressionFigures): Html {
  const { from, to, bins, cells, outside } = agreement
  const most = Math.max(1, ...cells.map(([, , rows]) => rows))
  const [x, y] = [xScale(from, to), yScale(from, to)]
  const wide = (box.right - box.left) / bins
  const high = (box.bottom - box.top) / bins
  return frame({
    id: 'agreement',
    title: 'Predicted against true',
    description: `Rows on a grid of ${bins} by ${bins} from ${shortNumber(from)} to ${shortNumber(to)}, darker with more rows, at most ${grouped(most)} in a cell; ${grouped(outside)} rows lie beyond it.`,
    x: { label: 'prediction', scale: x, text: shortNumber },
    y: { label: 'truth', scale: y, text: shortNumber },
    body: [
      ...cells.map(
        ([column, line, rows]) =>
          html`<rect class="cell" x="${place(box.left + column * wide)}" y="${place(box.bottom - (line + 1) * high)}" width="${place(wide)}" height="${place(high)}" opacity="${shade(rows / most)}"/>`,
      ),
      html`<line class="reference" x1="${box.left}" y1="${box.bottom}" x2="${box.right}" y2="${box.top}"/>`,
    ],
    legend: [
      { mark: 'positive', text: `rows, up to ${grouped(most)} in a cell` },
      { mark: 'dashed', text: 'perfect' },
      ...(outside > 0 ? [{ mark: 'none', text: `${grouped(outside)} beyond` }] : []),
    ],
  })
}

/** A root scale: one full cell must not press the others to nothing. */
function shade(share: number): string {
  return (0.12 + 0.88 * Math.sqrt(share)).toFixed(2)
}

function residualPlot({ residuals }: RegressionFigures): Html {
  const { from, to, counts, below, above } = residuals
  const x = xScale(from, to)
  const y = yScale(0, Math.max(1, ...counts))
  const zero = from < 0 && to > 0
  return frame({
    id: 'residuals',
    title: 'Errors',
    description: `Rows by prediction − truth from ${shortNumber(from)} to ${shortNumber(to)}; ${grouped(below)} lie below and ${grouped(above)} above.`,
    x: { label: 'prediction − truth', scale: x, text: shortNumber },
    y: { label: 'rows', scale: y },
    body: [
      bars(counts, { from, to }, x.at, y.at),
      ...(zero
        ? [
            html`<line class="threshold" x1="${place(x.at(0))}" x2="${place(x.at(0))}" y1="${box.top}" y2="${box.bottom}"/>`,
          ]
        : []),
    ],
    legend: [
      { mark: 'positive', text: 'rows' },
      ...(zero ? [{ mark: 'dashed', text: 'no error' }] : []),
      ...(below + above > 0 ? [{ mark: 'none', text: `${grouped(below + above)} beyond` }] : []),
    ],
  })
}

function decilePlot({ deciles }: RegressionFigures): Html {
  if (deciles.length < 2) return nothing
  const x = xScale(0, deciles.length, [])
  const ends = deciles.flatMap(({ bias, upper }) => [bias, upper])
  const y = yScale(Math.min(0, ...ends), Math.max(...ends))
  const middle = (at: number) => place(x.at(at + 0.5))
  return frame({
    id: 'deciles',
    title: 'Error by size of the prediction',
    description: deciles
      .map(
        (one) =>
          `Predictions from ${shortNumber(one.from)} to ${shortNumber(one.to)}: mean absolute error ${metricText(one.mae)}, mean error ${metricText(one.bias)}.`,
      )
      .join(' '),
    x: { label: `${deciles.length} parts by rising prediction`, scale: x },
    y: { label: 'error', scale: y, text: shortNumber },
    body: [
      html`<line class="reference" x1="${box.left}" x2="${box.right}" y1="${place(y.at(0))}" y2="${place(y.at(0))}"/>`,
      ...deciles.map(
        ({ mae, lower, upper, bias, to }, at) =>
          html`<line class="whisker" x1="${middle(at)}" x2="${middle(at)}" y1="${place(y.at(lower))}" y2="${place(y.at(upper))}"/><circle class="bubble" cx="${middle(at)}" cy="${place(y.at(mae))}" r="4"/><circle class="mark" cx="${middle(at)}" cy="${place(y.at(bias))}" r="3.5"/><text class="tick" x="${middle(at)}" y="${box.bottom + 16}" text-anchor="middle">${shortNumber(Number(to.toPrecision(3)))}</text>`,
      ),
    ],
    legend: [
      { mark: 'dot full', text: 'mean absolute error, 95 % interval' },
      { mark: 'dot', text: 'mean error' },
    ],
  })
}

function rankingPlots({ perQuery, queries, hopeless }: RankingFigures): Html {
  return html`<p class="quiet">${grouped(queries)} queries; in ${grouped(hopeless)} of them nothing relevant could be found, and each counts as 0 in the metrics but is not drawn.</p>
<div class="plots">${perQuery.map((one, at) => queryPlot(one, at))}</div>`
}

function queryPlot({ words, counts }: QueryHistogram, at: number): Html {
  const x = xScale(0, 1)
  const y = yScale(0, Math.max(1, ...counts))
  const total = counts.reduce((sum, count) => sum + count, 0)
  return frame({
    id: `query-${at}`,
    title: `Queries by ${words}`,
    description: `${grouped(total)} queries; ${grouped(counts[0] ?? 0)} in the lowest of ${counts.length} parts, ${grouped(counts.at(-1) ?? 0)} in the highest.`,
    x: { label: words, scale: x },
    y: { label: 'queries', scale: y },
    body: [bars(counts, { from: 0, to: 1 }, x.at, y.at)],
  })
}

type Placed = (value: number) => number

function bars(
  counts: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
  x: Placed,
  y: Placed,
): Html {
  const width = (to - from) / counts.length
  const points = counts.flatMap((count, at): [number, number][] => [
    [x(from + at * width), y(count)],
    [x(from + (at + 1) * width), y(count)],
  ])
  return html`<path class="step positive" d="${path([[x(from), y(0)], ...points, [x(to), y(0)]])}Z"/>`
}
