// Readiness checks from text: words (`deterministic`), comparisons (`rss < 1.5GB`) and latency against the champion.
import { parseDuration } from '../../../foundation/duration.ts'
import type { ReadinessSubject } from '../../readiness/readiness-statistics.ts'
import type { Op } from '../../statistics/verdict.ts'
import type { CheckLine, PartOf } from '../check-family.ts'
import type { CheckProblems, ReadinessCheckSpec } from '../check-spec.ts'
import { type Comparison, parseBytes, parseNumber, parseShare } from './check-line.ts'
import { fail, writeShare } from './parse-parts.ts'
import type { OptionReader } from './read-options.ts'

type Part = PartOf<ReadinessCheckSpec>
type Bare = Omit<Part, 'kind' | 'ratePerSecond' | 'durationMs' | 'starts' | 'tolerance'>

export function parseReadiness(
  { whole, comparison, call }: CheckLine,
  read: OptionReader,
): Part | CheckProblems | undefined {
  const bare =
    comparison === undefined ? parseWords(whole.text, read) : parseCompared(comparison, call, read)
  if (bare === undefined || 'problems' in bare) return bare
  const tolerance = read.number('tolerance', (value) => value >= 0, 'a number from 0 up')
  const ratePerSecond = read.rate('rate')
  const durationMs = read.duration('duration')
  refuseEndless(read, ratePerSecond, durationMs)
  return {
    kind: 'readiness',
    ...(bare.subject.what === 'deterministic' ? { ...bare, limit: tolerance ?? bare.limit } : bare),
    ratePerSecond,
    durationMs,
    starts: read.number(
      'starts',
      (value) => value >= 1 && value <= mostStarts && Number.isInteger(value),
      `a count up to ${mostStarts}`,
    ),
    tolerance,
  }
}

const mostStarts = 1000
const longestMs = 3_600_000
/** Each is kept until all are answered. */
const mostRequests = 2_000_000

function refuseEndless(read: OptionReader, rate: number | null, durationMs: number | null): void {
  if (durationMs !== null && (durationMs <= 0 || durationMs > longestMs))
    read.complain('duration must be longer than nothing and at most 1h')
  else if (((rate ?? 1) * (durationMs ?? 1000)) / 1000 > mostRequests)
    read.complain(
      `rate and duration make more than ${mostRequests} requests`,
      'Write a lower rate or a shorter duration.',
    )
}

/** A limit of the same kind as that of the check. */
export function readLimit({ what }: ReadinessSubject, text: string): number | undefined {
  return unitOf(what).read(text)
}

const plainWords: Readonly<
  Record<string, 'signature' | 'compatible' | 'bad_input' | 'owner' | 'runbook'>
> = {
  'signature honoured': 'signature',
  'compatible_with champion': 'compatible',
  'bad_input refused': 'bad_input',
  'owner named': 'owner',
  'runbook exists': 'runbook',
}

function parseWords(line: string, read: OptionReader): Bare | undefined {
  const text = line
    .replace(/\s+/g, ' ')
    .replace(/^signature honored$/, 'signature honoured')
    .replace(/^(compatible|bad) (with|input) /, '$1_$2 ')
  if (Object.hasOwn(plainWords, text)) {
    const what = plainWords[text]
    return what && { ...exactly({ what }), text, id: `readiness.${what}` }
  }
  if (text === 'deterministic') {
    const subject = { what: 'deterministic' } as const
    return { id: 'readiness.deterministic', text, subject, op: '<=', limit: defaultTolerance }
  }
  if (text === 'golden requests') {
    const file = read.text('file') ?? 'golden.json'
    const id = file === 'golden.json' ? 'readiness.golden' : `readiness.golden(${file})`
    return { ...exactly({ what: 'golden', file }), text, id }
  }
  return parsePlaces(text, read)
}

/** Float32 has seven digits: what differs less is the order of an addition. */
const defaultTolerance = 1e-6

function parsePlaces(text: string, read: OptionReader): Bare | undefined {
  const watched = /^monitored(?: in ([\w-]+))?$/.exec(text)
  if (watched !== null) {
    const environment = watched[1] ?? null
    const id = environment === null ? 'readiness.monitored' : `readiness.monitored.${environment}`
    return { ...exactly({ what: 'monitored', environment }), text, id }
  }
  const rehearsed = /^rollback rehearsed in ([\w-]+)$/.exec(text)
  if (rehearsed === null) return undefined
  const [, environment = ''] = rehearsed
  const withinMs = read.duration('within')
  const subject = { what: 'rehearsed', environment, withinMs } as const
  return { ...exactly(subject), text, id: `readiness.rehearsed.${environment}` }
}

function exactly(subject: ReadinessSubject): Pick<Bare, 'subject' | 'op' | 'limit'> {
  return { subject, op: '=', limit: 0 }
}

function parseCompared(
  comparison: Comparison,
  call: CheckLine['call'],
  read: OptionReader,
): Bare | CheckProblems | undefined {
  const { left } = comparison
  if (call !== undefined)
    return call.name === 'parity' ? parseParity(call.argument.text, comparison) : undefined
  const [word = '', quantile] = left.text.split(/\s+/)
  if (word === 'latency' || word === 'cold_start') return parseQuantile(word, quantile, comparison)
  if (left.text === 'throughput') return parseThroughput(comparison, read)
  return Object.hasOwn(units, left.text) ? parseMeasured(left.text, comparison) : undefined
}

function parseQuantile(
  word: 'latency' | 'cold_start',
  written: string | undefined,
  comparison: Comparison,
): Bare | CheckProblems {
  const { left, op, right } = comparison
  const example = word === 'latency' ? 'latency p99 <= 50ms' : 'cold_start < 3s'
  if (written === undefined && word === 'latency')
    return fail(left, 'latency needs a quantile', `Write ${example}.`)
  const quantile = Number(/^p(\d+(?:\.\d+)?)$/.exec(written ?? 'p50')?.[1]) / 100
  if (!(quantile > 0 && quantile < 1))
    return fail(left, `${left.text} is not a quantile`, 'Write p50, p95 or p99.')
  if (!isUpper(op)) return fail(left, `${word} is bounded from above`, `Write ${example}.`)
  const name = written === undefined ? word : `${word} ${written}`
  const id = `readiness.${name.replace(' ', '.')}`
  const times = /^(?:(\S+)\s*\*\s*)?champion$/.exec(right.text)
  if (times !== null && word === 'latency') {
    const limit = times[1] === undefined ? 1 : parseNumber(times[1])
    if (limit === undefined || limit <= 0)
      return fail(right, `"${times[1]}" is not a factor`, 'Write 1.2 * champion.')
    const text = `${name} ${op} ${limit} * champion`
    return { id: `${id}.champion`, text, subject: { what: 'latency_ratio', quantile }, op, limit }
  }
  const limit = parseDuration(right.text)
  if (limit === undefined)
    return fail(right, `"${right.text}" is not a duration`, `Write ${example}.`)
  return { id, text: `${name} ${op} ${limit}ms`, subject: { what: word, quantile }, op, limit }
}

function parseThroughput(
  { left, op, right }: Comparison,
  read: OptionReader,
): Bare | CheckProblems {
  const limit = parsePerSecond(right.text)
  if (limit === undefined)
    return fail(right, `"${right.text}" is not a rate`, 'Write throughput >= 500/s.')
  if (op !== '>' && op !== '>=')
    return fail(left, 'throughput is bounded from below', 'Write throughput >= 500/s.')
  const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= 1024
  const concurrency = read.number('concurrency', isCount, 'a count up to 1024') ?? 16
  const id = `readiness.throughput${read.has('concurrency') ? `.${concurrency}` : ''}`
  const text = `throughput ${op} ${limit}/s`
  return { id, text, subject: { what: 'throughput', concurrency }, op, limit }
}

function parseParity(argument: string, comparison: Comparison): Bare | CheckProblems {
  const { left, op, right } = comparison
  const sides = argument.split(',').map((side) => side.trim())
  const training = sides.includes('training')
  const known = sides.every((side) => ['batch', 'online', 'training'].includes(side))
  if (!known || (training ? sides.length > 2 : sides.length !== 2))
    return fail(
      left,
      `parity(${argument}) compares nothing`,
      'Write parity(batch, online) <= 1e-5 or parity(training) <= 1e-5.',
    )
  const limit = parseNumber(right.text)
  if (limit === undefined || limit < 0)
    return fail(right, `"${right.text}" is not a difference`, 'Write 1e-5.')
  if (!isUpper(op))
    return fail(left, 'parity is bounded from above', 'Write parity(training) <= 1e-5.')
  return parityPart(training ? 'training' : 'online', op, limit)
}

function parityPart(side: 'online' | 'training', op: Op, limit: number): Bare {
  const written = side === 'training' ? 'parity(training)' : 'parity(batch, online)'
  return {
    id: side === 'training' ? 'readiness.parity(training)' : 'readiness.parity',
    text: `${written} ${op} ${limit}`,
    subject: { what: 'parity', with: side },
    op,
    limit,
  }
}

interface Unit {
  readonly read: (text: string) => number | undefined
  readonly unit: string
  readonly example: string
}

/** How the right side of what is simply measured is read and written. */
const units: Readonly<Record<string, Unit>> = {
  loads: { read: parseDuration, unit: 'ms', example: '10s' },
  size: { read: parseBytes, unit: 'B', example: '50MB' },
  rss: { read: parseBytes, unit: 'B', example: '1.5GB' },
  memory_growth: { read: parseBytes, unit: 'B', example: '20MB' },
  parity: { read: parseNumber, unit: '', example: '1e-5' },
  errors: { read: (text) => parseShare(text)?.value, unit: '', example: '0' },
}

function unitOf(what: ReadinessSubject['what']): Unit {
  if (what === 'latency' || what === 'cold_start')
    return { read: parseDuration, unit: 'ms', example: '50ms' }
  if (what === 'latency_ratio')
    return { read: factorOf, unit: ' * champion', example: '1.2 * champion' }
  if (what === 'throughput') return { read: parsePerSecond, unit: '/s', example: '500/s' }
  const name = what === 'growth' ? 'memory_growth' : what
  return units[name] ?? { read: (text) => parseShare(text)?.value, unit: '', example: '0' }
}

function parseMeasured(name: string, { left, op, right }: Comparison): Bare | CheckProblems {
  const { read, unit, example } = units[name] ?? { read: parseNumber, unit: '', example: '0' }
  const limit = read(right.text)
  if (limit === undefined || limit < 0)
    return fail(right, `"${right.text}" does not fit ${name}`, `Write ${name} ${op} ${example}.`)
  if (op.startsWith('>'))
    return fail(left, `${name} is bounded from above`, `Write ${name} <= ${example}.`)
  if (name === 'parity') return parityPart('online', op, limit)
  const isShare = name === 'errors' && right.text.endsWith('%')
  const text = `${name} ${op} ${isShare ? writeShare(limit) : `${limit}${unit}`}`
  return { id: `readiness.${name}`, text, subject: subjectOf(name, isShare), op, limit }
}

function subjectOf(name: string, isShare: boolean): ReadinessSubject {
  if (isShare) return { what: 'error_share' }
  if (name === 'memory_growth') return { what: 'growth' }
  if (name === 'loads' || name === 'size' || name === 'rss') return { what: name }
  return { what: 'errors' }
}

function isUpper(op: Op): boolean {
  return op === '<' || op === '<='
}

function parsePerSecond(text: string): number | undefined {
  const rate = parseNumber(text.replace(/\s*\/\s*s$/, ''))
  return rate !== undefined && rate > 0 ? rate : undefined
}

function factorOf(text: string): number | undefined {
  return parseNumber(text.replace(/\s*\*\s*champion$/, ''))
}
