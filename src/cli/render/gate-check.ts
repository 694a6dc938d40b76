// One check with everything that is recorded about it: what was asked, what was found, and what the verdict follows from.
import type { CheckDetailView } from '../../api/contract/gate-routes.ts'
import { pageWidth } from './gates.ts'
import type { Paint } from './paint.ts'
import { columns, indent, table, wrapped } from './text.ts'
import { verdictWord } from './words.ts'

const mostGroups = 40
const mostStatistics = 60

export function checkDetail(check: CheckDetailView, paint: Paint, width = pageWidth): string[] {
  const { verdict, written, because, gate, id, run, replay, beside } = check
  return [
    `${verdictWord(verdict, paint)}  ${paint.strong(written.replaceAll(/\s+/g, ' '))}`,
    ...indent([because, ...beside].flatMap((one) => wrapped(one, width - 2))),
    ...waiverLines(check, width),
    '',
    ...columns([
      ['id', id],
      ['gate', gate],
      ['normal form', check.text.replaceAll(/\s+/g, ' ')],
      ...(check.line === null ? [] : [['line', `lockstep.yaml:${check.line}`]]),
      ['run', String(run)],
      ...numberRows(check),
      ['method', check.method],
      ...settingRows(check),
      ['replay', replay.agrees ? 'follows from its statistics' : `DIFFERS: ${replay.because}`],
    ]),
    ...groupLines(check),
    ...statisticLines(check, paint),
  ]
}

function waiverLines({ waiver }: CheckDetailView, width: number): string[] {
  if (waiver === null) return []
  const { by, until, of, because } = waiver
  return indent(wrapped(`waived by ${by} until ${until}, it was ${of}: ${because}`, width - 2))
}

function numberRows({ estimate, lower, upper, limit, n, neededRows }: CheckDetailView): string[][] {
  const bounds = lower === null && upper === null ? '' : ` (${shown(lower)} to ${shown(upper)})`
  return [
    ...(estimate === null ? [] : [['estimate', shown(estimate) + bounds]]),
    ...(limit === null ? [] : [['limit', shown(limit)]]),
    ...(n === null ? [] : [['rows', n.toLocaleString('en-US')]]),
    ...(neededRows === null
      ? []
      : [['would decide', `about ${neededRows.toLocaleString('en-US')} rows`]]),
  ]
}

function settingRows({ settings, spec }: CheckDetailView): string[][] {
  if (spec === null) return []
  const { confidence, power, minSupport, onInsufficient } = settings
  return [
    [
      'settings',
      `confidence ${confidence}, power ${power}, min_support ${minSupport}, on_insufficient ${onInsufficient}`,
    ],
  ]
}

function groupLines({ denominators }: CheckDetailView): string[] {
  const rows = denominators
    .slice(0, mostGroups)
    .map(({ name, n, estimate, lower, upper, verdict }) => [
      ...[name, n, estimate === null ? '-' : shown(estimate)],
      lower === null && upper === null ? '-' : `${shown(lower)} to ${shown(upper)}`,
      verdict ?? '-',
    ])
  const left = denominators.length - rows.length
  return [
    ...(rows.length === 0 ? [] : ['']),
    ...table(['group', 'n', 'estimate', 'interval', 'verdict'], rows),
    ...(left > 0 ? [`and ${left} more (--json)`] : []),
  ]
}

/** As it is recorded; what is long is cut, --json has all of it. */
function statisticLines({ statistics }: CheckDetailView, paint: Paint): string[] {
  const lines = flat('', statistics).map(([name, value]) => [name, paint.quiet(value)])
  const left = lines.length - mostStatistics
  return [
    '',
    'statistics',
    ...indent(columns(lines.slice(0, mostStatistics))),
    ...(left > 0 ? [`  and ${left} more (--json)`] : []),
  ]
}

function flat(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null)) {
    const items = value.slice(0, 8).map((one) => plain(one))
    return [
      [name, value.length > 8 ? `${items.join(', ')} … ${value.length} in all` : items.join(', ')],
    ]
  }
  if (typeof value !== 'object' || value === null) return [[name, plain(value)]]
  const at = Array.isArray(value)
    ? (key: string) => `${name}[${key}]`
    : (key: string) => (name === '' ? key : `${name}.${key}`)
  return Object.entries(value).flatMap(([key, inner]) => flat(at(key), inner))
}

function plain(value: unknown): string {
  const text = typeof value === 'number' ? shown(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function shown(value: number | null): string {
  if (value === null) return '?'
  return String(Number(value.toPrecision(6))).replace('-', '−')
}
