// Values of DVC's YAML files, kept as Python would see and print them: 1 and 1.0 differ, and keys keep their order. Pure.
import { parseDocument } from 'yaml'
import { sentenceOf } from '../../foundation/errors.ts'
import { type Refusal, refuse } from '../../foundation/refusal.ts'

/** A whole number is a bigint, any other a number. */
export type DvcValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly DvcValue[]
  | ReadonlyMap<string, DvcValue>

export type DvcMap = ReadonlyMap<string, DvcValue>

/** An empty file is an empty map, as it is for DVC. Refuses what is no YAML map at its top. */
export function parseDvcFile(path: string, text: string): DvcMap | Refusal {
  if (text.length > largest) return refuse('import.too_large', `${path} is larger than 16 MB`)
  const document = parseDocument(text, { version: '1.2', merge: true, intAsBigInt: true })
  const [error] = document.errors
  if (error) return unreadable(path, error.message.split('\n')[0] ?? error.message)
  try {
    const value = plain(document.toJS({ mapAsMap: true }), 0)
    if (value === null) return new Map()
    return isMap(value) ? value : unreadable(path, 'it is not a map at its top')
  } catch (thrown) {
    return unreadable(path, sentenceOf(thrown))
  }
}

const largest = 16 * 1024 * 1024
const deepest = 64

function unreadable(path: string, why: string): Refusal {
  return refuse('import.unreadable', `${path} cannot be read: ${why}`)
}

function plain(value: unknown, depth: number): DvcValue {
  if (depth > deepest) throw new Error(`it is nested more than ${deepest} deep`)
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1))
  if (value instanceof Map) {
    return new Map(
      [...value].map(([key, one]) => [pythonText(plain(key, depth + 1)), plain(one, depth + 1)]),
    )
  }
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
    case 'number':
    case 'string':
      return value
    default:
      throw new Error(`it holds a ${typeof value}, which has no plain form`)
  }
}

export function isMap(value: DvcValue | undefined): value is DvcMap {
  return value instanceof Map
}

export function isList(value: DvcValue | undefined): value is readonly DvcValue[] {
  return Array.isArray(value)
}

/** As DVC puts a value into a text: Python's str(), but true and false in lower case. */
export function pythonText(value: DvcValue): string {
  if (value === null) return 'None'
  if (typeof value === 'number') return pythonFloat(value)
  if (isList(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (isMap(value)) {
    return `{${[...value].map(([key, one]) => `${pythonRepr(key)}: ${pythonRepr(one)}`).join(', ')}}`
  }
  return String(value)
}

function pythonRepr(value: DvcValue): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'string') return pythonText(value)
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'"
  return `${quote}${value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)}${quote}`
}

/** repr() of a float: shortest digits as in JavaScript, but exponents from 1e16 and below 1e-4, and never without a point. */
function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    const sign = exponent.startsWith('-') ? '-' : '+'
    return `${digits}e${sign}${exponent.slice(1).padStart(2, '0')}`
  }
  const text = Object.is(value, -0) ? '-0' : String(value)
  return text.includes('.') ? text : `${text}.0`
}
