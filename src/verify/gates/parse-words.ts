// Checks without a comparison sign: `age between 0 and 90`, `sex in [Male, Female]`, `unique(id)`, `age is integer`.
import { logicalTypes } from '../data/data-check.ts'
import {
  type Piece,
  parseList,
  parseNumber,
  piece,
  problemAt,
  splitCall,
  unquote,
} from './check-line.ts'
import type { CheckProblems } from './check-spec.ts'
import { dataPart, nearestHint, type PartialCheck, writeName } from './parse-parts.ts'

/** Undefined when the line has none of these forms. */
export function parseWordCheck(text: string): PartialCheck | CheckProblems | undefined {
  const whole = piece(text, 0, text.length)
  if (/^signature\s+honou?red$/.test(whole.text)) {
    return {
      kind: 'readiness',
      id: 'readiness.signature',
      text: 'signature honoured',
      subject: { what: 'signature' },
      op: '=',
      limit: 0,
    }
  }
  const call = splitCall(whole)
  if (call?.name === 'unique') return parseUnique(call.argument)
  const found = /^(.+?)\s+(has|between|in|is)\s+(.+)$/s.exec(whole.text)
  if (found === null) return undefined
  const [, subject = '', word, rest = ''] = found
  const right: Piece = { text: rest, offset: whole.offset + whole.text.length - rest.length }
  const column = unquote(subject)
  if (word === 'has') return column === 'columns' ? parseColumns(right, false) : undefined
  if (word === 'between') return parseBetween(column, right)
  if (word === 'in') return parseAllowed(column, right)
  return parseIs(column, right)
}

export function parseColumns(right: Piece, isClosed: boolean): PartialCheck | CheckProblems {
  const columns = parseList(right)?.map((member) => member.text)
  if (columns === undefined || columns.length === 0) {
    return {
      problems: [problemAt(right, 'a list of columns is needed', 'Write [age, education].')],
    }
  }
  const text = `columns ${isClosed ? '=' : 'has'} [${columns.map(writeName).join(', ')}]`
  return dataPart({ rule: 'columns', columns, isClosed }, text)
}

function parseUnique(argument: Piece): PartialCheck | CheckProblems {
  const columns = argument.text.split(',').map((name) => unquote(name.trim()))
  if (columns.some((name) => name === '')) {
    return {
      problems: [
        problemAt(argument, 'unique needs the columns of the key', 'Write unique(person_id).'),
      ],
    }
  }
  return dataPart({ rule: 'unique', columns }, `unique(${columns.map(writeName).join(', ')})`)
}

function parseBetween(column: string, right: Piece): PartialCheck | CheckProblems {
  const [from, to, ...more] = right.text.split(/\s+and\s+/)
  const least = parseNumber(from ?? '')
  const most = parseNumber(to ?? '')
  if (least === undefined || most === undefined || more.length > 0) {
    return {
      problems: [problemAt(right, `"${right.text}" is not a range`, 'Write between 0 and 90.')],
    }
  }
  if (least > most) {
    return {
      problems: [
        problemAt(
          right,
          `no number is between ${least} and ${most}`,
          'The smaller one comes first.',
        ),
      ],
    }
  }
  const limits = [
    { op: '>=' as const, value: least },
    { op: '<=' as const, value: most },
  ]
  if (column === 'rows')
    return dataPart({ rule: 'rows', limits }, `rows between ${least} and ${most}`)
  const text = `${writeName(column)} between ${least} and ${most}`
  return dataPart({ rule: 'range', column, limits, mostly: 1 }, text)
}

function parseAllowed(column: string, right: Piece): PartialCheck | CheckProblems {
  const members = parseList(right)
  if (members === undefined || members.length === 0) {
    return {
      problems: [problemAt(right, 'a list of allowed values is needed', 'Write [Male, Female].')],
    }
  }
  const values = members.map(({ text, isQuoted }) =>
    isQuoted ? text : (parseNumber(text) ?? text),
  )
  const shown = values.map((value) => (typeof value === 'number' ? value : JSON.stringify(value)))
  const text = `${writeName(column)} in [${shown.join(', ')}]`
  return dataPart({ rule: 'allowed', column, values, mostly: 1 }, text)
}

function parseIs(column: string, right: Piece): PartialCheck | CheckProblems {
  const text = `${writeName(column)} is ${right.text}`
  if (right.text === 'binary') return dataPart({ rule: 'binary', column }, text)
  const type = logicalTypes.find((one) => one === right.text)
  if (type !== undefined) return dataPart({ rule: 'type', column, type }, text)
  const hint = nearestHint(right.text, [...logicalTypes, 'binary'], 'types')
  return { problems: [problemAt(right, `${right.text} is not a type`, hint)] }
}
