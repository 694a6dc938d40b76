// The options of a check (`{by: sex, min_support: 50}`), read by type; what does not fit is collected, never guessed.
import { parseDuration } from '../../../foundation/duration.ts'
import type { CheckProblem } from '../check-spec.ts'
import { type Piece, parseNumber, parseShare, problemAt } from './check-line.ts'

export type CheckOptions = Readonly<Record<string, unknown>>

export interface OptionReader {
  readonly problems: readonly CheckProblem[]
  complain(message: string, hint?: string): null
  has(name: string): boolean
  text(name: string): string | null
  /** One text or a list of texts; empty when absent. */
  texts(name: string): readonly string[]
  /** One number or text or a list of them; empty when absent. */
  values(name: string): readonly (string | number)[]
  /** One of the words; the first when absent. */
  word<W extends string>(name: string, words: readonly [W, ...W[]]): W
  flag(name: string): boolean
  number(name: string, isAllowed: (value: number) => boolean, wanted: string): number | null
  /** Requests per second, as `50/s`. */
  rate(name: string): number | null
  /** In milliseconds. */
  duration(name: string): number | null
}

/** Problems point at the line, because options have no place of their own. */
export function optionReader(options: CheckOptions, line: Piece): OptionReader {
  const problems: CheckProblem[] = []
  const shown = (name: string) => JSON.stringify(options[name])
  const complain = (message: string, hint?: string) => {
    problems.push(problemAt(line, message, hint))
    return null
  }
  const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
  return {
    problems,
    complain,
    has: (name) => options[name] !== undefined,
    text(name) {
      const value = options[name]
      if (value === undefined || isText(value)) return value ?? null
      return complain(`${name} must be one text, got ${shown(name)}`)
    },
    texts(name) {
      const value = options[name]
      if (value === undefined) return []
      if (isText(value)) return [value]
      if (Array.isArray(value) && value.length > 0 && value.every(isText)) return value
      complain(`${name} must be a text or a list of texts, got ${shown(name)}`)
      return []
    },
    values(name) {
      const value = options[name]
      const list: readonly unknown[] = Array.isArray(value)
        ? value
        : value === undefined
          ? []
          : [value]
      const values = list.flatMap((one) =>
        typeof one === 'string' || typeof one === 'number' ? [one] : [],
      )
      if (values.length < list.length || (Array.isArray(value) && value.length === 0))
        complain(`${name} must be a list of numbers and texts, got ${shown(name)}`)
      return values
    },
    word(name, words) {
      const value = options[name]
      if (value === undefined) return words[0]
      const word = words.find((one) => one === value)
      if (word === undefined) complain(`${name} must be ${words.join(' or ')}, got ${shown(name)}`)
      return word ?? words[0]
    },
    flag(name) {
      const value = options[name]
      if (value === undefined || typeof value === 'boolean') return value ?? false
      complain(`${name} must be true or false, got ${shown(name)}`)
      return false
    },
    number(name, isAllowed, wanted) {
      const value = options[name]
      if (value === undefined) return null
      const parsed = typeof value === 'number' ? value : parseShare(String(value))?.value
      if (parsed !== undefined && isAllowed(parsed)) return parsed
      return complain(`${name} must be ${wanted}, got ${shown(name)}`)
    },
    rate(name) {
      const value = options[name]
      if (value === undefined) return null
      const parsed = parseNumber(String(value).replace(/\s*\/\s*s$/, ''))
      if (parsed !== undefined && parsed > 0) return parsed
      return complain(`${name} must be requests per second such as 50/s, got ${shown(name)}`)
    },
    duration(name) {
      const value = options[name]
      if (value === undefined) return null
      const parsed = parseDuration(String(value))
      return parsed ?? complain(`${name} must be a duration such as 30s, got ${shown(name)}`)
    },
  }
}
