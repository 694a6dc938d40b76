// Data checks with a comparison sign: `rows >= 50_000`, `missing(age) <= 1%`, `mean(age) < 50`, `end_ts >= start_ts`.
import { parseDuration } from '../../../foundation/duration.ts'
import type { MissingCheck, PastLimit } from '../../data/data-check.ts'
import { knownMetricNames } from '../../metrics/metric.ts'
import type { CheckLine } from '../check-family.ts'
import { type Comparison, type Piece, parseNumber, parseShare } from './check-line.ts'
import {
  aggregateNames,
  aggregatePart,
  lengthPart,
  parseColumnList,
  parseShareOf,
} from './parse-data-forms.ts'
import { dataPart, nameOf, type ParsedData, parseBound, rowPart } from './parse-data-part.ts'
import { parseSqlCheck } from './parse-data-sql.ts'
import { fail, writeName, writeShare } from './parse-parts.ts'
import type { OptionReader } from './read-options.ts'

const missingCalls: Readonly<Record<string, Pick<MissingCheck, 'rule' | 'only'>>> = {
  missing: { rule: 'missing' },
  null: { rule: 'missing', only: 'null' },
  nan: { rule: 'missing', only: 'nan' },
  empty: { rule: 'missing', only: 'empty' },
  placeholder: { rule: 'missing', only: 'placeholder' },
  nonfinite: { rule: 'nonfinite' },
  infinite: { rule: 'infinite' },
}

const countedWords = ['rows', 'duplicates', 'conflicting_labels'] as const
const foundWords = ['constant_columns', 'all_unique_columns'] as const
export const dataWords: readonly string[] = [
  ...countedWords,
  ...foundWords,
  'columns',
  'freshness',
  'sql',
  'holds',
]
export const dataCalls: readonly string[] = [
  ...Object.keys(missingCalls),
  ...aggregateNames,
  'unique',
  'length',
  'share',
]

export function parseComparedData(
  line: CheckLine,
  comparison: Comparison,
  read: OptionReader,
): ParsedData {
  const { left, op, right } = comparison
  if (/^sql\b/.test(left.text)) return parseSqlCheck(left, { op, right }, read)
  if (line.call !== undefined) return parseCalled(line, line.call, comparison)
  if (left.text === 'rows') return parseRowCount(comparison)
  if (left.text === 'columns') {
    return op === '='
      ? parseColumnList(right, 'exact')
      : fail(left, 'columns are compared with =', 'Write columns = [a, b] or columns has [a, b].')
  }
  if (left.text === 'freshness') return parseFreshness(undefined, comparison)
  const counted = countedWords.find((word) => word === left.text)
  if (counted !== undefined) return parseCounted(counted, comparison)
  const found = foundWords.find((word) => word === left.text)
  if (found !== undefined) return parseFound(found, comparison)
  return parseTwoColumns(comparison)
}

function parseCalled(
  line: CheckLine,
  { name, argument }: { readonly name: string; readonly argument: Piece },
  comparison: Comparison,
): ParsedData {
  const { left, op, right } = comparison
  if (name === 'unique')
    return fail(left, 'unique is not compared with anything', `Write unique(${argument.text}).`)
  if (name === 'duplicates') return parseScoped(argument, comparison)
  if (name === 'freshness') return parseFreshness(argument.text, comparison)
  if (!dataCalls.includes(name)) return undefined
  if (argument.text === '') return fail(left, `${name} needs a column`, `Write ${name}(age).`)
  if (name === 'share') {
    const value = parseShare(right.text)?.value
    if (value === undefined || value < 0 || value > 1)
      return fail(right, `"${right.text}" is not a share`, 'Write 5% or 0.05.')
    return parseShareOf(line, argument, [{ op, value }])
  }
  if (name === 'length') {
    const value = parseNumber(right.text)
    return value === undefined
      ? fail(right, `"${right.text}" is not a length`)
      : lengthPart(argument.text, [{ op, value }])
  }
  const missing = missingCalls[name]
  if (missing !== undefined) return parseMissing({ name, ...missing }, argument, comparison)
  const value = /^(mode_share|unique_share)$/.test(name)
    ? parseShare(right.text)?.value
    : parseBound(right.text)
  if (value === undefined) return fail(right, `"${right.text}" is not a number`)
  return aggregatePart(name, argument, [{ op, value }])
}

function parseMissing(
  { name, rule, only }: Pick<MissingCheck, 'rule' | 'only'> & { readonly name: string },
  { text: column }: Piece,
  { op, right }: Comparison,
): ParsedData {
  const share = parseShare(right.text)
  const call = `${name}(${writeName(column)})`
  if (share === undefined || share.value < 0 || share.value > 1) {
    const message = `${call} is a share of rows, and "${right.text}" is none`
    return fail(right, message, 'Write 1% or 0.01.')
  }
  return dataPart(
    { rule, column, limit: { op, value: share.value }, ...(only === undefined ? {} : { only }) },
    `${call} ${op} ${share.value}`,
    `data.${name}(${column})`,
  )
}

function parseRowCount({ left, op, right }: Comparison): ParsedData {
  const value = parseNumber(right.text)
  if (value !== undefined && value >= 0)
    return dataPart({ rule: 'rows', limits: [{ op, value }] }, `rows ${op} ${value}`)
  const found = /^(?:(\S+)\s*\*\s*)?(champion|trailing_mean\s*\(\s*(\d+)\s*\))$/.exec(right.text)
  const factor = found?.[1] === undefined ? 1 : parseShare(found[1])?.value
  if (found === null || factor === undefined || factor <= 0) {
    const hint = `Write ${left.text} ${op} 50_000 or rows ${op} 0.9 * champion.`
    return fail(right, `"${right.text}" is not a number of rows`, hint)
  }
  const over = Number(found[3] ?? 1)
  if (over < 1) return fail(right, 'a trailing mean is over one release or more')
  const of = found[2] === 'champion' ? 'champion' : 'trailing_mean'
  const past: PastLimit = { op, factor, of, over }
  const name = of === 'champion' ? of : `${of}(${over})`
  return dataPart(
    { rule: 'rows', limits: [], past },
    `rows ${op} ${factor} * ${name}`,
    `data.rows.${of}`,
  )
}

function parseCounted(
  rule: 'rows' | 'duplicates' | 'conflicting_labels',
  { op, right }: Comparison,
): ParsedData {
  const share = parseShare(right.text)
  if (share === undefined || share.value < 0)
    return fail(right, `"${right.text}" is not a number of rows`, `Write ${rule} ${op} 100 or 1%.`)
  const limit = { op, value: share.value }
  const text = `${rule} ${op} ${share.isPercent ? writeShare(share.value) : share.value}`
  if (rule === 'rows') return undefined
  return dataPart({ rule, limit, unit: share.isPercent ? 'share' : 'rows' }, text)
}

/** `duplicates(features)`, `duplicates(features+label)`. */
function parseScoped(argument: Piece, { op, right }: Comparison): ParsedData {
  const compact = argument.text.replace(/\s+/g, '')
  const scope =
    compact === 'features'
      ? 'features'
      : compact === 'features+label'
        ? 'features_label'
        : undefined
  if (scope === undefined)
    return fail(
      argument,
      `duplicates in ${argument.text} are not known`,
      'Write duplicates(features) or duplicates(features+label).',
    )
  const share = parseShare(right.text)
  if (share === undefined || share.value < 0)
    return fail(right, `"${right.text}" is not a number of rows`, 'Write 100 or 1%.')
  const shown = share.isPercent ? writeShare(share.value) : share.value
  return dataPart(
    {
      rule: 'duplicates',
      limit: { op, value: share.value },
      unit: share.isPercent ? 'share' : 'rows',
      scope,
    },
    `duplicates(${compact}) ${op} ${shown}`,
    `data.duplicates(${compact})`,
  )
}

function parseFound(rule: (typeof foundWords)[number], { op, right }: Comparison): ParsedData {
  const value = parseNumber(right.text)
  if (value === undefined || value < 0)
    return fail(right, `"${right.text}" is not a number of columns`, `Write ${rule} = 0.`)
  return dataPart({ rule, limit: { op, value } }, `${rule} ${op} ${value}`)
}

function parseFreshness(column: string | undefined, { left, op, right }: Comparison): ParsedData {
  const limitMs = parseDuration(right.text)
  if (limitMs === undefined) return fail(right, `"${right.text}" is not a duration`, 'Write 26h.')
  if (op !== '<' && op !== '<=')
    return fail(left, 'freshness is an age and bounded from above', 'Write freshness < 26h.')
  const call = column === undefined ? 'freshness' : `freshness(${writeName(column)})`
  return dataPart(
    { rule: 'freshness', ...(column === undefined ? {} : { column }), op, limitMs },
    `${call} ${op} ${limitMs}ms`,
  )
}

/** Words other families compare with. */
const reserved = [
  'champion',
  'anchor',
  'baseline',
  'reference',
  'recorded',
  'clean',
  'true',
  'false',
]

function parseTwoColumns({ left, op, right }: Comparison): ParsedData {
  const one = nameOf(left.text)
  const other = nameOf(right.text)
  if (one === undefined || other === undefined || reserved.includes(right.text)) return undefined
  const names: readonly string[] = knownMetricNames
  if (names.includes(left.text)) return undefined
  return rowPart(
    { rule: 'compare', left: one, op, right: other },
    `${writeName(one)} ${op} ${writeName(other)}`,
  )
}
