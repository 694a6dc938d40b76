// Checks of two datasets: `overlap(train, holdout, by=key) = 0`, `time(train) < time(holdout)`, `balance(train, holdout) <= 5%`.
import type {
  BetweenCheck,
  BetweenStatistics,
  OverlapBy,
} from '../../data/overlap/overlap-check.ts'
import { betweenMethods } from '../../data/overlap/overlap-check.ts'
import { judgeBetween } from '../../data/overlap/overlap-judge.ts'
import type { CheckFamily, PartOf } from '../check-family.ts'
import { type CheckStatistics, mismatched } from '../check-result.ts'
import type { BetweenCheckSpec, CheckProblems } from '../check-spec.ts'
import {
  type Comparison,
  type Piece,
  parseNumber,
  parseShare,
  splitCall,
  unquote,
} from '../language/check-line.ts'
import { fail, writeName, writeShare } from '../language/parse-parts.ts'
import type { OptionReader } from '../language/read-options.ts'

type Parsed = PartOf<BetweenCheckSpec> | CheckProblems

const calls = ['overlap', 'time', 'new_labels', 'balance'] as const

export const betweenFamily: CheckFamily<BetweenCheckSpec> = {
  kind: 'between',
  names: calls,
  options: ['except', 'label'],
  forms: [
    {
      line: 'overlap(train, holdout, by=key) = 0',
      says: 'nobody is in both; also by=COLUMN or by=[a, b]',
    },
    {
      line: 'overlap(train, holdout, by=features) < 0.01%',
      says: 'no row of the holdout was learned from',
    },
    {
      line: 'overlap(train, holdout, by=time) = 0',
      says: 'no row of the holdout before the end of training data',
    },
    { line: 'time(train) < time(holdout)', says: 'the same, as an order' },
    { line: 'rows(holdout) >= 0.1 * rows(train)', says: 'the sizes of a split' },
    { line: 'new_labels(train, holdout) = 0', says: 'no class that was never learned' },
    { line: 'balance(train, holdout) <= 5%', says: 'no class has another share, shown by bounds' },
  ],
  parse({ comparison, call }, read) {
    if (comparison === undefined || call === undefined) return undefined
    if (call.name === 'rows') return parseRatio(call.argument, comparison)
    const name = calls.find((one) => one === call.name)
    if (name === undefined) return undefined
    if (name === 'time') return parseOrder(call.argument, comparison)
    if (name === 'overlap') return parseOverlap(call.argument, comparison, read)
    return parseLabels(name, call.argument, comparison, read)
  },
  measure: () => ({
    method: 'unreadable',
    because: 'this is a check of two datasets; put it under between',
  }),
  judge: (spec, statistics, { confidence }) =>
    (isBetween(statistics) ? judgeBetween(spec.check, statistics, confidence) : undefined) ??
    mismatched(spec),
  warn: {
    read: (text, { check }) => ('limit' in check ? parseShare(text)?.value : undefined),
    of: ({ check }) =>
      'limit' in check ? { op: check.limit.op, limit: check.limit.value } : undefined,
    at: (spec, value) =>
      'limit' in spec.check
        ? { ...spec, check: { ...spec.check, limit: { ...spec.check.limit, value } } }
        : spec,
  },
}

function isBetween(statistics: CheckStatistics): statistics is BetweenStatistics {
  return betweenMethods.includes(statistics.method)
}

function part(check: BetweenCheck, id: string, text: string): Parsed {
  return { kind: 'between', id: `between.${id}`, text, check }
}

function parseOverlap(
  argument: Piece,
  { left, op, right }: Comparison,
  read: OptionReader,
): Parsed {
  const parts = argumentsOf(argument)
  const [one, other, ...rest] = parts
  const by = rest.length === 1 ? parseBy(rest[0] ?? '') : undefined
  if (one === undefined || other === undefined || by === undefined)
    return fail(
      left,
      'overlap needs two datasets and what makes rows the same',
      'Write overlap(train, holdout, by=key), by=features, by=rows, by=time or by=COLUMN.',
    )
  const limit = parseShare(right.text)
  if (limit === undefined || limit.value < 0)
    return fail(right, `"${right.text}" is not a number of rows`, 'Write = 0 or < 0.01%.')
  if (read.has('label')) read.complain('label says nothing to overlap')
  const except = read.texts('except')
  if (except.length > 0 && by !== 'features' && by !== 'rows')
    read.complain('except goes with by=features and by=rows')
  const written =
    typeof by === 'string'
      ? by
      : by.length === 1
        ? writeName(by[0] ?? '')
        : `[${by.map(writeName).join(', ')}]`
  const call = `overlap(${one}, ${other}, by=${written})`
  return part(
    {
      ...{ rule: 'overlap', left: one, right: other, by, except },
      limit: { op, value: limit.value },
      unit: limit.isPercent ? 'share' : 'rows',
    },
    `overlap(${one},${other}).${typeof by === 'string' ? by : by.join('+')}`,
    `${call} ${op} ${limit.isPercent ? writeShare(limit.value) : limit.value}`,
  )
}

function parseBy(text: string): OverlapBy | undefined {
  const value = /^by\s*=\s*(.+)$/s.exec(text)?.[1]?.trim()
  if (value === undefined) return undefined
  if (value === 'key' || value === 'features' || value === 'rows' || value === 'time') return value
  const names = value.startsWith('[') ? value.slice(1, -1).split(',') : [value]
  const columns = names.map((name) => unquote(name.trim())).filter((name) => name !== '')
  return columns.length > 0 ? columns : undefined
}

function parseOrder(argument: Piece, { left, op, right }: Comparison): Parsed {
  const other = splitCall(right)
  if (other?.name !== 'time' || !isName(argument.text) || !isName(other.argument.text))
    return fail(right, 'times of two datasets are compared', 'Write time(train) < time(holdout).')
  if (op !== '<' && op !== '<=')
    return fail(
      left,
      'the earlier dataset stands on the left',
      'Write time(train) < time(holdout).',
    )
  const [one, two] = [argument.text, other.argument.text]
  return part(
    { rule: 'order', left: one, op, right: two },
    `time(${one},${two})`,
    `time(${one}) ${op} time(${two})`,
  )
}

/** Undefined for `rows(…)` that is compared with something else: it may be another family's. */
function parseRatio(argument: Piece, { op, right }: Comparison): Parsed | undefined {
  const found = /^(?:(\S+)\s*\*\s*)?rows\s*\(\s*([\w-]+)\s*\)$/.exec(right.text)
  if (found === null || !isName(argument.text))
    return fail(
      right,
      'rows of two datasets are compared',
      'Write rows(holdout) >= 0.1 * rows(train).',
    )
  const factor = found[1] === undefined ? 1 : (parseShare(found[1])?.value ?? parseNumber(found[1]))
  const other = found[2] ?? ''
  if (factor === undefined || factor <= 0)
    return fail(right, `"${found[1]}" is not a factor`, 'Write 0.1 * rows(train).')
  const text = `rows(${argument.text}) ${op} ${factor === 1 ? '' : `${factor} * `}rows(${other})`
  return part(
    { rule: 'ratio', left: argument.text, op, factor, right: other },
    `rows(${argument.text},${other})`,
    text,
  )
}

function parseLabels(
  rule: 'new_labels' | 'balance',
  argument: Piece,
  { left, op, right }: Comparison,
  read: OptionReader,
): Parsed {
  const [one, other, ...rest] = argumentsOf(argument)
  if (one === undefined || other === undefined || rest.length > 0)
    return fail(
      left,
      `${rule} needs two datasets`,
      `Write ${rule}(train, holdout) ${rule === 'balance' ? '<= 5%' : '= 0'}.`,
    )
  const limit = parseShare(right.text)?.value
  if (limit === undefined || limit < 0) return fail(right, `"${right.text}" is not a limit`)
  if (rule === 'balance' && op !== '<' && op !== '<=')
    return fail(left, 'a change of balance is bounded from above', 'Write <= 5%.')
  if (read.has('except')) read.complain(`except says nothing to ${rule}`)
  const label = read.text('label')
  const call = `${rule}(${one}, ${other})`
  return part(
    {
      rule,
      left: one,
      right: other,
      limit: { op, value: limit },
      ...(label === null ? {} : { label }),
    },
    `${rule}(${one},${other})`,
    `${call} ${op} ${limit}`,
  )
}

/** Split at commas outside brackets. */
function argumentsOf({ text }: Piece): string[] {
  return text
    .split(/,(?![^[]*\])/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function isName(text: string): boolean {
  return /^[a-z][\w-]*$/i.test(text)
}
