// Checks with a comparison sign, by what stands on the left: data (`missing(age) <= 1%`), model (`roc_auc >= champion - 0.005`),
// fairness (`gap(tpr) <= 0.10`) and readiness (`latency p99 <= 50ms`).
import { parseDuration } from '../../foundation/duration.ts'
import { isProportion, knownMetricNames, metricNamed } from '../metrics/binary-metrics.ts'
import type { ReadinessSubject } from '../readiness/readiness-statistics.ts'
import {
  type Comparison,
  type Piece,
  parseBytes,
  parseNumber,
  parseShare,
  problemAt,
  splitCall,
} from './check-line.ts'
import type { Against, CheckProblem, CheckProblems } from './check-spec.ts'
import { dataPart, nearestHint, type PartialCheck, writeName } from './parse-parts.ts'
import { parseColumns } from './parse-words.ts'

type Parsed = PartialCheck | CheckProblems

const columnRules = ['missing', 'nonfinite', 'min', 'max']
const wholeRules = ['rows', 'duplicates', 'columns']
const readinessNames = ['loads', 'size', 'rss', 'parity', 'errors']

export function parseComparisonCheck(comparison: Comparison): Parsed {
  const { left, right } = comparison
  if (right.text === '') return fail(left, 'nothing stands on the right of the comparison')
  const call = splitCall(left)
  if (call !== undefined) return parseCallCheck(call, comparison)
  if (wholeRules.includes(left.text)) return parseTableCheck(comparison)
  const quantile = /^latency\s+p(\d+(?:\.\d+)?)$/.exec(left.text)
  if (quantile !== null) return parseLatency(Number(quantile[1]) / 100, comparison)
  if (left.text === 'latency')
    return fail(left, 'latency needs a quantile', 'Write latency p99 <= 50ms.')
  if (readinessNames.includes(left.text)) return parseReadiness(left.text, comparison)
  return parseMetric(comparison)
}

function parseCallCheck(
  { name, argument }: { name: string; argument: Piece },
  comparison: Comparison,
): Parsed {
  const { left, op, right } = comparison
  if (name === 'gap') return parseGap(argument, comparison)
  if (name === 'unique') {
    return fail(left, 'unique is not compared with anything', `Write unique(${argument.text}).`)
  }
  if (!columnRules.includes(name)) {
    const hint = nearestHint(name, [...columnRules, 'gap', 'unique'], 'functions')
    return fail(left, `${name}(…) is not known`, hint)
  }
  if (argument.text === '') return fail(left, `${name} needs a column`, `Write ${name}(age).`)
  const column = argument.text
  const call = `${name}(${writeName(column)})`
  if (name === 'min' || name === 'max') {
    const value = parseNumber(right.text)
    const fits = name === 'min' ? op.startsWith('>') : op.startsWith('<')
    if (value === undefined) return fail(right, `"${right.text}" is not a number`)
    if (!fits) return fail(left, `${call} is bounded with ${name === 'min' ? '>=' : '<='}`)
    const part = dataPart(
      { rule: 'range', column, limits: [{ op, value }], mostly: 1 },
      `${call} ${op} ${value}`,
    )
    return { ...part, id: `data.${name}(${column})` }
  }
  const share = parseShare(right.text)
  if (share === undefined || share.value < 0 || share.value > 1) {
    return fail(
      right,
      `${call} is a share of rows, and "${right.text}" is none`,
      'Write 1% or 0.01.',
    )
  }
  const rule = name === 'missing' ? 'missing' : 'nonfinite'
  return dataPart(
    { rule, column, limit: { op, value: share.value } },
    `${call} ${op} ${share.value}`,
  )
}

function parseTableCheck({ left, op, right }: Comparison): Parsed {
  if (left.text === 'columns') {
    return op === '='
      ? parseColumns(right, true)
      : fail(left, 'columns are compared with =', 'Write columns = [a, b] or columns has [a, b].')
  }
  const share = parseShare(right.text)
  if (share === undefined || share.value < 0 || (left.text === 'rows' && share.isPercent)) {
    return fail(
      right,
      `"${right.text}" is not a number of rows`,
      `Write ${left.text} ${op} 50_000.`,
    )
  }
  const limit = { op, value: share.value }
  const text = `${left.text} ${op} ${share.isPercent ? writeShare(share.value) : share.value}`
  if (left.text === 'rows') return dataPart({ rule: 'rows', limits: [limit] }, text)
  return dataPart({ rule: 'duplicates', limit, unit: share.isPercent ? 'share' : 'rows' }, text)
}

function parseGap(argument: Piece, { left, op, right }: Comparison): Parsed {
  const metric = metricNamed(argument.text)
  if (metric === undefined) return unknownMetric(argument)
  if (!isProportion(metric)) {
    return fail(
      argument,
      `gap needs a rate, and ${argument.text} is none`,
      'Rates: tpr, fpr, tnr, fnr, precision, npv, accuracy, selection_rate.',
    )
  }
  if (op !== '<' && op !== '<=')
    return fail(left, 'a gap is bounded from above', 'Write gap(tpr) <= 0.10.')
  const limit = parseShare(right.text)?.value
  if (limit === undefined || limit < 0 || limit > 1) {
    return fail(right, `"${right.text}" is not a difference of rates`, 'Write 0.10 or 10%.')
  }
  const text = `gap(${argument.text}) ${op} ${limit}`
  return { kind: 'gap', id: `fairness.gap(${argument.text})`, text, metric, op, limit }
}

function parseMetric({ left, op, right }: Comparison): Parsed {
  const metric = metricNamed(left.text)
  if (metric === undefined) return unknownMetric(left)
  if (op === '=') return fail(left, 'a metric is never exactly a number', 'Write >= or <=.')
  const against = parseAgainst(right)
  if ('message' in against) return { problems: [against] }
  const scope =
    against.with === 'limit'
      ? ''
      : against.with === 'champion'
        ? '.champion'
        : `.baseline(${against.name})`
  return {
    kind: 'metric',
    id: `quality.${left.text}${scope}`,
    text: `${left.text} ${op} ${writeAgainst(against)}`,
    metric,
    op,
    against,
  }
}

function parseAgainst(right: Piece): Against | CheckProblem {
  const limit = parseShare(right.text)?.value
  if (limit !== undefined) return { with: 'limit', limit }
  const found = /^(champion|baseline\s*\(\s*([\w-]+)\s*\))(?:\s*([+-])\s*(\S+))?$/.exec(right.text)
  if (found === null) {
    const hint = 'Write a number, champion - 0.005, or baseline(prior) + 0.02.'
    return problemAt(right, `"${right.text}" is nothing to compare with`, hint)
  }
  const [, subject, name, sign, amount] = found
  const size = amount === undefined ? 0 : parseShare(amount)?.value
  if (size === undefined) return problemAt(right, `the margin "${amount}" is not a number`)
  const margin = sign === '-' ? -size : size
  return subject === 'champion' || name === undefined
    ? { with: 'champion', margin }
    : { with: 'baseline', name, margin }
}

function writeAgainst(against: Against): string {
  if (against.with === 'limit') return String(against.limit)
  const name = against.with === 'champion' ? 'champion' : `baseline(${against.name})`
  if (against.margin === 0) return name
  return `${name} ${against.margin < 0 ? '-' : '+'} ${Math.abs(against.margin)}`
}

function parseLatency(quantile: number, { left, op, right }: Comparison): Parsed {
  if (!(quantile > 0 && quantile < 1))
    return fail(left, `${left.text} is not a quantile`, 'Write p50, p95 or p99.')
  const limit = parseDuration(right.text)
  if (limit === undefined) return fail(right, `"${right.text}" is not a duration`, 'Write 50ms.')
  if (op !== '<' && op !== '<=') return fail(left, 'latency is bounded from above')
  const name = left.text.replace(/\s+/, '.')
  const text = `${left.text.replace(/\s+/, ' ')} ${op} ${limit}ms`
  return {
    kind: 'readiness',
    id: `readiness.${name}`,
    text,
    subject: { what: 'latency', quantile },
    op,
    limit,
  }
}

/** How the right side of each readiness check is read and written. */
const readinessUnits: Readonly<
  Record<string, { read: (text: string) => number | undefined; unit: string; example: string }>
> = {
  loads: { read: parseDuration, unit: 'ms', example: '10s' },
  size: { read: parseBytes, unit: 'B', example: '50MB' },
  rss: { read: parseBytes, unit: 'B', example: '1.5GB' },
  parity: { read: parseNumber, unit: '', example: '1e-5' },
  errors: { read: (text) => parseShare(text)?.value, unit: '', example: '0' },
}

function parseReadiness(name: string, { left, op, right }: Comparison): Parsed {
  const { read, unit, example } = readinessUnits[name] ?? {
    read: parseNumber,
    unit: '',
    example: '0',
  }
  const limit = read(right.text)
  if (limit === undefined || limit < 0) {
    return fail(right, `"${right.text}" does not fit ${name}`, `Write ${name} ${op} ${example}.`)
  }
  if (op.startsWith('>'))
    return fail(left, `${name} is bounded from above`, `Write ${name} <= ${example}.`)
  const isShare = name === 'errors' && right.text.endsWith('%')
  const subject = { what: isShare ? 'error_share' : name } as ReadinessSubject
  const text = `${name} ${op} ${isShare ? writeShare(limit) : `${limit}${unit}`}`
  return { kind: 'readiness', id: `readiness.${name}`, text, subject, op, limit }
}

function writeShare(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`
}

function unknownMetric(at: Piece): CheckProblems {
  const names = [...knownMetricNames, ...wholeRules, ...readinessNames]
  const hint = nearestHint(at.text, names, 'names')
  const column = `To bound a column write ${writeName(at.text)} between 0 and 90.`
  return fail(at, `"${at.text}" is not a metric`, `${hint} ${column}`)
}

function fail(at: Piece, message: string, hint?: string): CheckProblems {
  return { problems: [problemAt(at, message, hint)] }
}
