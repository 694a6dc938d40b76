// One check as a picture in a table cell: its interval, its estimate, and the limit between good and bad.

import type { CheckResult, Denominator } from '../../verify/gates/check-result.ts'
import { type Html, html } from '../card/html.ts'
import { shortNumber } from '../card/numbers.ts'
import { niceTicks, place } from '../card/plot-frame.ts'

const width = 210
const inset = 6

/** Nothing for a check without a number and a limit. */
export function boundsPlot(check: CheckResult): Html | string {
  const { estimate, limit, lower, upper } = check
  if (!isNumber(estimate) || !isNumber(limit)) return ''
  const low = isNumber(lower) ? lower : estimate
  const high = isNumber(upper) ? upper : estimate
  const [from, to] = padded(Math.min(low, limit), Math.max(high, limit))
  const x = (value: number) => place(inset + ((value - from) / (to - from)) * (width - 2 * inset))
  const told = `${shortNumber(estimate)}, from ${shortNumber(low)} to ${shortNumber(high)}, limit ${shortNumber(limit)}`
  return html`<svg class="bounds" viewBox="0 0 ${width} 34" role="img" aria-label="${told}">
<line class="axis" x1="${inset}" x2="${width - inset}" y1="13" y2="13"/>
<line class="limit" x1="${x(limit)}" x2="${x(limit)}" y1="2" y2="24"/>
<line class="whisker" x1="${x(low)}" x2="${x(high)}" y1="13" y2="13"/>
<circle class="bubble" cx="${x(estimate)}" cy="13" r="4"/>
<text x="${x(limit)}" y="33" text-anchor="${anchorOf((limit - from) / (to - from))}">${shortNumber(limit)}</text>
</svg>`
}

/** Groups or slices of one check below each other, with the limit through all of them. */
export function forestPlot(check: CheckResult, id: string): Html | undefined {
  const rows = (check.denominators ?? []).filter((one): one is Denominator & { estimate: number } =>
    isNumber(one.estimate),
  )
  if (rows.length < 2) return undefined
  const shown = rows.slice(0, mostRows)
  const isLevel = check.spec?.kind === 'metric' && check.spec.against.with === 'limit'
  const limit = isLevel && isNumber(check.limit) ? check.limit : undefined
  const ends = shown.flatMap(({ estimate, lower, upper }) => [lower ?? estimate, upper ?? estimate])
  const [from, to] = padded(Math.min(...ends, limit ?? ends[0] ?? 0), Math.max(...ends, limit ?? 0))
  const x = (value: number) => place(104 + ((value - from) / (to - from)) * 184)
  const height = shown.length * 24 + 34
  const left = rows.length - shown.length
  return html`<figure>
<figcaption>${check.written}</figcaption>
<svg viewBox="0 0 300 ${height}" role="img" aria-labelledby="${id}-t">
<title id="${id}-t">${shown.map(({ name, estimate, n }) => `${name}: ${shortNumber(estimate)} of ${n}`).join('; ')}</title>
${limit !== undefined && html`<line class="limit" x1="${x(limit)}" x2="${x(limit)}" y1="2" y2="${height - 26}"/>`}
${shown.map((row, at) => forestRow(row, 14 + at * 24, x))}
<line class="axis" x1="104" x2="288" y1="${height - 24}" y2="${height - 24}"/>
${niceTicks(from, to, 4).map((tick) => html`<text class="tick" x="${x(tick)}" y="${height - 8}" text-anchor="middle">${shortNumber(tick)}</text>`)}
</svg>
${left > 0 && html`<p class="legend">${left} more are listed in the JSON report.</p>`}
</figure>`
}

const mostRows = 30

function forestRow(
  row: Denominator & { estimate: number },
  y: number,
  x: (value: number) => string,
) {
  const { name, estimate, lower, upper } = row
  const label = name.length > 13 ? `${name.slice(0, 6)}…${name.slice(-6)}` : name
  return html`<text class="group" x="96" y="${y}" dy="0.32em" text-anchor="end">${label}</text>${
    isNumber(lower) &&
    isNumber(upper) &&
    html`<line class="whisker" x1="${x(lower)}" x2="${x(upper)}" y1="${y}" y2="${y}"/>`
  }<circle class="bubble" cx="${x(estimate)}" cy="${y}" r="4"/>`
}

function padded(low: number, high: number): readonly [number, number] {
  const span = high - low || Math.abs(high) || 1
  return [low - span * 0.12, high + span * 0.12]
}

function anchorOf(share: number): 'start' | 'middle' | 'end' {
  return share < 0.15 ? 'start' : share > 0.85 ? 'end' : 'middle'
}

function isNumber(value: number | undefined | null): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
