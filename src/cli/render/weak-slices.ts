// Where a model is weak: slices that a search found, and which of them held on rows it had not seen.
import type { WeakSlicesView } from '../../api/contract/gate-routes.ts'
import { hanging, pageWidth } from './gates.ts'
import type { Paint } from './paint.ts'
import { indent, plural, table, visibleWidth, wrapped } from './text.ts'

export function weakSliceLines(view: WeakSlicesView, paint: Paint, width = pageWidth): string[] {
  const { run, metric, rows, overall, searched, searchRows, confirmRows, slices } = view
  const share = `${Number((view.falseDiscovery * 100).toPrecision(3))} %`
  const head = `${metric.words} of run ${run}: ${overall === null ? 'undefined' : shown(overall)} over ${count(rows)} rows`
  const how = `${plural(searched, 'slice')} looked at on ${count(searchRows)} rows; ${slices.length === 0 ? 'none is worse than the rest' : `${plural(slices.length, 'hypothesis').replace(/hypothesiss$/, 'hypotheses')} tested on the other ${count(confirmRows)}`}.`
  return [
    paint.strong(head),
    ...wrapped(how, width).map((line) => paint.quiet(line)),
    ...indent(sliceTable(view, paint, width - 2)),
    ...wrapped(reading(view, share), width),
    ...skippedLines(view, paint, width),
    ...next(view),
  ]
}

/** Names are long, so they stand last and go on below themselves. */
function sliceTable({ slices, metric }: WeakSlicesView, paint: Paint, width: number): string[] {
  const [head = '', ...lines] = table(
    ['found', 'n', metric.name, '95 % interval', 'outside', 'p'],
    slices.map(({ n, estimate, lower, upper, outside, adjusted, isConfirmed }) => [
      isConfirmed ? paint.bad('✗ weak') : paint.quiet('· open'),
      ...[n, shown(estimate), `${shown(lower)} to ${shown(upper)}`, shown(outside)],
      adjusted < 0.0001 ? '< 0.0001' : adjusted.toFixed(4),
    ]),
  )
  if (lines.length === 0) return []
  const wide = Math.max(...[head, ...lines].map(visibleWidth))
  const padded = (line: string) => `${line}${' '.repeat(wide - visibleWidth(line))}  `
  return [
    `${padded(head)}SLICE`,
    ...lines.flatMap((line, at) => hanging(padded(line), slices[at]?.name ?? '', width)),
  ]
}

function reading({ slices, minSupport }: WeakSlicesView, share: string): string {
  const confirmed = slices.filter(({ isConfirmed }) => isConfirmed).length
  if (slices.length === 0)
    return `No slice of at least ${minSupport} rows is worse than the rest; nothing was tested.`
  const told =
    confirmed === 0
      ? 'None of these hypotheses was confirmed on rows the search had not seen.'
      : `${confirmed} of ${slices.length} hypotheses ${confirmed === 1 ? 'was' : 'were'} confirmed on rows the search had not seen; at most ${share} of the confirmed are expected to be chance.`
  return `${told} Numbers are of those rows, p is after Benjamini and Hochberg. A search shows where to look, it decides no gate.`
}

function skippedLines({ skipped }: WeakSlicesView, paint: Paint, width: number): string[] {
  if (skipped.length === 0) return []
  const named = skipped.slice(0, 8).map(({ column, because }) => `${column} (${because})`)
  const more = skipped.length > named.length ? ` and ${skipped.length - named.length} more` : ''
  return wrapped(`not looked in: ${named.join(', ')}${more}`, width).map((line) =>
    paint.quiet(line),
  )
}

/** To be copied, so it is not wrapped. */
function next({ declaration, metric }: WeakSlicesView): string[] {
  if (declaration === null) return []
  const op = metric.better === 'higher' ? '>= champion - 0.03' : '<= champion + 0.03'
  return [
    'to have a gate watch them, put below evaluate: in lockstep.yaml',
    `  ${declaration}`,
    `and among the checks of a gate, with the limit that matters to you`,
    `  - {"${metric.name} ${op}": {each: slice, mode: detect_harm}}`,
  ]
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3))).replace('-', '−')
}
