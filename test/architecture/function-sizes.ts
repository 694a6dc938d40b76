// Finds function bodies by their braces. It reads formatted code: a return type stands on the line of its brace or inside brackets.
import { lineAt } from './source-text.ts'

export interface FunctionSize {
  readonly line: number
  /** From the opening brace to the closing one, without what lies inside nested functions: those are measured by themselves. */
  readonly lines: number
}

interface Block {
  readonly at: number
  readonly isFunction: boolean
  nestedLines: number
}

/** `code` without comments and literals. A factory is thus measured as a class would be: by what it does itself. */
export function functionSizes(code: string): FunctionSize[] {
  const found: FunctionSize[] = []
  const open: Block[] = []
  for (let at = 0; at < code.length; at++) {
    if (code[at] === '{') open.push({ at, isFunction: opensFunction(code, at), nestedLines: 0 })
    if (code[at] !== '}') continue
    const block = open.pop()
    if (block === undefined) continue
    const line = lineAt(code, block.at)
    const inside = lineAt(code, at) - line
    const outer = open.at(-1)
    if (outer) outer.nestedLines += block.isFunction ? inside : block.nestedLines
    // `Promise<{ a: string }>` after parameters looks like a body; bodies that matter have lines.
    if (block.isFunction && inside > 0) found.push({ line, lines: inside + 1 - block.nestedLines })
  }
  return found
}

const controlWords = /\b(if|for|while|switch|catch|with|await)$/

function opensFunction(code: string, brace: number): boolean {
  const before = code.slice(0, brace).trimEnd()
  if (before.endsWith('=>')) return true
  if (before.endsWith(')')) return isParameterList(before)
  const colon = returnTypeColon(before)
  return colon !== -1 && isParameterList(before.slice(0, colon).trimEnd())
}

/** `text` ends with `)`: does it close parameters rather than a condition? */
function isParameterList(text: string): boolean {
  const open = matchingOpen(text, text.length - 1)
  return open !== -1 && !controlWords.test(text.slice(0, open).trimEnd())
}

/** The place of the `:` after the parameters, when `text` ends with a return type; else -1. */
function returnTypeColon(text: string): number {
  for (let at = text.length - 1; at >= 0; at--) {
    const character = text[at] ?? ''
    if (')]}'.includes(character)) {
      at = matchingOpen(text, at)
      if (at === -1) return -1
    } else if (character === ':') {
      if (text.slice(0, at).trimEnd().endsWith(')')) return at
    } else if ('\n;{(['.includes(character)) return -1
    else if (character === '=' && text[at + 1] !== '>') return -1
  }
  return -1
}

function matchingOpen(text: string, close: number): number {
  let depth = 0
  for (let at = close; at >= 0; at--) {
    const character = text[at] ?? ''
    if (')]}'.includes(character)) depth++
    if ('([{'.includes(character)) depth--
    if (depth === 0) return at
  }
  return -1
}
