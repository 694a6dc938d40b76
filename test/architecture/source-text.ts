// Reads TypeScript just well enough for house rules: blanks comments and literals, keeping every line where it was. No compiler, so that it stays fast.

export interface SourceText {
  /** Without comments and without what stands in strings, templates and regular expressions. */
  readonly code: string
  /** Without comments only: import paths can be read here. */
  readonly withStrings: string
}

type Ended = { readonly end: number; readonly isComment: boolean } | null

export function readSource(text: string): SourceText {
  const code = [...text]
  const withStrings = [...text]
  // A template's `${` opens code again; the stack says at which brace it ends.
  const openTemplates: number[] = []
  let depth = 0
  let index = 0
  while (index < text.length) {
    const character = text[index] ?? ''
    if (character === '{') depth++
    if (character === '}') {
      if (openTemplates.at(-1) === depth) {
        openTemplates.pop()
        depth--
        index = passTemplate(index + 1)
        continue
      }
      depth--
    }
    if (character === '`') {
      index = passTemplate(index + 1)
      continue
    }
    const literal = literalAt(text, index)
    if (literal === null) {
      index++
      continue
    }
    // Quotes stay: whoever looks at what stands before a brace wants to see that something was there.
    const [from, to] = literal.isComment ? [index, literal.end] : [index + 1, literal.end - 1]
    blank(code, from, to)
    if (literal.isComment) blank(withStrings, from, to)
    index = literal.end
  }
  return { code: code.join(''), withStrings: withStrings.join('') }

  function passTemplate(start: number): number {
    for (let at = start; at < text.length; at++) {
      if (text[at] === '\\') {
        blank(code, at, at + 2)
        at++
      } else if (text[at] === '`') return at + 1
      else if (text[at] === '$' && text[at + 1] === '{') {
        depth++
        openTemplates.push(depth)
        return at + 2
      } else blank(code, at, at + 1)
    }
    return text.length
  }
}

function literalAt(text: string, index: number): Ended {
  const character = text[index]
  const next = text[index + 1]
  if (character === '/' && next === '/') {
    const end = text.indexOf('\n', index)
    return { end: end === -1 ? text.length : end, isComment: true }
  }
  if (character === '/' && next === '*') {
    const end = text.indexOf('*/', index + 2)
    return { end: end === -1 ? text.length : end + 2, isComment: true }
  }
  if (character === "'" || character === '"') {
    return { end: endOfQuoted(text, index, character), isComment: false }
  }
  if (character === '/' && startsRegExp(text, index)) {
    return { end: endOfRegExp(text, index), isComment: false }
  }
  return null
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote || text[at] === '\n') return at + 1
  }
  return text.length
}

/** A slash divides after a value and starts a pattern everywhere else. */
function startsRegExp(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 40), index).trimEnd()
  if (before === '') return true
  if (/\b(return|typeof|case|in|of|yield|await)$/.test(before)) return true
  return !/[\w$)\]}'"`]$/.test(before)
}

function endOfRegExp(text: string, start: number): number {
  let inClass = false
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '\n') return start + 1
    else if (character === '/' && !inClass) return at + 1
  }
  return text.length
}

function blank(characters: string[], from: number, to: number): void {
  for (let at = from; at < Math.min(to, characters.length); at++) {
    if (characters[at] !== '\n') characters[at] = ' '
  }
}

/** 1-based. */
export function lineAt(text: string, index: number): number {
  let line = 1
  for (let at = 0; at < index; at++) if (text[at] === '\n') line++
  return line
}
