// Reads what stands behind a pickle instruction: numbers, lines and counted bytes.
import { type ByteCursor, latin1, UnreadableContent, utf8 } from './byte-source.ts'
import type { Argument } from './pickle-opcodes.ts'
import { readInt, unescapeString, unescapeUnicode } from './pickle-text.ts'
import { other, type PickleValue } from './pickle-values.ts'

export interface ArgumentValue {
  /** What the instruction pushes, when it does nothing else. */
  readonly value?: PickleValue
  readonly number?: number
  readonly name?: string
  /** So many bytes before the cursor may hold something of their own. */
  readonly payload?: number
}

/** Longer texts are kept cut: no name of anything is as long. */
const longestText = 4096
const longestLine = 1 << 20
/** The smallest pickle that imports something has more bytes than this. */
const smallestPayload = 8

const nothing: ArgumentValue = {}
const pushesOther: ArgumentValue = { value: other }

export function readArgument(cursor: ByteCursor, kind: Argument, at: number): ArgumentValue {
  switch (kind) {
    case 'none':
      return nothing
    case 'u1':
    case 'u2':
    case 'u4':
      return { number: cursor.uint(Number(kind[1])) }
    case 'n1':
    case 'n2':
      return numberValue(cursor.uint(Number(kind[1])))
    case 'i4':
      return numberValue(cursor.uint(4) | 0)
    case 'u8':
      cursor.uint(8)
      return nothing
    case 'f8':
      cursor.skip(8)
      return pushesOther
    case 'line': {
      const number = readInt(cursor.line(longestLine))
      return number === undefined ? pushesOther : numberValue(number)
    }
    case 'memo_line': {
      const line = cursor.line(longestLine)
      const number = readInt(line)
      if (number !== undefined && number >= 0) return { number }
      throw new UnreadableContent(`"${latin1(line).slice(0, 20)}" is no place in the memo`, at)
    }
    case 'id_line':
      cursor.line(longestLine)
      return nothing
    case 'two_lines': {
      const module = utf8(cursor.line(longestLine))
      return { name: `${module}.${utf8(cursor.line(longestLine))}` }
    }
    case 'text_line':
      return { value: textOf(unescapeUnicode(cursor.line(longestLine))) }
    case 'escaped_line': {
      const text = unescapeString(cursor.line(longestLine))
      if (text === undefined) throw new UnreadableContent('a string is not quoted', at)
      return { value: textOf(text) }
    }
    case 'long1':
    case 'long4':
      cursor.skip(cursor.uint(Number(kind[4])))
      return pushesOther
    default:
      return countedOf(cursor, kind)
  }
}

function numberValue(value: number): ArgumentValue {
  return { value: { is: 'number', value } }
}

function countedOf(cursor: ByteCursor, kind: Argument): ArgumentValue {
  const length = cursor.uint(Number(kind.at(-1)))
  const from = cursor.at
  cursor.skip(length)
  const payload = length >= smallestPayload ? { payload: length } : {}
  if (kind.startsWith('bytes')) return { value: other, ...payload }
  const bytes = cursor.source.read(from, Math.min(length, longestText + 1))
  return { value: textOf(kind.startsWith('string') ? latin1(bytes) : utf8(bytes)), ...payload }
}

function textOf(text: string): PickleValue {
  return { is: 'text', text: text.length > longestText ? `${text.slice(0, longestText)}…` : text }
}
