// The surface of a check line: where the comparison stands, what is a number, a quantity or a list.
import type { Op } from '../../statistics/verdict.ts'
import type { CheckProblem } from '../check-spec.ts'

/** A piece of the line and where it stands. */
export interface Piece {
  readonly text: string
  readonly offset: number
}

export interface Comparison {
  readonly left: Piece
  readonly op: Op
  readonly right: Piece
}

export function piece(text: string, from: number, to: number): Piece {
  const raw = text.slice(from, to)
  return { text: raw.trim(), offset: from + (raw.length - raw.trimStart().length) }
}

/** Splits at the first comparison outside brackets and quotes; undefined when there is none. */
export function splitComparison(line: string): Comparison | undefined {
  let depth = 0
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const mark = line[at] ?? ''
    if (quote !== '') {
      if (mark === quote) quote = ''
    } else if (mark === '"' || mark === "'") quote = mark
    else if (mark === '@') at += (parameters.exec(line.slice(at))?.[0].length ?? 1) - 1
    else if (mark === '(' || mark === '[') depth++
    else if (mark === ')' || mark === ']') depth--
    else if (depth === 0 && /[<>=≤≥]/.test(mark)) {
      const [sign = mark] = /^(<=|>=|==|[<>=≤≥])/.exec(line.slice(at)) ?? []
      return {
        left: piece(line, 0, at),
        op: opOf[sign] ?? '=',
        right: piece(line, at + sign.length, line.length),
      }
    }
  }
  return undefined
}

/** Of a metric: `precision@recall=0.9`, `cost@fp=1, fn=5`. Their `=` compares nothing. */
const parameters = /^@[\w.%]*(?:=[\w.%]+(?:,\s*\w+=[\w.%]+)*)?/

const opOf: Readonly<Record<string, Op>> = {
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  '≤': '<=',
  '≥': '>=',
  '=': '=',
  '==': '=',
}

/** `name(argument)`; undefined for anything else. */
export function splitCall(of: Piece): { name: string; argument: Piece } | undefined {
  const found = /^([a-z_]+)\s*\((.*)\)$/s.exec(of.text)
  if (found === null) return undefined
  const [, name = '', inside = ''] = found
  const start = of.text.indexOf('(') + 1
  const argument = piece(inside, 0, inside.length)
  return {
    name,
    argument: { text: unquote(argument.text), offset: of.offset + start + argument.offset },
  }
}

/** `1_000`, `-0.5`, `1e-5`; undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  const compact = text.trim()
  if (!/^[+-]?\d[\d_]*(\.\d+)?([eE][+-]?\d+)?$/.test(compact)) return undefined
  const value = Number(compact.replaceAll('_', ''))
  // 1e999 would be a limit that everything keeps, and JSON has no word for it.
  return Number.isFinite(value) ? value : undefined
}

/** A number, or a percentage as a share. */
export function parseShare(text: string): { value: number; isPercent: boolean } | undefined {
  const isPercent = text.trim().endsWith('%')
  const value = parseNumber(isPercent ? text.trim().slice(0, -1) : text)
  if (value === undefined) return undefined
  // 7 / 100 and not 7 * 0.01, so that 7% is the same number as 0.07.
  return { value: isPercent ? value / 100 : value, isPercent }
}

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

/** `50MB`, `1.5 GB`, `200KiB` in bytes. */
export function parseBytes(text: string): number | undefined {
  const found = /^(\S*?\d)\s*([KMG]?i?B)$/.exec(text.trim())
  const amount = found === null ? undefined : parseNumber(found[1] ?? '')
  const unit = byteUnits[found?.[2] ?? '']
  return amount === undefined || unit === undefined ? undefined : amount * unit
}

/** The members of `[a, "b, c", 3]`; numbers stay text until the caller decides. */
export function parseList(of: Piece): readonly { text: string; isQuoted: boolean }[] | undefined {
  if (!of.text.startsWith('[') || !of.text.endsWith(']')) return undefined
  const members = of.text.slice(1, -1).match(/"[^"]*"|'[^']*'|[^,\s][^,]*/g) ?? []
  return members.map((member) => ({
    text: unquote(member.trim()),
    isQuoted: /^["']/.test(member),
  }))
}

export function unquote(text: string): string {
  return /^"[^"]*"$|^'[^']*'$/.test(text) ? text.slice(1, -1) : text
}

export function problemAt(at: Piece, message: string, hint?: string): CheckProblem {
  const place = { message, offset: at.offset, length: Math.max(1, at.text.length) }
  return hint === undefined ? place : { ...place, hint }
}
