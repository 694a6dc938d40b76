// The frame of every plot: a figure with a caption, an SVG of fixed units that scales with the page, axes with a few ticks.
import { type Html, html } from './html.ts'

export interface Scale {
  /** A value as a place in the drawing. */
  at(value: number): number
  readonly ticks: readonly number[]
}

export interface FrameRequest {
  /** Unique on the page. */
  readonly id: string
  readonly title: string
  /** What a person who does not see the plot must know. */
  readonly description: string
  readonly x: {
    readonly label: string
    readonly scale: Scale
    readonly text?: (value: number) => string
  }
  readonly y: {
    readonly label: string
    readonly scale: Scale
    readonly text?: (value: number) => string
  }
  readonly body: readonly Html[]
  readonly legend?: readonly { readonly mark: string; readonly text: string }[]
}

export const size = { width: 400, height: 300 } as const
export const box = { left: 54, right: 388, top: 12, bottom: 258 } as const

export function xScale(low: number, high: number, ticks = niceTicks(low, high, 5)): Scale {
  const span = high - low || 1
  return { at: (value) => box.left + ((value - low) / span) * (box.right - box.left), ticks }
}

export function yScale(low: number, high: number, ticks = niceTicks(low, high, 5)): Scale {
  const span = high - low || 1
  return { at: (value) => box.bottom - ((value - low) / span) * (box.bottom - box.top), ticks }
}

export function frame(request: FrameRequest): Html {
  const { id, title, description, x, y, body, legend = [] } = request
  return html`<figure>
<figcaption>${title}</figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${y.scale.ticks.map((tick) => yTick(tick, y))}
${x.scale.ticks.map((tick) => xTick(tick, x))}
<line class="axis" x1="${box.left}" x2="${box.right}" y1="${box.bottom}" y2="${box.bottom}"/>
<text class="label" x="${(box.left + box.right) / 2}" y="${size.height - 6}" text-anchor="middle">${x.label}</text>
<text class="label" transform="translate(11 ${(box.top + box.bottom) / 2}) rotate(-90)" text-anchor="middle">${y.label}</text>
${body}
</svg>
${legend.length > 0 && html`<p class="legend">${legend.map(({ mark, text }) => html`<span><i class="key ${mark}"></i>${text}</span>`)}</p>`}
</figure>`
}

/** Coordinates with one decimal: a tenth of a unit is below what a screen shows. */
export function place(value: number): string {
  return String(Math.round(value * 10) / 10)
}

export function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${place(x)} ${place(y)}`).join('')
}

export function niceTicks(low: number, high: number, about: number): number[] {
  const span = high - low
  if (!(span > 0) || !Number.isFinite(span)) return [low]
  const rough = span / about
  const power = 10 ** Math.floor(Math.log10(rough))
  const step =
    [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999) ?? span
  const first = Math.ceil(low / step - 1e-9)
  const ticks: number[] = []
  for (let at = first; at * step <= high + step * 1e-9; at++)
    ticks.push(Number((at * step).toPrecision(12)))
  return ticks
}

type Axis = FrameRequest['x']

function xTick(tick: number, { scale, text = tickText }: Axis): Html {
  const x = place(scale.at(tick))
  return html`<text class="tick" x="${x}" y="${box.bottom + 16}" text-anchor="middle">${text(tick)}</text>`
}

function yTick(tick: number, { scale, text = tickText }: Axis): Html {
  const y = place(scale.at(tick))
  return html`<line class="grid" x1="${box.left}" x2="${box.right}" y1="${y}" y2="${y}"/><text class="tick" x="${box.left - 6}" y="${y}" dy="0.32em" text-anchor="end">${text(tick)}</text>`
}

export function tickText(value: number): string {
  const sized =
    Math.abs(value) >= 10_000 ? `${Number((value / 1000).toPrecision(3))}k` : String(value)
  return sized.replace('-', '−')
}
