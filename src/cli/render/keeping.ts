// Garbage collection, pins and lineage for people.
import type {
  GcView,
  HeapView,
  LineageNodeView,
  PinView,
  ServedView,
  TraceView,
  WhyKeptView,
} from '../../api/contract/keeping-routes.ts'
import { formatDuration } from '../../foundation/duration.ts'
import type { Paint } from './paint.ts'
import { indent, plural, table } from './text.ts'
import { dateAndTime } from './time.ts'

const keepers: Readonly<Record<keyof GcView['kept'], string>> = {
  environment: 'environments',
  pin: 'pins',
  release: 'releases',
  run: 'runs',
  action: 'results of steps',
}
const keeperOrder = ['environment', 'pin', 'release', 'run', 'action'] as const

export function gcReport(view: GcView, paint: Paint): string[] {
  const kept = keeperOrder.map((keeper) => {
    const { objects, bytes } = view.kept[keeper]
    return [keepers[keeper], objects, bytesText(bytes)]
  })
  const unneeded = view.unneeded.map(({ sort, objects, bytes, due }) => [
    ...[sort, objects, bytesText(bytes), due.objects, bytesText(due.bytes)],
  ])
  const left = view.leftovers.map(({ sort, objects, bytes }) => [sort, objects, bytesText(bytes)])
  return [
    `${plural(view.total.objects, 'object')}, ${bytesText(view.total.bytes)}`,
    ...indent(table(['kept by', 'objects', 'size'], kept)),
    ...section(
      'needed by nothing',
      table(['what it was', 'objects', 'size', 'due', 'due size'], unneeded),
    ),
    ...section('left behind', table(['what', 'count', 'size'], left)),
    ...view.missing
      .slice(0, 5)
      .map(({ says, digest }) => paint.warn(`! ${says} is not in the store (${digest})`)),
    outcome(view, paint),
  ]
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...indent(lines)]
}

function outcome(view: GcView, paint: Paint): string {
  const { removed, nextAt, waitMs } = view
  if (removed) {
    const spared = removed.spared > 0 ? `; ${removed.spared} came back into use and stayed` : ''
    const results = removed.results > 0 ? ` and ${plural(removed.results, 'result')} of steps` : ''
    const left = sum(view.leftovers)
    const beside =
      left.objects > 0 ? `, and ${left.objects} left behind (${bytesText(left.bytes)})` : ''
    return paint.good(
      `✓ removed ${plural(removed.objects, 'object')} (${bytesText(removed.bytes)})${results}${beside}${spared}`,
    )
  }
  const due = sum(view.unneeded.map((one) => one.due))
  const left = sum(view.leftovers)
  if (due.objects + left.objects > 0) {
    const beside = left.objects > 0 ? ` and ${left.objects} left behind` : ''
    return `would remove ${plural(due.objects, 'object')}${beside} (${bytesText(due.bytes + left.bytes)}); next: lockstep gc --apply`
  }
  if (nextAt !== null) {
    return `nothing is due: what nothing needs waits ${formatDuration(waitMs)}, the first until ${dateAndTime(nextAt)}`
  }
  return 'nothing to remove'
}

function sum(heaps: readonly HeapView[]): HeapView {
  return heaps.reduce(
    (all, one) => ({ objects: all.objects + one.objects, bytes: all.bytes + one.bytes }),
    { objects: 0, bytes: 0 },
  )
}

export function whyKeptReport(
  { digest, kept, stored, chain }: WhyKeptView,
  paint: Paint,
): string[] {
  const mark = kept ? paint.good('✓ kept') : paint.warn('! not kept')
  return [
    `${mark}  ${paint.quiet(digest)}`,
    ...indent(chain.map((sentence, index) => (index === 0 ? sentence : `→ ${sentence}`))),
    ...(kept && !stored ? [paint.bad('✗ but it is not in the content store')] : []),
  ]
}

export function pinTable(pins: readonly PinView[]): string[] {
  const rows = pins.map(({ digest, name, because, actor, pinnedAt }) => [
    ...[name ?? digest.slice(0, 19), because, actor, dateAndTime(pinnedAt)],
  ])
  return table(['pinned', 'because', 'by', 'at'], rows)
}

export function traceReport(view: TraceView, paint: Paint): string[] {
  const { subject, facts, up, down, served } = view
  return [
    paint.strong(subject.title) + (facts.length > 0 ? paint.quiet(`  ${facts.join('; ')}`) : ''),
    ...(up ? ['made from', ...orNothing(tree(up, paint))] : []),
    ...(down ? ['made into', ...orNothing(tree(down, paint))] : []),
    ...(served.length > 0 ? ['served', ...indent(servedTable(served))] : []),
  ]
}

function servedTable(served: readonly ServedView[]): string[] {
  const rows = served.map((one) => [
    ...[one.environment, `release ${one.release} (${one.alias})`, one.outcome],
    ...[dateAndTime(one.from), one.until === null ? 'now' : dateAndTime(one.until)],
  ])
  return table(['environment', 'release', 'outcome', 'from', 'until'], rows)
}

function tree(nodes: readonly LineageNodeView[], paint: Paint): string[] {
  return nodes.flatMap((node, index) => {
    const isLast = index === nodes.length - 1
    const facts = node.facts.length > 0 ? paint.quiet(`  ${node.facts.join('; ')}`) : ''
    const again = node.again ? paint.quiet('  (see above)') : ''
    return [
      `${isLast ? '└─' : '├─'} ${paint.quiet(node.by)} ${node.title}${again || facts}`,
      ...tree(node.next, paint).map((line) => `${isLast ? '   ' : '│  '}${line}`),
    ]
  })
}

function orNothing(lines: readonly string[]): string[] {
  return indent(lines.length === 0 ? ['nothing that is recorded'] : lines)
}

function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const unit = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`
}
