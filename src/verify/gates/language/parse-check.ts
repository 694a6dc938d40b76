// The check language: one line per check, options beside it. `parseCheck` is its only entrance; it never throws.
import type { CheckFamily, CheckLine, PartOf } from '../check-family.ts'
import type {
  CheckProblem,
  CheckProblems,
  CheckSpec,
  OnInsufficient,
  SharedOptions,
} from '../check-spec.ts'
import { familiesInOrder } from '../families.ts'
import { type Piece, piece, problemAt, splitCall, splitComparison } from './check-line.ts'
import { nearestHint, writeName } from './parse-parts.ts'
import { type CheckOptions, type OptionReader, optionReader } from './read-options.ts'

/** Parses one check; every problem carries its place inside `text`. */
export function parseCheck(text: string, options: CheckOptions = {}): CheckSpec | CheckProblems {
  const whole = piece(text, 0, text.length)
  if (whole.text === '') return { problems: [problemAt(whole, 'the check is empty')] }
  const comparison = splitComparison(text)
  if (comparison?.right.text === '') {
    const message = 'nothing stands on the right of the comparison'
    return { problems: [problemAt(comparison.left, message)] }
  }
  const line: CheckLine = { whole, comparison, call: splitCall(comparison?.left ?? whole) }
  const read = optionReader(options, whole)
  for (const family of familiesInOrder) {
    const part = family.parse(line, read)
    if (part === undefined) continue
    return 'problems' in part ? part : withShared({ family, part, options, read })
  }
  return { problems: [unknownLine(line)] }
}

const sharedNames = ['severity', 'confidence', 'min_support', 'on_insufficient'] as const

interface Parsed {
  readonly family: CheckFamily<CheckSpec>
  readonly part: PartOf<CheckSpec>
  readonly options: CheckOptions
  readonly read: OptionReader
}

function withShared({ family, part, options, read }: Parsed): CheckSpec | CheckProblems {
  const allowed = [...sharedNames, ...(family.warn ? ['warn'] : []), ...family.options]
  for (const name of Object.keys(options)) {
    if (!allowed.includes(name)) {
      const hint = nearestHint(name, allowed, 'options')
      read.complain(`${name} is not an option of this check`, hint)
    }
  }
  const shared: SharedOptions = {
    severity: read.word('severity', ['fail', 'warn']),
    warn: readWarn(family, part, options, read),
    confidence: read.number('confidence', (value) => value > 0.5 && value < 1, 'between 0.5 and 1'),
    minSupport: read.number('min_support', (value) => value >= 1, 'at least 1'),
    onInsufficient: read.has('on_insufficient')
      ? read.word<OnInsufficient>('on_insufficient', ['approve', 'block', 'warn'])
      : null,
  }
  refuseSoftening(family, options, read)
  if (read.problems.length > 0) return { problems: read.problems }
  return { ...part, ...shared } as CheckSpec
}

function readWarn(
  family: CheckFamily<CheckSpec>,
  part: PartOf<CheckSpec>,
  options: CheckOptions,
  read: OptionReader,
): number | null {
  const { warn } = options
  if (warn === undefined || family.warn === undefined) return null
  const own = family.warn.of(part)
  if (own === undefined || own.op === '=')
    return read.complain(
      'warn is a second, stricter limit, and this check has no limit with < or >',
      'Leave warn out.',
    )
  const limit = family.warn.read(String(warn), part)
  if (limit === undefined)
    return read.complain(`warn must be a limit like that of the line, got ${String(warn)}`)
  if (own.op.startsWith('<') ? limit < own.limit : limit > own.limit) return limit
  return read.complain(
    `warn: ${String(warn)} would never warn: it must be ${own.op.startsWith('<') ? 'less' : 'more'} than the limit of the line, ${own.limit}`,
    'Swap the two, or leave warn out.',
  )
}

/** Whoever could soften a scan to a warning could ship what it found. */
function refuseSoftening(
  { isIntegrity }: CheckFamily<CheckSpec>,
  options: CheckOptions,
  read: OptionReader,
): void {
  if (isIntegrity !== true) return
  for (const name of ['severity', 'on_insufficient'] as const) {
    if (options[name] !== 'warn') continue
    read.complain(
      `${name}: warn is not for a check of integrity, which holds or refuses the release`,
      `Leave ${name} out; what a scan may accept is named by allow.`,
    )
  }
}

/** No family knows the line: what it begins with was most likely meant to be one of their words. */
function unknownLine({ whole, comparison, call }: CheckLine): CheckProblem {
  if (comparison === undefined && call === undefined) {
    const forms = familiesInOrder.flatMap((family) => family.forms.slice(0, 2))
    const some = forms.map((form) => form.line).join(' · ')
    const hint = `Some forms: ${some}. All of them: docs/reference/checks.md.`
    return problemAt(whole, `"${whole.text}" is not a check`, hint)
  }
  const left = comparison?.left ?? whole
  const names = familiesInOrder.flatMap((family) => family.names)
  if (call !== undefined) {
    return problemAt(
      left,
      `${call.name}(…) is not known`,
      nearestHint(call.name, names, 'functions'),
    )
  }
  return unknownName(left, names)
}

function unknownName(at: Piece, names: readonly string[]): CheckProblem {
  const column = `To bound a column write ${writeName(at.text)} between 0 and 90.`
  const hint = `${nearestHint(at.text, names, 'names')} ${column}`
  return problemAt(at, `"${at.text}" is not a metric`, hint)
}
