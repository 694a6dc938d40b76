// The plots of a model card, each from recorded numbers alone.
import type { CalibrationBin, CurvePoint, ScoreHistogram } from './curve-points.ts'
import { type Html, html, nothing } from './html.ts'
import { grouped, metricText, shareText } from './numbers.ts'
import type { GroupFacts, MetricFact, PerformanceFacts } from './performance-facts.ts'
import { box, frame, niceTicks, path, place, xScale, yScale } from './plot-frame.ts'

export function rocPlot({ roc, metrics, confusion }: PerformanceFacts): Html {
  if (roc.length === 0) return nothing
  const [x, y] = [xScale(0, 1), yScale(0, 1)]
  const auc = metrics.find((metric) => metric.name === 'roc_auc')
  const { tp, fn, fp, tn } = confusion
  const [fpr, tpr] = [fp / Math.max(1, fp + tn), tp / Math.max(1, tp + fn)]
  return frame({
    id: 'roc',
    title: 'ROC curve',
    description: `Area under the curve ${estimateText(auc)}. At the threshold the true-positive rate is ${shareText(tpr)} and the false-positive rate ${shareText(fpr)}.`,
    x: { label: 'false-positive rate', scale: x },
    y: { label: 'true-positive rate', scale: y },
    body: [
      html`<line class="reference" x1="${x.at(0)}" y1="${y.at(0)}" x2="${x.at(1)}" y2="${y.at(1)}"/>`,
      area(roc, x.at, y.at),
      curve(roc, x.at, y.at),
      html`<circle class="mark" cx="${place(x.at(fpr))}" cy="${place(y.at(tpr))}" r="4.5"/>`,
      note(`AUC ${metricText(auc?.estimate ?? null)}`),
    ],
    legend: [
      { mark: 'line', text: 'model' },
      { mark: 'dashed', text: 'chance' },
      { mark: 'dot', text: 'at the threshold' },
    ],
  })
}

export function precisionRecallPlot(facts: PerformanceFacts): Html {
  const { precisionRecall, rows, positives, confusion, metrics } = facts
  if (precisionRecall.length === 0) return nothing
  const [x, y] = [xScale(0, 1), yScale(0, 1)]
  const base = positives / Math.max(1, rows)
  const { tp, fn, fp } = confusion
  const [recall, precision] = [tp / Math.max(1, tp + fn), tp / Math.max(1, tp + fp)]
  const average = metrics.find((metric) => metric.name === 'average_precision')
  return frame({
    id: 'pr',
    title: 'Precision and recall',
    description: `Average precision ${estimateText(average)}; the base rate is ${shareText(base)}. At the threshold precision is ${shareText(precision)} at a recall of ${shareText(recall)}.`,
    x: { label: 'recall', scale: x },
    y: { label: 'precision', scale: y },
    body: [
      html`<line class="reference" x1="${x.at(0)}" x2="${x.at(1)}" y1="${place(y.at(base))}" y2="${place(y.at(base))}"/>`,
      curve(precisionRecall, x.at, y.at),
      tp + fp > 0 &&
        html`<circle class="mark" cx="${place(x.at(recall))}" cy="${place(y.at(precision))}" r="4.5"/>`,
      note(`AP ${metricText(average?.estimate ?? null)}`, 'high'),
    ].filter((one): one is Html => one !== false),
    legend: [
      { mark: 'line', text: 'model' },
      { mark: 'dashed', text: `base rate ${shareText(base)}` },
      { mark: 'dot', text: 'at the threshold' },
    ],
  })
}

export interface CalibrationWords {
  readonly what: string
  readonly x: string
  readonly y: string
}

const ofPositives: CalibrationWords = { what: 'positives', x: 'mean score', y: 'observed share' }

export function calibrationPlot(
  { calibration }: Pick<PerformanceFacts, 'calibration'>,
  words: CalibrationWords = ofPositives,
): Html {
  if (calibration.length === 0) return nothing
  const [x, y] = [xScale(0, 1), yScale(0, 1)]
  const most = Math.max(...calibration.map((bin) => bin.rows))
  const worst = calibration.reduce((far, bin) => (gap(bin) > gap(far) ? bin : far))
  return frame({
    id: 'calibration',
    title: 'Calibration',
    description: `Observed share of ${words.what} against the ${words.x} in ${calibration.length} bins. The widest gap is ${shareText(gap(worst))}, at a score of ${metricText(worst.meanScore)} with ${grouped(worst.rows)} rows.`,
    x: { label: words.x, scale: x },
    y: { label: words.y, scale: y },
    body: [
      html`<line class="reference" x1="${x.at(0)}" y1="${y.at(0)}" x2="${x.at(1)}" y2="${y.at(1)}"/>`,
      ...calibration.map((bin) => {
        const at = place(x.at(bin.meanScore))
        const radius = place(2.5 + 4 * Math.sqrt(bin.rows / most))
        return html`<line class="whisker" x1="${at}" x2="${at}" y1="${place(y.at(bin.lower))}" y2="${place(y.at(bin.upper))}"/><circle class="bubble" cx="${at}" cy="${place(y.at(bin.observed))}" r="${radius}"/>`
      }),
    ],
    legend: [
      { mark: 'dot', text: 'a bin, larger with more rows; 95 % interval' },
      { mark: 'dashed', text: 'perfect' },
    ],
  })
}

const gap = (bin: CalibrationBin) => Math.abs(bin.observed - bin.meanScore)

/** Each class as shares of itself: beside a rare class the common one would hide it. */
export function scorePlot({ scores, threshold, positives, rows }: PerformanceFacts): Html {
  const counts = { positives, negatives: rows - positives }
  const share = (side: 'positives' | 'negatives') =>
    scores[side].map((count) => count / Math.max(1, counts[side]))
  const [up, down] = [share('positives'), share('negatives')]
  const most = Math.max(...up, ...down, 0.01)
  const x = xScale(scores.from, scores.to)
  // A square-root axis: the many sure negatives of a rare class would press everything else flat.
  const root = yScale(0, Math.sqrt(most), [])
  const ticks = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1].filter((tick) => tick <= most)
  const y = { at: (share: number) => root.at(Math.sqrt(share)), ticks }
  return frame({
    id: 'scores',
    title: 'Scores by class',
    description: `Distribution of scores of ${grouped(positives)} positives and ${grouped(rows - positives)} negatives, each as shares of its own class, with the threshold at ${threshold}.`,
    x: { label: 'score', scale: x },
    y: {
      label: 'share of the class (√ axis)',
      scale: y,
      text: (value) => `${Math.round(value * 100)} %`,
    },
    body: [
      steps(down, scores, 'negative', x.at, y.at),
      steps(up, scores, 'positive', x.at, y.at),
      html`<line class="threshold" x1="${place(x.at(threshold))}" x2="${place(x.at(threshold))}" y1="${box.top}" y2="${box.bottom}"/>`,
    ],
    legend: [
      { mark: 'positive', text: 'positives' },
      { mark: 'negative', text: 'negatives' },
      { mark: 'dashed', text: `threshold ${threshold}` },
    ],
  })
}

/** One metric of every group: estimate and interval, beside the value over all rows. */
export function groupPlot(metric: string, facts: GroupFacts, all: number | null): Html {
  const rows = facts.groups.flatMap((group) => {
    const own = group.metrics.find((one) => one.name === metric)
    return own && own.estimate !== null ? [{ name: group.name, rows: group.rows, own }] : []
  })
  const [first] = rows
  if (!first) return nothing
  const line = 26
  const height = rows.length * line + 34
  const ends = rows.flatMap(({ own }) => [
    own.lower ?? own.estimate ?? 0,
    own.upper ?? own.estimate ?? 0,
  ])
  const low = Math.max(0, Math.min(...ends, all ?? 1) - 0.03)
  const high = Math.min(1, Math.max(...ends, all ?? 0) + 0.03)
  const x = (value: number) => 104 + ((value - low) / (high - low || 1)) * 184
  const id = `group-${metric.replaceAll(/\W/g, '')}-${facts.column.replaceAll(/\W/g, '')}`
  const words = first.own.words
  const told = rows.map(({ name, own }) => `${name} ${estimateText(own)}`).join('; ')
  return html`<figure>
<figcaption>${capital(words)}</figcaption>
<svg viewBox="0 0 300 ${height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${capital(words)} by ${facts.column}</title><desc id="${id}-d">${told}</desc>
${all !== null && html`<line class="reference" x1="${place(x(all))}" x2="${place(x(all))}" y1="4" y2="${height - 26}"/>`}
${rows.map(({ name, own }, at) => groupRow(name, own, 8 + line * (at + 0.5), x))}
<line class="axis" x1="104" x2="288" y1="${height - 24}" y2="${height - 24}"/>
${niceTicks(low, high, 4).map((tick) => html`<text class="tick" x="${place(x(tick))}" y="${height - 8}" text-anchor="middle">${tick}</text>`)}
</svg>
</figure>`
}

function groupRow(name: string, own: MetricFact, y: number, x: (value: number) => number): Html {
  const label = name.length > 13 ? `${name.slice(0, 6)}…${name.slice(-6)}` : name
  const { estimate, lower, upper } = own
  return html`<text class="group" x="96" y="${y}" dy="0.32em" text-anchor="end">${label}</text>${
    lower !== null &&
    upper !== null &&
    html`<line class="whisker" x1="${place(x(lower))}" x2="${place(x(upper))}" y1="${y}" y2="${y}"/>`
  }<circle class="bubble" cx="${place(x(estimate ?? 0))}" cy="${y}" r="4.5"/>`
}

/** A histogram in a table cell. */
export function sparkline(shape: readonly number[], label: string): Html {
  const most = Math.max(...shape, 0)
  if (most <= 0) return html`<span class="quiet">one value</span>`
  const width = 120 / shape.length
  return html`<svg class="spark" viewBox="0 0 120 26" role="img" aria-label="${label}">${shape.map(
    (share, at) => {
      const height = share > 0 ? Math.max(1, (share / most) * 24) : 0
      return html`<rect x="${place(at * width)}" y="${place(26 - height)}" width="${place(width - 0.8)}" height="${place(height)}"/>`
    },
  )}</svg>`
}

type Placed = (value: number) => number

function curve(points: readonly CurvePoint[], x: Placed, y: Placed): Html {
  return html`<path class="curve" d="${path(points.map(([a, b]) => [x(a), y(b)]))}"/>`
}

function area(points: readonly CurvePoint[], x: Placed, y: Placed): Html {
  const line = path(points.map(([a, b]) => [x(a), y(b)]))
  return html`<path class="area" d="${line}L${x(1)} ${y(0)}L${x(0)} ${y(0)}Z"/>`
}

function steps(
  shares: readonly number[],
  { from, to }: ScoreHistogram,
  side: string,
  x: Placed,
  y: Placed,
): Html {
  const width = (to - from) / shares.length
  const points = shares.flatMap((share, at): [number, number][] => [
    [x(from + at * width), y(share)],
    [x(from + (at + 1) * width), y(share)],
  ])
  return html`<path class="step ${side}" d="${path([[x(from), y(0)], ...points, [x(to), y(0)]])}Z"/>`
}

function note(text: string, where: 'high' | 'low' = 'low'): Html {
  const y = where === 'low' ? box.bottom - 12 : box.top + 16
  return html`<text class="note" x="${box.right - 10}" y="${y}" text-anchor="end">${text}</text>`
}

function estimateText(metric: MetricFact | undefined): string {
  if (!metric) return 'not recorded'
  const { estimate, lower, upper } = metric
  const range =
    lower === null || upper === null ? '' : ` (95 %: ${metricText(lower)} to ${metricText(upper)})`
  return `${metricText(estimate)}${range}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
