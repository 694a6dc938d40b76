// Gates in a terminal: what failed first, one line a person can act on each, then what is not known yet, then counts.
import type { GateChecksView, JudgedCheckView } from '../../api/contract/gate-routes.ts'
import type { CheckView, GateView } from '../../api/contract/views.ts'
import type { Paint } from './paint.ts'
import { indent, plural, visibleWidth, wrapped } from './text.ts'
import { releaseName, verdictsWorstFirst, verdictWord } from './words.ts'

type Verdict = CheckView['verdict']

/** What nobody has to act on is counted. */
const quiet: readonly Verdict[] = ['pass', 'skipped']

/** What most terminals and logs show without breaking a line. */
export const pageWidth = 100
/** More gates than this that all passed are one line. */
const mostPassed = 6

/** Gates that did not pass first, each with what did not; a gate that passed is one line. */
export function gateLines(gates: readonly GateView[], paint: Paint, width = pageWidth): string[] {
  const ranked = byRank(gates)
  const passed = ranked.filter((gate) => gate.verdict === 'pass')
  const told = passed.length > mostPassed ? ranked.filter((one) => one.verdict !== 'pass') : ranked
  const checks = passed.reduce((sum, gate) => sum + gate.checks.length, 0)
  return [
    ...told.flatMap((gate) => oneGate(gate, paint, width)),
    ...(told.length < ranked.length
      ? [
          `${verdictWord('pass', paint)}  ${passed.length} gates  ${paint.quiet(plural(checks, 'check'))}`,
        ]
      : []),
  ]
}

function oneGate({ name, verdict, checks }: GateView, paint: Paint, width: number): string[] {
  const head = `${verdictWord(verdict, paint)}  gate ${paint.strong(name)}`
  if (verdict === 'pass') {
    const skipped = checks.filter((check) => check.verdict === 'skipped').length
    const aside = skipped === 0 ? '' : `, ${skipped} skipped`
    return [`${head}  ${paint.quiet(plural(checks.length, 'check') + aside)}`]
  }
  const loud = byRank(checks).filter((check) => !quiet.includes(check.verdict))
  return [
    head,
    ...indent(
      [
        ...loud.flatMap((check) => [
          `${verdictWord(check.verdict, paint)}  ${check.text}${placeOf(check, paint)}`,
          ...becauseLines(check.because, width - 4),
        ]),
        ...countLines(checks, paint),
      ],
      '    ',
    ),
  ]
}

/** An error is mostly one of the line itself. */
function placeOf({ verdict, line }: CheckView, paint: Paint): string {
  return verdict === 'error' && line ? `  ${paint.quiet(`lockstep.yaml:${line}`)}` : ''
}

function becauseLines(because: string, width: number): string[] {
  return because === '' ? [] : indent(wrapped(`because ${because}`, width - 2))
}

function countLines(checks: readonly { readonly verdict: Verdict }[], paint: Paint): string[] {
  return quiet.flatMap((verdict) => {
    const count = checks.filter((check) => check.verdict === verdict).length
    return count === 0
      ? []
      : [paint.quiet(`${verdictWord(verdict, paint)}  ${plural(count, 'check')}`)]
  })
}

function byRank<T extends { readonly verdict: Verdict }>(list: readonly T[]): readonly T[] {
  return [...list].sort(
    (a, b) => verdictsWorstFirst.indexOf(a.verdict) - verdictsWorstFirst.indexOf(b.verdict),
  )
}

/** The report of a run: what to act on with its reason and, where more rows would decide it, how many; then counts. */
export function checksReport(view: GateChecksView, paint: Paint, width = pageWidth): string[] {
  const { run, release, verdict, outcome, attempts, checks } = view
  const loud = byRank(checks).filter((check) => !quiet.includes(check.verdict))
  return [
    `${paint.strong(`gates of run ${run}`)}${release ? `, ${releaseName(release)}` : ''}  ${verdictWord(verdict, paint)}`,
    ...wrapped(outcome, width).map((line) => paint.quiet(line)),
    ...loud.flatMap((check) => loudLines(check, paint, width)),
    ...countLines(checks, paint),
    ...(checks.length === 0 ? ['no checks were asked'] : []),
    ...(attempts === null ? [] : wrapped(`${attempts}.`, width)),
    ...nextLines(loud, run),
  ]
}

function loudLines(check: JudgedCheckView, paint: Paint, width: number): string[] {
  const { verdict, written, gate, because, waiver, line, neededRows } = check
  const place = line === null ? gate : `${gate}, lockstep.yaml:${line}`
  const decides =
    neededRows === null || because.includes('would decide')
      ? []
      : [`about ${neededRows.toLocaleString('en-US')} rows would decide it`]
  const sentences = [
    because,
    ...decides,
    ...(waiver === null
      ? []
      : [`waived by ${waiver.by} until ${waiver.until}: ${waiver.because} (was ${waiver.of})`]),
    ...check.beside,
  ]
  return [
    ...hanging(`${verdictWord(verdict, paint)}  `, oneLine(written), width),
    ...indent(
      sentences.flatMap((sentence) => wrapped(sentence, width - 4)),
      '    ',
    ),
    `    ${paint.quiet(place)}`,
  ]
}

/** A long text goes on below itself. */
export function hanging(head: string, text: string, width: number): string[] {
  const room = width - visibleWidth(head)
  const [first = '', ...rest] = wrapped(text, Math.max(20, room))
  return [head + first, ...indent(rest, ' '.repeat(visibleWidth(head)))]
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}

function nextLines([first]: readonly JudgedCheckView[], run: number): string[] {
  return first === undefined ? [] : [showCommand(first.id, run)]
}

/** The check a person should look at first; undefined when none needs a look. */
export function worstCheck(gates: readonly GateView[]): CheckView | undefined {
  return byRank(gates.flatMap((gate) => gate.checks)).find((one) => !quiet.includes(one.verdict))
}

/** Ids hold parentheses, which a shell would read. */
export function showCommand(id: string, run: number): string {
  const word = /^[\w.@-]+$/.test(id) ? id : `'${id.replaceAll("'", "'\\''")}'`
  return `next: lockstep gate show ${word} ${run}`
}
