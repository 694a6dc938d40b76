// Two releases side by side: only what differs, grouped by what a person would ask about.
import type {
  EstimateView,
  FileChangesView,
  MetricChangeView,
  ReleaseDiffView,
} from '../../api/contract/release-routes.ts'
import type { Paint } from './paint.ts'
import { columns, indent, plural, table } from './text.ts'
import { releaseName } from './words.ts'

export function diffReport(diff: ReleaseDiffView, paint: Paint): string[] {
  const title = `${paint.strong(releaseName(diff.before))} → ${paint.strong(releaseName(diff.after))}`
  if (diff.same) return [title, 'nothing differs: same code, data, model, parameters and gates']
  return [
    title,
    ...diff.parts.flatMap(({ part, sentences }) => [
      paint.strong(part),
      ...indent([...sentences]),
      ...(part === 'code' ? indent(codeLines(diff, paint)) : []),
      ...(part === 'environment' ? indent(packageLines(diff)) : []),
    ]),
    ...metricLines(diff, paint),
    `next: lockstep releases ${diff.after.number}`,
  ]
}

const mostFiles = 12

function codeLines({ commits, files }: ReleaseDiffView, paint: Paint): string[] {
  const range = commits
    ? [
        `${plural(commits.commits.length + commits.left, 'commit')}, ${plural(commits.filesChanged, 'file')} changed${commits.lost > 0 ? `; ${plural(commits.lost, 'commit')} of the first ${commits.lost === 1 ? 'is' : 'are'} not in the second` : ''}`,
        ...commits.commits.map(
          ({ id, subject, author }) =>
            `  ${paint.quiet(id.slice(0, 9))} ${subject} ${paint.quiet(author)}`,
        ),
        ...(commits.left > 0 ? [`  and ${commits.left} more`] : []),
      ]
    : []
  return [...range, ...(files ? fileLines(files, paint) : [])]
}

function fileLines({ added, removed, changed }: FileChangesView, paint: Paint): string[] {
  const marked = [
    ...changed.map((path) => `${paint.warn('~')} ${path}`),
    ...added.map((path) => `${paint.good('+')} ${path}`),
    ...removed.map((path) => `${paint.bad('-')} ${path}`),
  ]
  if (marked.length === 0) return []
  const left = marked.length - mostFiles
  return [
    'files that steps read:',
    ...indent(marked.slice(0, mostFiles)),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ]
}

function packageLines({ packages }: ReleaseDiffView): string[] {
  return columns(
    packages.map(({ runtime, name, before, after }) => [
      name,
      `${before ?? 'not there'} → ${after ?? 'gone'}`,
      runtime,
    ]),
  )
}

const marks: Readonly<
  Record<
    MetricChangeView['verdict'],
    readonly [text: string, tone: 'good' | 'bad' | 'warn' | 'quiet']
  >
> = {
  better: ['✓ better', 'good'],
  worse: ['✗ worse', 'bad'],
  changed: ['! changed', 'warn'],
  within_noise: ['· within noise', 'quiet'],
  equal: ['= equal', 'quiet'],
  unknown: ['? not tested', 'quiet'],
}

function metricLines({ metrics, comparison }: ReleaseDiffView, paint: Paint): string[] {
  if (metrics.length === 0) return [paint.strong('metrics'), ...indent([comparison])]
  return [
    paint.strong('metrics'),
    ...indent(
      table(
        ['metric', 'before', 'after', 'difference', 'verdict'],
        metrics.map((one) => {
          const [text, tone] = marks[one.verdict]
          return [
            one.words,
            estimateText(one.before),
            estimateText(one.after),
            one.difference === null ? '-' : differenceText(one.difference),
            paint[tone](text),
          ]
        }),
      ),
    ),
    ...indent([paint.quiet(comparison)]),
  ]
}

function estimateText({ estimate, lower, upper }: EstimateView): string {
  if (estimate === null) return '-'
  const range =
    lower === null || upper === null ? '' : ` [${lower.toFixed(4)}, ${upper.toFixed(4)}]`
  return `${estimate.toFixed(4)}${range}`
}

function differenceText({ estimate, lower, upper }: EstimateView): string {
  if (estimate === null || lower === null || upper === null) return '-'
  return `${signed(estimate)} [${signed(lower)}, ${signed(upper)}]`
}

function signed(value: number): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(4)}`
}
