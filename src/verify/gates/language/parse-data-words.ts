// Data checks in words: `age between 0 and 90`, `sex in [Male, Female]`, `unique(id)`, `email is email`, `columns has [a, b]`.
import { type Bound, type Format, logicalTypes } from '../../data/data-check.ts'
import { parsedTypes, textFormats } from '../../data/formats.ts'
import type { CheckLine } from '../check-family.ts'
import { type Piece, parseList, parseNumber, parseShare, splitCall, unquote } from './check-line.ts'
import { aggregatePart, lengthPart, parseColumnList, parseShareOf } from './parse-data-forms.ts'
import {
  dataPart,
  isProblem,
  numericLimits,
  type ParsedData,
  parseBetweenBounds,
  parseBound,
  rowPart,
  writeBounds,
  writeNames,
  writeValues,
} from './parse-data-part.ts'
import { parseSqlCheck } from './parse-data-sql.ts'
import { fail, nearestHint, writeName } from './parse-parts.ts'
import type { OptionReader } from './read-options.ts'

export function parseWordedData(line: CheckLine, read: OptionReader): ParsedData {
  const { whole, call } = line
  if (call?.name === 'unique') return parseUnique(call.argument)
  if (/^sql(\s|$|["'(])/.test(whole.text)) return parseSqlCheck(whole, undefined, read)
  const holds = /^holds\s+(["'])([\s\S]+)\1$/.exec(whole.text)
  if (holds !== null) {
    const condition = (holds[2] ?? '').trim()
    return rowPart({ rule: 'holds', condition }, `holds ${JSON.stringify(condition)}`)
  }
  const found =
    /^("[^"]+"|'[^']+'|[a-z_]+\s*\(.*?\)|.+?)\s+(has|between|in|is|matches|ordered|parses\s+as)\s+(.+)$/s.exec(
      whole.text,
    )
  if (found === null) return undefined
  const [, subject = '', word = '', rest = ''] = found
  const right: Piece = { text: rest, offset: whole.offset + whole.text.length - rest.length }
  const asked = splitCall({ text: subject, offset: whole.offset })
  if (asked !== undefined)
    return word === 'between' ? parseCallBetween(line, asked, right) : undefined
  const column = unquote(subject)
  if (subject === 'columns') return parseColumnsWord(word, right)
  switch (word) {
    case 'between':
      return subject === 'rows' ? parseRowsBetween(right) : parseBetween(column, right)
    case 'in':
      // `format in [onnx]` asks about the artifact; a column of that name is written in quotes.
      return subject === 'format' ? undefined : parseAllowed(column, right)
    case 'is':
      return parseIs(column, right)
    case 'matches':
      return parseMatches(column, right)
    case 'has':
    case 'ordered':
      return undefined
    default:
      return parseParses(column, right)
  }
}

function parseColumnsWord(word: string, right: Piece): ParsedData {
  if (word === 'has' || word === 'ordered') return parseColumnList(right, word)
  return word === 'in' ? parseColumnList(right, 'closed') : undefined
}

function parseUnique(argument: Piece): ParsedData {
  const columns = argument.text.split(',').map((name) => unquote(name.trim()))
  if (columns.some((name) => name === ''))
    return fail(argument, 'unique needs the columns of the key', 'Write unique(person_id).')
  return dataPart({ rule: 'unique', columns }, `unique(${writeNames(columns)})`)
}

function parseCallBetween(
  line: CheckLine,
  { name, argument }: { readonly name: string; readonly argument: Piece },
  right: Piece,
): ParsedData {
  const isShare = ['share', 'mode_share', 'unique_share'].includes(name)
  const read = isShare ? (text: string) => parseShare(text)?.value : parseBound
  const limits = parseBetweenBounds(right, read, isShare ? '5% and 40%' : '0 and 90')
  if (isProblem(limits)) return limits
  if (name === 'share') return parseShareOf(line, argument, numericLimits(limits))
  if (name === 'length') return lengthPart(argument.text, numericLimits(limits))
  return aggregatePart(name, argument, limits)
}

function parseRowsBetween(right: Piece): ParsedData {
  const limits = parseBetweenBounds(right, parseNumber, '50_000 and 5_000_000')
  if (isProblem(limits)) return limits
  return dataPart({ rule: 'rows', limits: numericLimits(limits) }, `rows ${writeBounds(limits)}`)
}

function parseBetween(column: string, right: Piece): ParsedData {
  const limits = parseBetweenBounds(right, parseBound, '0 and 90')
  if (isProblem(limits)) return limits
  const range = limits.map(({ value }) => value).join(' and ')
  const bounds: readonly Bound[] = limits
  return rowPart({ rule: 'range', column, limits: bounds }, `${writeName(column)} between ${range}`)
}

function parseAllowed(column: string, right: Piece): ParsedData {
  const members = parseList(right)
  if (members === undefined || members.length === 0)
    return fail(right, 'a list of allowed values is needed', 'Write [Male, Female].')
  const values = members.map(({ text, isQuoted }) =>
    isQuoted ? text : (parseNumber(text) ?? text),
  )
  return rowPart(
    { rule: 'allowed', column, values },
    `${writeName(column)} in ${writeValues(values)}`,
  )
}

function parseMatches(column: string, right: Piece): ParsedData {
  // A pattern may hold quotes of its own: only those around the whole are taken away.
  const pattern = /^("[\s\S]*"|'[\s\S]*')$/.test(right.text) ? right.text.slice(1, -1) : right.text
  return rowPart(
    { rule: 'matches', column, pattern },
    `${writeName(column)} matches ${JSON.stringify(pattern)}`,
  )
}

function parseIs(column: string, right: Piece): ParsedData {
  const text = `${writeName(column)} is ${right.text}`
  if (right.text === 'binary') return dataPart({ rule: 'binary', column }, text)
  const type = logicalTypes.find((one) => one === right.text)
  if (type !== undefined) return dataPart({ rule: 'type', column, type }, text)
  const format = textFormats.find((one) => one === right.text)
  if (format !== undefined) return rowPart({ rule: 'format', column, format }, text)
  if (/^[A-Z][A-Z0-9_ ]*(\(.*\))?(\[\])*$/.test(right.text))
    return dataPart({ rule: 'physical_type', column, type: right.text }, text)
  const known = [...logicalTypes, 'binary', ...textFormats]
  return fail(right, `${right.text} is not a type`, nearestHint(right.text, known, 'types'))
}

function parseParses(column: string, right: Piece): ParsedData {
  const aliases: Readonly<Record<string, Format>> = { int: 'integer', float: 'number' }
  const format = aliases[right.text] ?? parsedTypes.find((one) => one === right.text)
  if (format === undefined) {
    const hint = nearestHint(right.text, parsedTypes, 'types')
    return fail(right, `text cannot be read as ${right.text}`, hint)
  }
  return rowPart({ rule: 'format', column, format }, `${writeName(column)} parses as ${format}`)
}
