// Drift as pictures: the reference and the data on the reference's own bins, for each column that drifted, or drifted most.
import type { DriftColumn, DriftStatistics } from '../../verify/data/drift/drift-check.ts'
import { moversOf } from '../../verify/data/drift/drift-movers.ts'
import { type Html, html } from '../card/html.ts'
import { grouped, metricText, shareText, shortNumber } from '../card/numbers.ts'
import { verdictBadge } from '../card/page-parts.ts'
import { box, frame, path, place, yScale } from '../card/plot-frame.ts'
import { type DriftBar, driftBars } from './drift-bars.ts'
import type { ReportedCheck } from './gate-report.ts'

interface DriftResult extends ReportedCheck {
  readonly statistics: DriftStatistics
}

interface ShownColumn {
  readonly column: DriftColumn
  readonly estimate: number | undefined
}

/** Of one check: all that are beyond the limit, up to so many, else the worst two. */
const mostOfCheck = 6
const fewestOfCheck = 2
/** Of a page. */
const mostFigures = 24

export function isDrift(check: ReportedCheck): check is DriftResult {
  return check.statistics.method === 'drift'
}

/** Worst check first, as given; none beyond what a page can carry. */
export function driftFigures(checks: readonly ReportedCheck[]): readonly Html[] {
  const shown: Html[] = []
  let drawn = 0
  for (const [at, check] of checks.filter(isDrift).entries()) {
    const columns = worstColumns(check).slice(0, mostFigures - drawn)
    if (columns.length === 0) continue
    drawn += columns.length
    shown.push(checkFigures(check, columns, `drift-${at}`))
  }
  return shown
}

function worstColumns({ statistics, denominators = [], limit }: DriftResult): ShownColumn[] {
  const scores = new Map(denominators.map(({ name, estimate }) => [name, estimate]))
  const ranked = statistics.columns
    .map((column): ShownColumn => ({ column, estimate: scores.get(column.compared.name) }))
    .toSorted((a, b) => (b.estimate ?? -1) - (a.estimate ?? -1))
  const beyond = ranked.filter(({ estimate = 0 }) => limit !== undefined && estimate > limit)
  return ranked.slice(0, Math.min(mostOfCheck, Math.max(fewestOfCheck, beyond.length)))
}

function checkFigures(check: DriftResult, columns: readonly ShownColumn[], id: string): Html {
  const { statistics, limit } = check
  const left = statistics.columns.length - columns.length
  return html`<h3><code>${check.written}</code> ${verdictBadge(check.verdict)}</h3>
<p class="quiet">${grouped(statistics.rows)} rows against ${grouped(statistics.referenceRows)} of ${statistics.reference}, on the bins of the reference${limit !== undefined && `; the limit is ${shortNumber(limit)}`}.${left > 0 && ` ${left === 1 ? 'One column that moved less is' : `${left} columns that moved less are`} not drawn.`}</p>
<div class="plots ragged">${columns.map((column, at) => columnFigure(column, `${id}-${at}`))}</div>`
}

function columnFigure({ column, estimate }: ShownColumn, id: string): Html {
  const { name } = column.compared
  const { axis, named } = driftBars(column.compared)
  const score = estimate === undefined ? '' : `: ${metricText(estimate)}`
  const movers = moversOf(column.compared).map(({ sentence }) => sentence)
  const description = movers.length === 0 ? 'Nothing moved.' : `${movers.join('; ')}.`
  const title = `${name}${score}`
  return axis.length > 0
    ? axisFigure({ id, title, description, axis, named })
    : namedFigure({ id, title, description, named })
}

interface Figure {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly named: readonly DriftBar[]
}

/** Every bin equally wide: on the bins of a reference that is what drift is counted in. */
function axisFigure(figure: Figure & { readonly axis: readonly DriftBar[] }): Html {
  const { id, title, description, axis, named } = figure
  const gap = named.length > 0 ? 1 : 0
  const width = (box.right - box.left) / (axis.length + gap + named.length * 2)
  const left = (at: number) => box.left + at * width
  const most = Math.max(0.01, ...[...axis, ...named].flatMap((one) => [one.reference, one.live]))
  const y = yScale(0, most)
  const outline = (side: 'reference' | 'live') => {
    const points = axis.flatMap((one, at): [number, number][] => [
      [left(at), y.at(one[side])],
      [left(at + 1), y.at(one[side])],
    ])
    return path([[left(0), y.at(0)], ...points, [left(axis.length), y.at(0)]])
  }
  const every = Math.max(1, Math.ceil(axis.length / 5))
  const ticks = axis.flatMap(({ from }, at) =>
    from === null || at % every !== 0 || (gap > 0 && at > 0.85 * axis.length)
      ? []
      : [{ x: left(at), from: Number(from.toPrecision(3)) }],
  )
  return frame({
    ...{ id, title, description, legend },
    x: { label: 'bins of the reference, each as wide', scale: { at: left, ticks: [] } },
    y: { label: 'share of rows', scale: y, text: percent },
    body: [
      html`<path class="step positive" d="${outline('live')}Z"/><path class="step negative" d="${outline('reference')}Z"/>`,
      ...ticks.map(
        ({ x, from }) =>
          html`<text class="tick" x="${place(x)}" y="${box.bottom + 16}" text-anchor="middle">${shortNumber(from)}</text>`,
      ),
      ...named.map((one, at) => standing(one, left(axis.length + gap + at * 2), width * 1.6, y.at)),
    ],
  })
}

function standing(bar: DriftBar, x: number, width: number, y: (share: number) => number): Html {
  const sides = [
    ['positive', bar.live],
    ['negative', bar.reference],
  ] as const
  return html`${sides.map(
    ([side, share]) =>
      html`<path class="step ${side}" d="${path([
        [x, y(0)],
        [x, y(share)],
        [x + width, y(share)],
        [x + width, y(0)],
      ])}Z"/>`,
  )}<text class="tick" x="${place(x + width / 2)}" y="${box.bottom + 16}" text-anchor="middle">${short(bar.label, 10)}</text>`
}

const legend = [
  { mark: 'positive', text: 'data' },
  { mark: 'negative', text: 'reference' },
]

function namedFigure({ id, title, description, named }: Figure): Html {
  const line = 26
  const height = named.length * line + 12
  const most = Math.max(0.01, ...named.flatMap((one) => [one.reference, one.live]))
  const x = (share: number) => place((share / most) * 150)
  return html`<figure>
<figcaption>${title}</figcaption>
<svg viewBox="0 0 400 ${height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${named.map((one, at) => {
  const top = 6 + at * line
  return html`<text class="group" x="120" y="${top + 10}" dy="0.32em" text-anchor="end">${short(one.label, 14)}</text><rect class="step positive" x="128" y="${top}" width="${x(one.live)}" height="11"/><rect class="step negative" x="128" y="${top + 12}" width="${x(one.reference)}" height="6"/><text class="tick" x="290" y="${top + 10}" dy="0.32em">${shareText(one.reference)} → ${shareText(one.live)}</text>`
})}
</svg>
<p class="legend">${legend.map(({ mark, text }) => html`<span><i class="key ${mark}"></i>${text}</span>`)}</p>
</figure>`
}

function short(text: string, most: number): string {
  const points = [...text]
  return points.length > most ? `${points.slice(0, most - 1).join('')}…` : text
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}
