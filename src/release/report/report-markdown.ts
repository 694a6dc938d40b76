// A gate report as Markdown: short enough for a comment on a pull request, what did not hold first.
import {
  attemptsOf,
  checksWorstFirst,
  type GateReportRequest,
  type ReportedCheck,
  tally,
  titleOf,
} from './gate-report.ts'

const marks: Readonly<Record<string, string>> = {
  ...{
    pass: '✅',
    warn: '⚠️',
    waived: '⚠️',
    fail: '❌',
    error: '❌',
    insufficient: '❔',
    skipped: '➖',
  },
}

/** So many checks that need no action are listed one by one; beyond that they are counted. */
const mostQuiet = 60

export function markdownReport(request: GateReportRequest): string {
  const checks = checksWorstFirst(request.document)
  const isLoud = ({ verdict }: ReportedCheck) => verdict !== 'pass' && verdict !== 'skipped'
  const [loud, quiet] = [checks.filter(isLoud), checks.filter((check) => !isLoud(check))]
  const lines = [
    `### ${marks[request.document.verdict] ?? ''} ${cell(titleOf(request))}`,
    '',
    `**${tally(request.document)}.** ${cell(request.outcome)}`,
    '',
  ]
  if (loud.length > 0) lines.push('| Verdict | Check | Gate | Because |', '|---|---|---|---|')
  lines.push(
    ...loud.map(
      ({ verdict, written, gate, because, compat }) =>
        `| ${marks[verdict]} ${verdict} | ${code(written)} | ${cell(gate)} | ${cell(because)}${compat === undefined ? '' : `. ${cell(compat)}`} |`,
    ),
  )
  if (loud.length > 0) lines.push('')
  if (quiet.length > 0) lines.push(...quietPart(quiet))
  const asked = attemptsOf(request.document)
  if (asked !== undefined) lines.push(`${cell(asked)}.`, '')
  return `${lines.join('\n').trimEnd()}\n`
}

function quietPart(quiet: readonly ReportedCheck[]): string[] {
  const shown = quiet.slice(0, mostQuiet)
  const left = quiet.length - shown.length
  return [
    `<details><summary>${quiet.length} that need nothing</summary>`,
    '',
    ...shown.map(
      ({ verdict, written, because }) => `- ${marks[verdict]} ${code(written)} ${cell(because)}`,
    ),
    ...(left > 0 ? [`- and ${left} more`] : []),
    '',
    '</details>',
    '',
  ]
}

/** Safe in a table cell: no pipe, line end or tag of a check or a group's name gets through. */
function cell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll(/[\r\n]+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/([`*_[\]])/g, '\\$1')
}

function code(text: string): string {
  const plain = text.replaceAll(/[\r\n]+/g, ' ').replaceAll('|', '\\|')
  return plain.includes('`') ? cell(text) : `\`${plain}\``
}
